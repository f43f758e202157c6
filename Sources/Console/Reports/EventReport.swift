// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe

/// Events as an operator reads them. The admin API may leave out any field.
enum EventReport {
    static func list(_ answer: JSON, _ terminal: Terminal) -> [String] {
        let events = answer["data"]?.array ?? []
        if events.isEmpty { return ["no events"] }
        var table = TextTable(
            "ID", "TYPE", "STATUS", "RECEIVED", "CREATED", "CUSTOMER", "ACCOUNT", "SECRET", "ATTEMPTS", "NOTE")
        for event in events {
            table.add(
                Field.text(event["id"]), Field.text(event["type"]), Field.text(event["status"]),
                Field.text(event["received_at"]).map(second), Field.text(event["created"]),
                Field.text(event["customer"]), Field.text(event["account"]), Field.text(event["secret"]),
                Field.text(event["attempts"]), note(event)
            )
        }
        return table.lines(terminal)
    }

    static func statistics(_ answer: JSON, _ terminal: Terminal) -> [String] {
        let times = ["received_after", "received_before"].map {
            TerminalSafe.text(Field.text(answer[$0]).map(second) ?? "?")
        }
        let isTruncated = answer["truncated"]?.bool == true
        let newest = isTruncated ? ", the newest of more" : ""
        let headline = "\(Field.text(answer["count"]) ?? "0") events from \(times[0]) to \(times[1])\(newest)"
        var types = TextTable("COUNT", "STATUS", "TYPE", "NOTE", "LAST RECEIVED")
        for group in answer["data"]?.array ?? [] {
            types.add(
                Field.text(group["count"]), Field.text(group["status"]), Field.text(group["type"]),
                Field.text(group["detail"]), Field.text(group["last_received_at"]).map(second))
        }
        var secrets = TextTable("COUNT", "SECRET", "LAST RECEIVED")
        for signed in answer["secrets"]?.array ?? [] {
            secrets.add(
                Field.text(signed["count"]), Field.text(signed["secret"]) ?? "not known",
                Field.text(signed["last_received_at"]).map(second))
        }
        return [terminal.bold(headline)] + section("By type and end", types, terminal)
            + section("By webhook secret", secrets, terminal)
    }

    /// What went wrong, or why it changed nothing; of a dismissed event both.
    private static func note(_ event: JSON) -> String? {
        let notes = [Field.text(event["detail"]), Field.text(event["error"])].compactMap { $0 }
        return notes.isEmpty ? nil : notes.joined(separator: ": ")
    }

    /// A time without its fraction, which is of use to programs alone.
    private static func second(_ time: String) -> String {
        guard let dot = time.firstIndex(of: "."), time.hasSuffix("Z") else { return time }
        return time[..<dot] + "Z"
    }

    static func show(_ event: JSON, _ terminal: Terminal) -> [String] {
        let names = ["id", "type", "status"].compactMap { Field.text(event[$0]).map(TerminalSafe.text) }
        var lines = [terminal.bold(names.joined(separator: "  "))]
        lines += Field.lines(
            event,
            [
                ("error", "error"), ("detail", "detail"), ("customer", "customer"), ("account", "account"),
                ("created", "created"), ("received", "received_at"), ("api version", "api_version"),
                ("live mode", "livemode"), ("signed with", "secret"), ("attempts", "attempts"),
            ]
        )
        lines += section("Attempts", attempts(event["history"]), terminal)
        lines += section("Changed", changes(event["changes"]), terminal)
        lines += section("Credits", LedgerReport.table(event["ledger"]), terminal)
        return lines + payload(event, terminal)
    }

    private static func attempts(_ history: JSON?) -> TextTable {
        var table = TextTable("#", "STARTED", "FINISHED", "OUTCOME", "MESSAGE", "REPLAYED BY")
        for attempt in history?.array ?? [] {
            table.add(
                Field.text(attempt["number"]), Field.text(attempt["started_at"]), Field.text(attempt["finished_at"]),
                Field.text(attempt["outcome"]), Field.text(attempt["message"]), Field.text(attempt["operator"])
            )
        }
        return table
    }

    private static func changes(_ changes: JSON?) -> TextTable {
        var table = TextTable("AT", "CUSTOMER", "ACCESS", "REASON", "UNTIL")
        for change in changes?.array ?? [] {
            table.add(
                Field.text(change["at"]), Field.text(change["customer"]), Field.access(change["allowed"]),
                Field.text(change["reason"]), Field.text(change["until"])
            )
        }
        return table
    }

    private static func payload(_ event: JSON, _ terminal: Terminal) -> [String] {
        let title = ["", terminal.bold("Payload")]
        if let payload = event["payload"] {
            return title + PrettyJSON.text(payload).split(separator: "\n").map { TerminalSafe.text(String($0)) }
        }
        if let encoded = event["payload_base64"]?.string {
            return title + ["not JSON; in base64:", TerminalSafe.text(encoded)]
        }
        return title + ["no longer kept"]
    }

    static func section(_ title: String, _ table: TextTable, _ terminal: Terminal) -> [String] {
        table.isEmpty ? [] : ["", terminal.bold(title)] + table.lines(terminal)
    }
}
