// SPDX-License-Identifier: Apache-2.0

import Billing
import Gateway
import HTTP
import Ingest
import Logging
import Metering
import Metrics
import Notation
import ServiceLifecycle
import Spool
import Store
import Stripe
import Telemetry

/// Both listeners of one process: the public one that Stripe posts to, and the private one for gateways, operators
/// and metrics.
package struct HTTPServers: Sendable {
    package let publicListener: Listener
    package let privateListener: Listener
    /// Keeps the answers to gateways correct.
    package let listening: any Service
    /// Reads for all who follow what changes.
    package let feed: any Service
    /// Notes when API keys were last used.
    package let keyUses: any Service
    package let readiness: Readiness

    /// - Parameters:
    ///   - limits: those of each listener.
    ///   - descriptors: how many this process may have; nil for no limit.
    ///   - spool: where events wait while the database does not accept them; nil for nowhere.
    ///   - cache: what gateways are answered from.
    ///   - keys: the API keys that it is asked by.
    ///   - isAuthorizeOpen: whether a gateway needs no token to ask for the owner of a key.
    ///   - keyUsePause: how often it is written when keys were last used.
    ///   - inboxTimeout: how long Stripe waits for the database to accept an event, before the spool does.
    ///   - tokens: those of both kinds.
    ///   - hasStripeKey: whether Stripe can be asked for what did not come.
    ///   - reconciled: the accounts of which it is, from time to time; nil if it is not.
    ///   - policy: the operator's billing configuration; used by what operators change.
    ///   - charges: what calls are charged.
    ///   - now: this machine's clock, against which signatures and operators' requests are checked.
    package init(
        publicAddress: ListenerAddress,
        privateAddress: ListenerAddress,
        limits: ListenerLimits = ListenerLimits(),
        descriptors: Int? = nil,
        stores: ListenerStores,
        spool: Spool? = nil,
        cache: AccessCache = AccessCache(),
        keys: KeyCache = KeyCache(),
        isAuthorizeOpen: Bool = false,
        keyUsePause: Duration = .seconds(20),
        inboxTimeout: Duration = .seconds(2),
        verifier: SignatureVerifier,
        tokens: [BearerToken],
        hasStripeKey: Bool = false,
        reconciled: [String]? = nil,
        policy: Policy,
        charges: ChargePolicy = .standard,
        metrics: PrometheusRegistry,
        now: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        readiness = Readiness()
        let feed = ChangeFeed(stores.changes, announcements: stores.accessChanges, outages: stores.outages)
        self.feed = feed
        let health = HealthRoutes(
            health: stores.health, queue: stores.queue, customers: stores.customers, outages: stores.outages,
            spool: spool, readiness: readiness, metrics: metrics, reconciled: reconciled, feed: feed)
        let receiver = WebhookReceiver(
            intake: DurableIntake(inbox: stores.inbox, spool: spool, outages: stores.outages), timeout: inboxTimeout,
            verifier: verifier, metrics: metrics, now: now, logger: logger)
        let publicRoutes = Self.publicRoutes(receiver, health, metrics)
        let privateRoutes = RouteTable(listener: "private", metrics: metrics)
        health.register(on: privateRoutes)
        ContractRoute.register(on: privateRoutes)
        stores.accessChanges.subscribe { cache.announced($0.lazy.map(\.utf8)) }
        stores.keyChanges.subscribe { keys.announced($0) }
        listening = AccessCacheInvalidator(feed: stores.accessFeed, cache: cache, keys: keys, outages: stores.outages)
        let keyUses = KeyUses(keys: stores.keyStore, outages: stores.outages, every: keyUsePause)
        self.keyUses = keyUses
        let authentication = BearerAuthentication(.gateway, tokens: tokens)
        let (owners, access) = Self.lookups(stores, cache, keys, keyUses)
        privateRoutes.hot(
            AccessRoute(
                authentication: authentication, access: access,
                versions: VersionLookup(access, announcements: stores.accessChanges), now: now))
        let credentials = AuthorizeCredentials(authentication, isOpen: isAuthorizeOpen)
        privateRoutes.hot(
            AuthorizeRoute(
                credentials: credentials, keys: owners, access: access, livemode: policy.livemode,
                warning: GatewayWarning(logger: logger), now: now))
        let gateways = OperationRoutes(.gateway, on: privateRoutes, tokens: tokens, outages: stores.outages)
        let reads = GatewayReads(outages: stores.outages)
        ChangeRoutes(
            feed: feed, reads: reads, stallTime: limits.stallTime,
            slowReaders: Metric.feedSlowReaders.counter(in: metrics), now: now
        ).register(on: gateways)
        let usage = UsageRoutes(of: stores, policy, charges, metrics)
        Self.registerSpending(on: privateRoutes, gateways, stores, policy, charges, usage, authentication, reads)
        let reports = CustomerUsageRoutes(usage: stores.usageReads, reads: reads, stallTime: limits.stallTime, now: now)
        Self.registerReads(on: gateways, stores, reads, reports)
        Self.registerAdmin(
            on: OperationRoutes(.admin, on: privateRoutes, tokens: tokens, outages: stores.outages), stores, policy,
            usage, reports, hasStripeKey: hasStripeKey, now: now)
        let (publicLimits, privateLimits) = limits.sharing(descriptors)
        publicListener = Listener(
            name: "public", address: publicAddress, routes: publicRoutes, limits: publicLimits, logger: logger)
        privateListener = Listener(
            name: "private", address: privateAddress, routes: privateRoutes, limits: privateLimits, logger: logger)
    }

    private static func publicRoutes(
        _ receiver: WebhookReceiver, _ health: HealthRoutes, _ metrics: PrometheusRegistry
    ) -> RouteTable {
        let routes = RouteTable(listener: "public", metrics: metrics)
        routes.hot(WebhookRoute(receiver))
        health.registerLiveness(on: routes)
        return routes
    }

    /// Whose a key is, and what its customer may do.
    private static func lookups(
        _ stores: ListenerStores, _ cache: AccessCache, _ keys: KeyCache, _ uses: KeyUses
    ) -> (KeyLookup, AccessLookup) {
        let pause = ReadPause()
        return (
            KeyLookup(reader: stores.keys, cache: keys, uses: uses, outages: stores.outages, pause: pause),
            AccessLookup(reader: stores.access, cache: cache, outages: stores.outages, pause: pause)
        )
    }

    private static func registerReads(
        on routes: OperationRoutes,
        _ stores: ListenerStores,
        _ reads: GatewayReads,
        _ reports: CustomerUsageRoutes
    ) {
        reports.register(on: routes)
        AccessListRoutes(changes: stores.changes, reads: reads).register(on: routes)
        HoldRoutes(balances: stores.balances, reads: reads).register(on: routes)
        BalanceRoutes(balances: stores.balances, reads: reads).register(on: routes)
    }

    private static func registerSpending(
        on routes: RouteTable,
        _ gateways: OperationRoutes,
        _ stores: ListenerStores,
        _ policy: Policy,
        _ charges: ChargePolicy,
        _ usage: UsageRoutes,
        _ authentication: BearerAuthentication,
        _ reads: GatewayReads
    ) {
        let estimates = Estimates(tariffs: stores.tariffs, reads: reads, policy: charges)
        EstimateRoute(estimates: estimates).register(on: gateways)
        let shared = SpendingRoute.Shared(
            authentication: authentication,
            spending: SpendingRequests(store: stores.spending, policy: policy, outages: stores.outages),
            estimates: estimates)
        for route in HoldRoutes.hot(shared) + [DebitRoutes.one(shared)] { routes.hot(route) }
        routes.hot(usage.hot(shared))
        routes.hot(DebitRoutes.many(shared, outages: stores.outages))
        routes.hot(AccessListRoutes(changes: stores.changes, reads: reads).batch(shared, outages: stores.outages))
    }

    private static func registerAdmin(
        on routes: OperationRoutes,
        _ stores: ListenerStores,
        _ policy: Policy,
        _ usage: UsageRoutes,
        _ reports: CustomerUsageRoutes,
        hasStripeKey: Bool,
        now: @escaping @Sendable () -> Timestamp
    ) {
        reports.registerForOperators(on: routes)
        BackfillRoutes(
            backfills: stores.backfills, accounts: policy.connectedAccounts, hasKey: hasStripeKey
        ).register(on: routes)
        RefetchRoutes(refetches: stores.refetches, hasKey: hasStripeKey).register(on: routes)
        EventRoutes(events: stores.events, queue: stores.queue).register(on: routes)
        ReplayRoutes(replays: stores.replays).register(on: routes)
        PriceRoutes(prices: stores.prices).register(on: routes)
        RateRoutes(rates: stores.rates).register(on: routes)
        PlanRoutes(plans: stores.plans).register(on: routes)
        usage.register(on: routes)
        KeyRoutes(keys: stores.keyStore, policy: policy).register(on: routes)
        PurchaseRoutes(
            customers: stores.customers, operators: stores.operators, purchases: stores.purchases, policy: policy
        ).register(on: routes)
        CustomerRoutes(
            customers: stores.customers, balances: stores.balances, events: stores.events,
            operators: stores.operators, policy: policy, now: now
        ).register(on: routes)
    }
}
