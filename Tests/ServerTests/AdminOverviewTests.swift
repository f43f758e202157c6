// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import Notation
import TestSupport
import Testing

@testable import Server
@testable import Store

/// Overviews for operators: how events ended, and which customers are blocked.
@Suite(.serialized) struct AdminOverviewTests {
    // MARK: Events

    private func counts(_ answer: JSON) -> [String] {
        (answer["data"]?.array ?? []).map { group in
            let words = ["type", "status", "detail"].map { group[$0]?.string ?? "-" }
            return (words + [String(group["count"]?.integer ?? -1)]).joined(separator: " ")
        }
    }

    private func deliverSome(_ server: ServerFixture) async throws {
        try await server.handle([
            Events.checkout(id: "evt_1"), Events.checkout(id: "evt_2", session: "cs_2", paymentIntent: "pi_2"),
            Events.checkout(id: "evt_3", customer: "cus_2", credits: "lots"),
            Events.event("customer.created", id: "evt_4", created: Events.midnight + .seconds(60), object: [:]),
        ])
        _ = try await server.deliver(Array("no event".utf8), secret: server.connectSecret)
    }

    @Test func `events are counted by type and end, and by secret`() async throws {
        try await ServerFixture.with { server in
            let empty = try await server.admin("GET", "/events/stats").json
            #expect(empty["count"] == 0)
            #expect(empty["data"] == [])
            try await deliverSome(server)
            let all = try await server.admin("GET", "/events/stats").json
            #expect(
                counts(all) == [
                    "checkout.session.completed processed - 2", "checkout.session.completed failed - 1",
                    "customer.created ignored unhandled_type 1", "- quarantined - 1",
                ])
            #expect(all["count"] == 5)
            #expect(all["truncated"] == false)
            let secrets = (all["secrets"]?.array ?? []).map {
                "\($0["secret"]?.string ?? "-") \($0["count"]?.integer ?? 0)"
            }
            #expect(secrets == ["platform 4", "connect 1"])
            let window = try ["received_after", "received_before"].map { name in
                try #require(all[name]?.string.flatMap(Timestamp.init(rfc3339:)))
            }
            #expect(window[1] == window[0] + .seconds(86_400))
        }
    }

    @Test func `every filter of a count narrows it, and times are of receipt`() async throws {
        try await ServerFixture.with { server in
            try await deliverSome(server)
            // Received yesterday.
            try await server.sql { connection in
                _ = try connection.execute(
                    "UPDATE tollgate.event SET received_at = received_at - interval '25 hours' WHERE id = 'evt_1'")
            }
            let yesterday = Timestamp.now - .seconds(26 * 3600)
            let noon = Timestamp.now - .seconds(12 * 3600)
            for (query, count) in [
                ("", 4), ("received_after=\(yesterday)", 5), ("received_after=\(yesterday)&received_before=\(noon)", 1),
                ("received_before=\(noon)", 1), ("type=customer.created", 1), ("customer=cus_2", 1),
                ("secret=connect", 1), ("source=webhook", 4), ("source=spool", 0), ("created_after=1795478400", 1),
                ("created_before=1795478401", 3), ("type=x", 0),
                // Received more than a day ago, but created in the requested time.
                ("created_after=1795392000&created_before=1795478401", 3), ("created_after=1795478399", 4),
            ] as [(String, Int64)] {
                let answer = try await server.admin("GET", "/events/stats?\(query)")
                #expect(try answer.json["count"]?.integer == count, "\(query): \(answer.text)")
            }
            for query in ["status=failed", "limit=5"] {
                #expect(try await server.admin("GET", "/events/stats?\(query)").summary == "400 unknown_parameter")
            }
            // The list takes the same times.
            let older = try await server.admin("GET", "/events?received_before=\(noon)").json["data"]?.array ?? []
            #expect(older.map { $0["id"] } == ["evt_1"])
            #expect(try await server.admin("GET", "/events?received_after=\(noon)").json["data"]?.array?.count == 4)
        }
    }

    @Test func `what was missed is found apart, and what Stripe was asked for has no secret`() async throws {
        try await ServerFixture.with { server in
            try await deliverSome(server)
            // Of two that came by backfill, a comparison has found one.
            try await server.sql { connection in
                _ = try connection.execute(
                    "UPDATE tollgate.event SET source = 'backfill', secret = NULL WHERE id IN ('evt_1', 'evt_2')")
                _ = try connection.execute("INSERT INTO tollgate.missed_event (event_id) VALUES ('evt_1')")
            }
            for (query, ids) in [
                ("missed=true", ["evt_1"]), ("source=backfill", ["evt_1", "evt_2"]),
                ("missed=false&source=backfill", ["evt_2"]), ("missed=true&status=failed", []),
                ("missed=true&source=webhook", []),
            ] {
                let listed = try await server.admin("GET", "/events?\(query)").json["data"]?.array
                #expect(Set(listed?.compactMap { $0["id"]?.string } ?? ["none"]) == Set(ids), "\(query)")
            }
            for (query, count, secrets) in [
                ("missed=true", 1, []), ("source=backfill", 2, []), ("missed=false", 4, ["platform 2", "connect 1"]),
                ("", 5, ["platform 2", "connect 1"]),
            ] as [(String, Int64, [String])] {
                let counted = try await server.admin("GET", "/events/stats?\(query)").json
                #expect(counted["count"]?.integer == count, "\(query)")
                let signed = (counted["secrets"]?.array ?? []).map {
                    "\($0["secret"]?.string ?? "-") \($0["count"]?.integer ?? 0)"
                }
                #expect(signed.sorted() == secrets.sorted(), "\(query): \(signed)")
            }
        }
    }

    @Test func `the words of the contract allow what the rules allow`() {
        for reason in Reason.allCases {
            #expect(AccessAPI.ReasonWord(rawValue: reason.rawValue)?.allows == reason.allows)
        }
    }

    @Test func `a count that would take too long is of the newest, and says from when on`() async throws {
        try await ServerFixture.with { server in
            try await deliverSome(server)
            let counted = try await server.store.events.count(EventFilter(), atMost: 3)
            #expect(counted.count == 3)
            #expect(counted.isTruncated)
            var filter = EventFilter()
            filter.receivedAfter = counted.receivedAfter
            let rest = try await server.store.events.count(filter)
            #expect(rest.count == 3)
            #expect(!rest.isTruncated)
        }
    }

    // MARK: Customers

    private func ids(_ server: ServerFixture, _ query: String) async throws -> [String] {
        let answer = try await server.admin("GET", "/customers?limit=100\(query)")
        #expect(answer.status == 200, "\(query): \(answer.text)")
        return try answer.json["data"]?.array?.compactMap { $0["customer"]?.string } ?? []
    }

    /// Two allowed customers, by credits and by an override; two blocked ones, for lack of credits and by an override.
    private func makeSome(_ server: ServerFixture) async throws {
        for (customer, amount) in [("cus_a", 5), ("cus_c", -5)] {
            _ = try await server.admin(
                "POST", "/customers/\(customer)/credits", headers: [("Idempotency-Key", customer)],
                body: #"{"amount":\#(amount),"reason":"r"}"#)
        }
        for (customer, allowed) in [("cus_b", true), ("cus_d", false)] {
            _ = try await server.admin(
                "PUT", "/customers/\(customer)/override", body: #"{"allowed":\#(allowed),"reason":"r"}"#)
        }
    }

    @Test func `customers are listed by id, and every filter narrows the list`() async throws {
        try await ServerFixture.with { server in
            #expect(try await server.admin("GET", "/customers").text == #"{"data":[],"has_more":false}"#)
            try await makeSome(server)
            let now = Timestamp.now
            for (query, expected) in [
                ("", ["cus_a", "cus_b", "cus_c", "cus_d"]), ("&allowed=true", ["cus_a", "cus_b"]),
                ("&allowed=false", ["cus_c", "cus_d"]), ("&reason=override_deny", ["cus_d"]),
                ("&allowed=false&reason=override_deny", ["cus_d"]), ("&allowed=true&reason=override_deny", []),
                ("&reason=disputed", []), ("&changed_after=\(now - .seconds(60))&allowed=false", ["cus_c", "cus_d"]),
                ("&changed_after=\(now - .seconds(60))&reason=credits", ["cus_a"]),
                ("&changed_after=\(now + .seconds(60))", []), ("&starting_after=cus_b", ["cus_c", "cus_d"]),
                ("&starting_after=cus_bb&allowed=false", ["cus_c", "cus_d"]), ("&starting_after=cus_d", []),
                ("&changed_after=\(now - .seconds(60))&starting_after=cus_c", ["cus_d"]),
            ] as [(String, [String])] {
                #expect(try await ids(server, query) == expected, "\(query)")
            }
            let line = try #require(try await server.admin("GET", "/customers?reason=credits").json["data"]?[0]?.object)
            var access = try #require(try await server.access("cus_a").object)
            access["changed_at"] = line["changed_at"]
            #expect(line == access)
            for query in ["allowed=yes", "reason=poor", "changed_after=yesterday", "starting_after=cus.1", "limit=0"] {
                #expect(
                    try await server.admin("GET", "/customers?\(query)").summary == "400 invalid_parameter", "\(query)")
            }
        }
    }

    @Test func `pages of customers join to the whole list`() async throws {
        try await ServerFixture.with(workers: 0, sweeping: false) { server in
            let expected = (100..<157).map { "cus_\($0)" }
            try await server.sql { connection in
                _ = try connection.executeScript(
                    """
                    INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
                    SELECT 'cus_' || n, n % 3 = 0, CASE n % 3 WHEN 0 THEN 'credits' WHEN 1 THEN 'disputed'
                           ELSE 'payment_overdue' END, now(), 1
                    FROM generate_series(100, 156) n
                    """)
            }
            for (query, wanted) in [
                ("", expected), ("&allowed=false", expected.filter { (Int($0.dropFirst(4)) ?? 0) % 3 != 0 }),
            ] {
                var found: [String] = []
                var hasMore = true
                while hasMore {
                    let after = found.last.map { "&starting_after=\($0)" } ?? ""
                    let page = try await server.admin("GET", "/customers?limit=7\(query)\(after)").json
                    found += page["data"]?.array?.compactMap { $0["customer"]?.string } ?? []
                    hasMore = try #require(page["has_more"]?.bool as Bool?)
                }
                #expect(found == wanted)
            }
        }
    }

    @Test func `who loses access by time alone is in the list at once, before anything is swept`() async throws {
        try await ServerFixture.with(workers: 0, sweeping: false) { server in
            let start = Timestamp.now
            try await server.sql { connection in
                _ = try connection.executeScript(
                    """
                    INSERT INTO tollgate.account (customer_id, allowed, reason, until, changed_at, version, upcoming)
                    SELECT 'cus_' || n, true, 'grace_period', now() + make_interval(mins => n), now() - interval '1 day', 7,
                           jsonb_build_array(
                               jsonb_build_object('from', now() + make_interval(mins => n), 'allowed', false,
                                                  'reason', 'payment_overdue', 'until', NULL, 'version', 8))
                    FROM generate_series(-2, 2) n WHERE n <> 0
                    """)
            }
            #expect(try await ids(server, "&allowed=false") == ["cus_-1", "cus_-2"])
            #expect(try await ids(server, "&reason=payment_overdue") == ["cus_-1", "cus_-2"])
            #expect(try await ids(server, "&allowed=true") == ["cus_1", "cus_2"])
            #expect(try await ids(server, "") == ["cus_-1", "cus_-2", "cus_1", "cus_2"])
            #expect(try await ids(server, "&changed_after=\(start - .seconds(90))") == ["cus_-1"])
        }
    }

    @Test func `who is blocked for a reason is found by an index, however many customers there are`() async throws {
        try await ServerFixture.with(workers: 0, sweeping: false) { server in
            let plan = try await server.sql { connection in
                _ = try connection.executeScript("SET LOCAL enable_seqscan = off")
                return try connection.execute(
                    """
                    EXPLAIN SELECT a.customer_id FROM tollgate.account a
                    WHERE a.reason = 'disputed' AND a.customer_id > 'cus_1' ORDER BY a.customer_id LIMIT 10
                    """
                ).map { try $0.decode(String.self) }.joined(separator: "\n")
            }
            #expect(plan.contains("account_reason"))
            #expect(!plan.contains("Sort"))
        }
    }
}
