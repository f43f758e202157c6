// SPDX-License-Identifier: Apache-2.0

import Billing
import Hashing
import Logging
import Notation
import Postgres
import Store
import Stripe
import TestSupport
import Testing

@Suite struct WorkerTests {
    @Test func `a subscription is paid, fails, runs out of grace, and is paid again`() async throws {
        let policy = Policy(gracePeriod: .seconds(20))
        try await Pipeline.with(policy: policy, sweeping: true) { pipeline in
            // The grace period starts at the event's time, so the events are created now.
            let now = Timestamp(seconds: Timestamp.now.seconds)
            try await pipeline.handle([
                Events.invoice("invoice.paid", id: "evt_1", created: now, periodEnd: now + .seconds(86400))
            ])
            #expect(try await pipeline.reason() == .invoicePaid)

            try await pipeline.handle([
                Events.invoice("invoice.payment_failed", id: "evt_2", created: now, invoice: "in_2")
            ])
            // No event comes: time alone ends the grace period, in the view at once and in the timeline soon.
            try await eventually("the end of grace") { try await pipeline.reason() == .paymentOverdue ? true : nil }
            let timeline = try await eventually("its line") {
                let timeline = try await pipeline.store.customers.statement(of: "cus_1")?.timeline ?? []
                return timeline.last?.change.cause == .time ? timeline : nil
            }
            let answer = try #require(try await pipeline.store.access(of: "cus_1"))
            #expect(timeline.last?.change.version == answer.version)
            #expect(timeline.last?.change.at == now + .seconds(20))

            try await pipeline.handle([
                Events.invoice("invoice.paid", id: "evt_3", created: now, invoice: "in_2")
            ])
            #expect(try await pipeline.reason() == .invoicePaid)
        }
    }

    /// Otherwise what it held last would be suspected of having killed its process.
    @Test func `a worker that is stopped leaves nothing behind`() async throws {
        try await TestDatabase.with { database in
            try await Pipeline.with(workers: 2, on: database) { pipeline in
                try await pipeline.handle([Events.checkout(id: "evt_1")])
            }
            let left = try await TestDatabase.transaction(on: database.source) { connection in
                try connection.execute("SELECT FROM tollgate.worker").count
            }
            #expect(left == 0)
        }
    }

    @Test func `64 parallel copies of one event are one row and one effect`() async throws {
        try await Pipeline.with(workers: 2) { pipeline in
            let event = Events.checkout(id: "evt_1")
            let receipts = try await withThrowingTaskGroup(of: Receipt.self) { group in
                for _ in 0..<64 { group.addTask { try await pipeline.receive(event) } }
                return try await group.reduce(into: [Receipt]()) { $0.append($1) }
            }
            #expect(receipts.filter { $0 == .accepted }.count == 1)
            #expect(receipts.filter { $0 == .duplicate }.count == 63)
            let ended = try await pipeline.ended("evt_1")
            #expect(ended.record.status == .processed)
            #expect(ended.record.attempts == 1)
            #expect(ended.ledger.map(\.entry.amount) == [500])
            #expect(try await pipeline.store.access(of: "cus_1")?.credits == 500)
        }
    }

    @Test func `partitions share the customers out: each event is in one of them, and a customer's all in the same`()
        async throws
    {
        try await Pipeline.with(workers: 0) { pipeline in
            for number in 0..<60 {
                let customer = "cus_\(number % 20)"
                try await pipeline.receive(Events.checkout(id: "evt_\(number)", customer: .string(customer)))
            }
            let queue = pipeline.store.queue
            var customers: [Set<String>] = []
            var events: [String] = []
            for number in 0..<3 {
                let claimed = try await queue.claim(
                    atMost: 60, in: Partition(number, of: 3), for: try await queue.register()
                ) { batch in batch.events.map(\.id) }
                events += claimed ?? []
                customers.append(Set((claimed ?? []).map { "cus_\((Int($0.dropFirst(4)) ?? 0) % 20)" }))
            }
            #expect(events.count == 60)
            #expect(Set(events).count == 60)
            #expect(customers.allSatisfy { !$0.isEmpty })
            #expect(customers.reduce(0) { $0 + $1.count } == 20)
        }
    }

    @Test func `different events of one payment credit once, whichever worker takes them`() async throws {
        try await Pipeline.with(workers: 2) { pipeline in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for n in 0..<20 {
                    group.addTask { try await pipeline.receive(Events.checkout(id: "evt_s\(n)")) }
                    group.addTask { try await pipeline.receive(Events.paymentIntent(id: "evt_p\(n)")) }
                }
                try await group.waitForAll()
            }
            for n in 0..<20 {
                #expect(try await pipeline.ended("evt_s\(n)").record.status == .processed)
                #expect(try await pipeline.ended("evt_p\(n)").record.status == .processed)
            }
            let statement = try #require(try await pipeline.store.customers.statement(of: "cus_1"))
            #expect(statement.ledger.map(\.entry.amount) == [500])
        }
    }

    @Test func `an unusable event fails with its field and stops no other`() async throws {
        try await Pipeline.with { pipeline in
            try await pipeline.handle([
                Events.checkout(id: "evt_1", credits: "lots"),
                Events.checkout(id: "evt_2", customer: "cus_2", session: "cs_2", paymentIntent: "pi_2"),
                Events.event("customer.created", id: "evt_3", object: [:]),
            ])
            let failed = try await pipeline.ended("evt_1")
            #expect(failed.record.status == .failed)
            #expect(failed.record.error?.hasPrefix("data.object.metadata.credits is not a whole number") == true)
            #expect(failed.attempts.map(\.outcome) == ["failed"])
            #expect(try await pipeline.ended("evt_2").record.status == .processed)
            let ignored = try await pipeline.ended("evt_3")
            #expect(ignored.record.status == .ignored)
            #expect(ignored.record.detail == "unhandled_type")
        }
    }

    @Test func `what PostgreSQL refuses fails that event alone, with the others of its batch applied`() async throws {
        try await Pipeline.with { pipeline in
            // Stands for a value that the readers accept and PostgreSQL refuses.
            try await TestDatabase.transaction(on: pipeline.database.source) { connection in
                _ = try connection.executeScript(
                    """
                    CREATE FUNCTION tollgate.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN RAISE EXCEPTION 'no such character' USING ERRCODE = '22021'; END $$;
                    CREATE TRIGGER refusing BEFORE INSERT ON tollgate.invoice FOR EACH ROW
                    WHEN (NEW.billing_reason = 'refused') EXECUTE FUNCTION tollgate.refuse()
                    """)
            }
            var events = [Events.invoice("invoice.paid", id: "evt_bad", billingReason: "refused")]
            for n in 0..<30 {
                events.append(
                    Events.checkout(
                        id: "evt_\(n)", customer: .string("cus_\(n)"), paymentIntent: .string("pi_\(n)")))
            }
            try await pipeline.handle(events)
            let bad = try await pipeline.ended("evt_bad")
            #expect(bad.record.status == .failed)
            #expect(bad.record.error?.contains("22021") == true)
            for n in 0..<30 { #expect(try await pipeline.ended("evt_\(n)").record.status == .processed) }
        }
    }

    @Test func `what of an event can be read is applied, and a replay after mending applies the rest once`()
        async throws
    {
        try await Pipeline.with { pipeline in
            let line: JSON = ["amount": 1000, "quantity": 1_000_000, "price": ["id": "price_1"]]
            let set = { (credits: Int64) in
                _ = try await pipeline.store.prices.set("price_1", credits: credits, unitAmount: nil, operator: "alice")
            }
            try await set(CreditOffer.limit)
            try await pipeline.handle([
                Events.invoice("invoice.payment_failed", id: "evt_1"),
                Events.invoice("invoice.paid", id: "evt_2", ["lines": ["data": [line]]]),
                Events.invoice(
                    "invoice.paid", id: "evt_3", customer: "cus_2", invoice: "in_2", billingReason: "a\u{0}b"),
                Events.refund(id: "evt_4", status: true),
            ])
            let failed = try await pipeline.ended("evt_2")
            #expect(failed.record.status == .failed)
            #expect(
                failed.record.error
                    == "data.object.lines.data.0.quantity sells more than 1000000000000000 credits: 1000000")
            #expect(try await pipeline.reason() == .invoicePaid)
            #expect(
                try await pipeline.ended("evt_3").record.error
                    == #"data.object.billing_reason is no text of at most 255 bytes without NUL: "a\0b""#)
            #expect(try await pipeline.reason("cus_2") == .invoicePaid)
            #expect(
                try await pipeline.ended("evt_4").record.error
                    == "data.object.status is no text of at most 255 bytes without NUL: true")

            try await set(3)
            for _ in 0..<2 {
                _ = try await pipeline.store.queue.requeue("evt_2", by: "alice")
                #expect(try await pipeline.ended("evt_2").record.status == .processed)
            }
            let statement = try #require(try await pipeline.store.customers.statement(of: "cus_1"))
            #expect(statement.ledger.map(\.entry.amount) == [3_000_000])
        }
    }

    @Test func `a replay keeps every attempt and applies nothing twice`() async throws {
        try await Pipeline.with { pipeline in
            try await pipeline.handle([Events.checkout(id: "evt_1"), Events.checkout(id: "evt_2", credits: "lots")])
            for id in ["evt_1", "evt_2"] {
                guard case .queued = try await pipeline.store.queue.requeue(id, by: "alice") else {
                    Issue.record("\(id) was not queued")
                    return
                }
            }
            let processed = try await pipeline.ended("evt_1")
            #expect(processed.attempts.map(\.number) == [1, 2])
            #expect(processed.attempts.map(\.operator) == [nil, "alice"])
            #expect(processed.ledger.count == 1)
            let failed = try await pipeline.ended("evt_2")
            #expect(failed.record.status == .failed)
            #expect(failed.attempts.map(\.outcome) == ["failed", "failed"])
            guard case .unknown = try await pipeline.store.queue.requeue("evt_none", by: "alice") else {
                Issue.record("an unknown event was replayed")
                return
            }
        }
    }

    @Test func `a quarantined payload can be replayed and stays quarantined`() async throws {
        try await Pipeline.with { pipeline in
            let payload = Array("not json".utf8)
            let digest = try #require(Digest.sha256(payload))
            let delivery = Delivery(quarantined: "the body is not JSON", digest: digest, payload: payload)
            #expect(try await pipeline.store.inbox.receive(delivery, by: .now + .seconds(60)) == .quarantined)
            #expect(try await pipeline.store.inbox.receive(delivery, by: .now + .seconds(60)) == .duplicate)
            _ = try await pipeline.store.queue.requeue(delivery.id, by: "alice")
            let event = try await pipeline.ended(delivery.id)
            #expect(event.record.status == .quarantined)
            #expect(event.attempts.count == 1)
            #expect(event.payload == payload)
        }
    }

    @Test func `an event accepted by another process is found without a signal`() async throws {
        try await Pipeline.with { pipeline in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let other = Store(pipeline.database.source, logger: logger)
            let payload = Events.checkout(id: "evt_1").bytes
            let delivery = Delivery(event: try Event.Envelope(payload: payload), payload: payload)
            _ = try await other.inbox.receive(delivery, by: .now + .seconds(60))
            #expect(try await pipeline.ended("evt_1").record.status == .processed)
            try await other.close()
        }
    }

    @Test func `a refund, its payment's links and its purchase on several workers at once do not miss each other`()
        async throws
    {
        try await Pipeline.with(workers: 4) { pipeline in
            let count = 50
            func events(_ n: Int) -> [JSON] {
                let (intent, charge) = (JSON.string("pi_\(n)"), JSON.string("ch_\(n)"))
                return [
                    Events.checkout(
                        id: "evt_\(n)_session", customer: .null, session: "cs_\(n)", paymentIntent: intent),
                    Events.paymentIntent(
                        id: "evt_\(n)_intent", customer: .string("cus_\(n)"), paymentIntent: "pi_\(n)", credits: .null,
                        ["latest_charge": charge]),
                    Events.refund(
                        id: "evt_\(n)_refund", refund: "re_\(n)", charge: charge, paymentIntent: .null),
                    Events.charge(
                        id: "evt_\(n)_charge", charge: "ch_\(n)", customer: .null, paymentIntent: intent, refunded: 400),
                ]
            }
            // Each round sends another event of each purchase, so that these are in different batches.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for round in 0..<4 {
                    group.addTask {
                        for n in 0..<count { try await pipeline.receive(events(n)[(round + n) % 4]) }
                    }
                }
                try await group.waitForAll()
            }
            for n in 0..<count {
                for event in events(n) {
                    #expect(try await pipeline.ended(event["id"]?.string ?? "").record.status == .processed)
                }
                #expect(try await pipeline.store.access(of: "cus_\(n)")?.credits == 300)
            }
        }
    }

    @Test func `with another grace period or another view of disputes, every answer is decided anew`() async throws {
        try await TestDatabase.with { database in
            let now = Timestamp.now
            try await Pipeline.with(sweeping: true, on: database) { pipeline in
                let failed = Events.invoice("invoice.payment_failed", id: "evt_1", created: now - .seconds(7200))
                let dispute = Events.dispute(id: "evt_3", paymentIntent: "pi_2")
                try await pipeline.handle([
                    failed, Events.checkout(id: "evt_2", customer: "cus_2", paymentIntent: "pi_2"), dispute,
                    Events.invoice("invoice.paid", id: "evt_4", customer: "cus_2", periodEnd: nil),
                ])
                #expect(try await pipeline.reason() == .gracePeriod)
                #expect(try await pipeline.reason("cus_2") == .invoicePaid)
            }
            let strict = Policy(gracePeriod: .seconds(3600), blocksOnDispute: true)
            try await Pipeline.with(policy: strict, sweeping: true, on: database) { pipeline in
                try await eventually("the new decisions") { () -> Bool? in
                    let reasons = [try await pipeline.reason(), try await pipeline.reason("cus_2")]
                    return reasons == [.paymentOverdue, .disputed] ? true : nil
                }
                let timeline = try await pipeline.store.customers.statement(of: "cus_2")?.timeline ?? []
                #expect(timeline.last?.change.cause == .configuration)
            }
            // The old configuration again: nothing that the events said is lost.
            try await Pipeline.with(sweeping: true, on: database) { pipeline in
                try await eventually("the old decisions") { () -> Bool? in
                    let reasons = [try await pipeline.reason(), try await pipeline.reason("cus_2")]
                    return reasons == [.gracePeriod, .invoicePaid] ? true : nil
                }
            }
        }
    }
}
