// SPDX-License-Identifier: Apache-2.0

import Billing
import Ingest
import Logging
import Store
import TestSupport
import Testing

/// One process and its event queue, on a database that others may share: all that `EventQueueTests` uses besides the
/// interface. To test another implementation of the queue, put it in here.
struct QueueUnderTest {
    private let store: Store
    let queue: EventQueue

    private init(_ database: TestDatabase) {
        store = Store(database.source, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        queue = store.queue
    }

    /// Lends this many processes on one fresh database.
    static func with(
        processes count: Int = 1,
        _ body: (_ processes: [QueueUnderTest], _ database: TestDatabase) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            let processes = (0..<count).map { _ in QueueUnderTest(database) }
            try await body(processes, database)
            for process in processes { try await process.die() }
        }
    }

    /// One more process on a database.
    static func another(on database: TestDatabase) -> QueueUnderTest { QueueUnderTest(database) }

    /// Ends its sessions, without giving back what it holds.
    func die() async throws { try await store.close() }

    /// The processes that have died: the server ends their sessions a moment after they have gone.
    func dead() async throws -> Set<Int> {
        try await eventually("the end of a process") {
            let dead = try await queue.deadProcesses()
            return dead.isEmpty ? nil : dead
        }
    }

    /// Events of one customer, or each of a customer of its own.
    func receive(_ ids: [String], of customer: String? = nil) async throws {
        for id in ids {
            let event = Events.checkout(id: id, customer: .string(customer ?? "cus_\(id)"))
            let delivery = try #require(Delivery(payload: event.bytes))
            #expect(try await store.inbox.receive(delivery, by: .now + .seconds(60)) == .accepted)
        }
    }

    /// Receives a payload that is not an event.
    /// - Returns: its id.
    func receiveNoise() async throws -> String {
        let delivery = try #require(Delivery(payload: Array("not json".utf8)))
        #expect(try await store.inbox.receive(delivery, by: .now + .seconds(60)) == .quarantined)
        return delivery.id
    }

    func statement(of id: String) async throws -> EventStatement { try #require(try await store.events.find(id)) }

    func state(of id: String) async throws -> EventState { try await statement(of: id).record.status }

    func attempts(of id: String) async throws -> [String] { try await statement(of: id).attempts.map(\.outcome) }

    /// Claims once and ends all the events it got.
    /// - Returns: their ids.
    @discardableResult
    func work(
        _ worker: WorkerRegistry.Worker,
        atMost limit: Int = 100,
        suspects: Int? = nil,
        in partition: Partition = .whole,
        _ transition: EventTransition = .processed()
    ) async throws -> Set<String> {
        let ended = try await queue.claim(atMost: limit, in: partition, suspects: suspects, for: worker) { batch in
            batch.complete(Books(), batch.events.map { EventResult(event: $0.id, type: $0.type ?? "", transition) })
            return batch.events.map(\.id)
        }
        return Set(ended ?? [])
    }

    /// Claims all that is due and never completes it.
    /// - Returns: the ids of the events that the worker holds.
    func takeInHand(_ worker: WorkerRegistry.Worker) async throws -> Set<String> {
        do {
            _ = try await queue.claim(atMost: 100, for: worker) { _ -> Void in throw Abandoned() }
            return []
        } catch let failure as BatchFailure {
            return Set(failure.events.map(\.id))
        }
    }

    /// Claims once, or one suspect. If it gets this event, it never completes the batch; otherwise it ends what it got.
    /// - Returns: whether the worker holds the event.
    func takeInHand(_ id: String, _ worker: WorkerRegistry.Worker, asSuspect: Bool) async throws -> Bool {
        do {
            _ = try await queue.claim(
                atMost: asSuspect ? 1 : 100, suspects: asSuspect ? .max : nil, for: worker
            ) { batch in
                if batch.events.contains(where: { $0.id == id }) { throw Abandoned() }
                batch.complete(Books(), batch.events.map { EventResult(event: $0.id, type: "", .processed()) })
            }
            return false
        } catch is BatchFailure {
            return true
        }
    }

    private struct Abandoned: Error {}
}
