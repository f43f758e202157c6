// SPDX-License-Identifier: Apache-2.0

import API
import Notation

/// Events as an operator reads them.
enum EventReport {
    /// Nearly all came by webhook.
    private static func unusualSource(_ event: Object<EventsAPI.Event>) -> String? {
        event.source == EventsAPI.SourceWord.webhook.rawValue ? nil : event.source
    }

    static func list(_ events: [Object<EventsAPI.Event>], _ terminal: Terminal) -> [String] {
        if events.isEmpty { return ["no events"] }
        var table = TextTable(
            "ID", "TYPE", "STATUS", "RECEIVED", "CREATED", "CUSTOMER", "ACCOUNT", "SOURCE", "SECRET", "ATTEMPTS", "NOTE"
        )
        for event in events {
            table.add(
                event.id, event.type, event.status, Field.second(event.receivedAt), Field.text(event.created),
                event.customer, event.account, unusualSource(event), event.secret, Field.text(event.attempts),
                note(event)
            )
        }
        return table.lines(terminal)
    }

    static func statistics(_ statistics: Object<EventsAPI.Statistics>, _ terminal: Terminal) -> [String] {
        let times = "from \(Field.second(statistics.receivedAfter)) to \(Field.second(statistics.receivedBefore))"
        let newest = statistics.truncated ? ", the newest of more" : ""
        var types = TextTable("COUNT", "STATUS", "TYPE", "NOTE", "LAST RECEIVED")
        for group in statistics.data {
            types.add(
                Field.text(group.count), group.status, group.type, group.detail, Field.second(group.lastReceivedAt))
        }
        var secrets = TextTable("COUNT", "SECRET", "LAST RECEIVED")
        for signed in statistics.secrets {
            secrets.add(Field.text(signed.count), signed.secret ?? "not known", Field.second(signed.lastReceivedAt))
        }
        return [terminal.bold("\(statistics.count) events \(times)\(newest)")]
            + section("By type and end", types, terminal) + section("By webhook secret", secrets, terminal)
    }

    /// What went wrong, or why it changed nothing; for a dismissed event both.
    private static func note(_ event: Object<EventsAPI.Event>) -> String? {
        let notes = [event.detail, event.error].compactMap(\.self)
        return notes.isEmpty ? nil : notes.joined(separator: ": ")
    }

    static func show(_ event: Object<EventsAPI.Detail>, _ terminal: Terminal) -> [String] {
        let names = [event.id, event.type, event.status].compactMap(\.self).map(TerminalSafe.text)
        var lines = [terminal.bold(names.joined(separator: "  "))]
        lines += Field.lines([
            ("error", event.error), ("detail", event.detail), ("customer", event.customer),
            ("account", event.account), ("created", Field.text(event.created)),
            ("received", Field.text(event.receivedAt)), ("api version", event.apiVersion),
            ("live mode", Field.text(event.livemode)), ("source", event.source),
            ("signed with", event.secret), ("attempts", Field.text(event.attempts)),
        ])
        lines += section("Attempts", attempts(event.history), terminal)
        lines += section("Changed", changes(event.changes), terminal)
        lines += section("Credits", LedgerReport.table(event.ledger, namesCustomers: true), terminal)
        return lines + payload(event, terminal)
    }

    private static func attempts(_ history: [Object<EventsAPI.Attempt>]) -> TextTable {
        var table = TextTable("#", "STARTED", "FINISHED", "OUTCOME", "NOTE", "REPLAYED BY")
        for attempt in history {
            table.add(
                Field.text(attempt.number), Field.text(attempt.startedAt), Field.text(attempt.finishedAt),
                attempt.outcome, attempt.message, attempt.operator
            )
        }
        return table
    }

    private static func changes(_ changes: [Object<CustomersAPI.Change>]) -> TextTable {
        var table = TextTable("AT", "CUSTOMER", "ACCESS", "REASON", "UNTIL")
        for change in changes {
            table.add(
                Field.text(change.at), change.customer, Field.access(change.allowed), change.reason,
                Field.text(change.until)
            )
        }
        return table
    }

    private static func payload(_ event: Object<EventsAPI.Detail>, _ terminal: Terminal) -> [String] {
        let title = ["", terminal.bold("Payload")]
        if let encoded = event.payloadBase64 { return title + ["not JSON; in base64:", TerminalSafe.text(encoded)] }
        guard event.payload != .null else { return title + ["no longer kept"] }
        return title + PrettyJSON.text(event.payload).split(separator: "\n").map { TerminalSafe.text(String($0)) }
    }

    static func section(_ title: String, _ table: TextTable, _ terminal: Terminal) -> [String] {
        table.isEmpty ? [] : ["", terminal.bold(title)] + table.lines(terminal)
    }
}
