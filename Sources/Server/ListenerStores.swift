// SPDX-License-Identifier: Apache-2.0

import Store

/// Everything that the listeners of a process may do with the database.
package struct ListenerStores: Sendable {
    let inbox: Inbox
    let queue: EventQueue
    let accessChanges: AccessChanges
    let access: AccessReader
    let accessFeed: AccessFeed
    let customers: CustomerStore
    let events: EventStore
    let health: HealthStore
    let operators: OperatorStore
    let prices: PriceStore
    let purchases: PurchaseStore
    let replays: ReplayStore
    let outages: Outages

    package init(
        inbox: Inbox,
        queue: EventQueue,
        accessChanges: AccessChanges,
        access: AccessReader,
        accessFeed: AccessFeed,
        customers: CustomerStore,
        events: EventStore,
        health: HealthStore,
        operators: OperatorStore,
        prices: PriceStore,
        purchases: PurchaseStore,
        replays: ReplayStore,
        outages: Outages
    ) {
        self.inbox = inbox
        self.queue = queue
        self.accessChanges = accessChanges
        self.access = access
        self.accessFeed = accessFeed
        self.customers = customers
        self.events = events
        self.health = health
        self.operators = operators
        self.prices = prices
        self.purchases = purchases
        self.replays = replays
        self.outages = outages
    }
}
