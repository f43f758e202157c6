// SPDX-License-Identifier: Apache-2.0

import Store

/// Everything that the listeners of a process may do with the database.
package struct ListenerStores: Sendable {
    let inbox: Inbox
    let queue: EventQueue
    let accessChanges: Announcements
    let access: AccessReader
    let accessFeed: AccessFeed
    let changes: ChangeReader
    let keyChanges: Announcements
    let keys: APIKeyReader
    let keyStore: APIKeyStore
    let spending: SpendingStore
    let balances: BalanceReader
    let usageReads: UsageReader
    let customers: CustomerStore
    let events: EventStore
    let health: HealthStore
    let operators: OperatorStore
    let prices: PriceStore
    let purchases: PurchaseStore
    let plans: PlanStore
    let tariffs: TariffReader
    let rates: RateStore
    let usage: UsageStore
    let quarantine: QuarantineStore
    let replays: ReplayStore
    let backfills: BackfillStore
    let refetches: RefetchStore
    let outages: Outages

    package init(of store: Store) {
        inbox = store.inbox
        queue = store.queue
        accessChanges = store.accessChanges
        access = store.access
        accessFeed = store.accessFeed
        changes = store.changes
        keyChanges = store.keyChanges
        keys = store.keys
        keyStore = store.keyStore
        spending = store.spending
        balances = store.balances
        usageReads = store.usageReads
        customers = store.customers
        events = store.events
        health = store.health
        operators = store.operators
        prices = store.prices
        purchases = store.purchases
        plans = store.plans
        tariffs = store.tariffs
        rates = store.rates
        usage = store.usage
        quarantine = store.quarantine
        replays = store.replays
        backfills = store.backfills
        refetches = store.refetches
        outages = store.outages
    }
}
