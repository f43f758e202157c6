// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres
import Stripe

/// Pending events held by one transaction. Their row locks are the claim: they vanish with the connection, so a worker
/// that dies leaves nothing to clean up.
package struct ClaimedBatch {
    /// In no particular order.
    package let events: [ClaimedEvent]
    /// What the prices that operators have listed sell.
    package let prices: [String: Price]
    /// How long the first of them has been due.
    package let waited: Duration
    /// Whether more may be due right now.
    package let leavesMore: Bool
    private let startedAt: Timestamp
    private let worker: WorkerRegistry.Worker
    private let connection: Connection
    private var accounts: AccountRows
    private var purchases: PurchaseRows
    private var completion: (books: Books, results: [EventResult])?

    init(
        _ events: [ClaimedEvent],
        prices: [String: Price],
        waited: Duration,
        leavesMore: Bool,
        startedAt: Timestamp,
        worker: WorkerRegistry.Worker,
        telling changes: Announcements,
        _ connection: Connection
    ) {
        self.events = events
        self.prices = prices
        self.waited = waited
        self.leavesMore = leavesMore
        self.startedAt = startedAt
        self.worker = worker
        self.connection = connection
        accounts = AccountRows(connection, telling: changes)
        purchases = PurchaseRows(connection)
    }

    /// Locks and loads what the events' facts concern: purchases first, as only they show whose accounts those are.
    /// - Parameter events: what each event says, for those that say something.
    /// - Returns: the books, and the database's clock once the accounts are locked.
    /// - Throws: `LockedOut` if somebody else holds some of it.
    package mutating func load(
        concernedBy events: [(event: String, facts: [Fact])],
        policy: Policy
    ) throws -> (books: Books, now: Timestamp) {
        let facts = events.flatMap(\.facts)
        guard !facts.isEmpty else { return (Books(), startedAt) }
        var books: Books
        do {
            books = try purchases.lock(facts.flatMap(\.purchaseObjects))
        } catch let error as PostgresError where error.isLockTimeout {
            let needs = events.map { ($0.event, Set($0.facts.flatMap(\.purchaseObjects))) }
            throw LockedOut(.purchases, needs, error)
        }
        do {
            let opened = try accounts.lock(
                books.customers(concernedBy: facts), invoices: facts.compactMap(\.invoice), policy: policy)
            books.open(opened.values, losses: try purchases.losses(at: opened.keys))
        } catch let error as PostgresError where error.isLockTimeout {
            throw LockedOut(.accounts, events.map { ($0.event, books.customers(concernedBy: $0.facts)) }, error)
        }
        return (books, accounts.now)
    }

    /// Records what the events did and how each ended: saved once the claim's body has returned, with the commit. An
    /// event without a result stays pending.
    package mutating func complete(_ books: Books, _ results: [EventResult]) {
        precondition(results.allSatisfy { $0.transition.sources.contains(.pending) }, "a claimed event is pending")
        completion = (books, results)
    }

    /// Saves and commits what is complete.
    func save() throws {
        guard let (books, results) = completion else { return }
        try connection.commit { pipeline in
            accounts.save(books.accounts.values, pipeline)
            purchases.save(books, pipeline)
            for result in results { describe(result, in: pipeline) }
            // What is checked for them is locked by this transaction, as long as the work's rows have no new version.
            for result in results where result.wants != nil {
                pipeline.execute(FetchSteps.wanting(result.wants, for: result.event))
            }
            EventRows.make(
                results.map { EventRows.Change(event: $0.event, transition: $0.transition) }, startedAt: startedAt,
                in: pipeline)
            // This worker no longer holds any event.
            pipeline.execute(WorkerRegistry.release(worker))
            // Whatever the commit would reject is rejected here, while it is still known which events it concerns.
            pipeline.execute("SET CONSTRAINTS ALL IMMEDIATE")
        }
    }

    /// Completes an event's row when a quarantined payload has become readable.
    private func describe(_ result: EventResult, in pipeline: Pipeline) {
        guard let event = result.described else { return }
        pipeline.execute(
            """
            UPDATE tollgate.event
            SET type = \(event.type), created = \(event.created), livemode = \(event.livemode),
                account = \(event.account), api_version = \(event.apiVersion), customer_id = \(event.customer)
            WHERE id = \(result.event)
            """)
    }
}
