// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Metering
import Stripe
import Telemetry

/// Every variable that Tollgate reads. A new setting takes a line here, a row in the documentation, and its use.
package struct SettingTable: Sendable {
    package static let shared = SettingTable()

    /// In the order of declaration, in which they are read and printed.
    package static let all: [any AnySetting] = Mirror(reflecting: shared).children.compactMap {
        $0.value as? any AnySetting
    }

    package let databaseURL = Setting<Secret?>(
        secret: "DATABASE_URL", .database, empty: nil,
        neededBy: [.serve, .serveHTTPOnly, .serveWorkerOnly, .migrate, .prune, .drainSpool, .fetch],
        example: "postgresql://user:password@host:5432/database or host=… dbname=…",
        meaning: "libpq URI or keyword string; PostgreSQL 14 or newer")
    package let webhookSecrets = Setting<[WebhookSecret]>(
        secret: "STRIPE_WEBHOOK_SECRET", .webhookSecrets, empty: [], neededBy: [.serve, .serveHTTPOnly],
        example: "the endpoint's signing secret (whsec_…) from Stripe's dashboard",
        meaning: "one or more `whsec_…`, comma separated, each optionally `label=whsec_…`")
    package let mode = Setting<Configuration.Mode>(
        "STRIPE_MODE", .choice, default: "live", dev: "test",
        meaning: "events of the other mode are stored, acknowledged and ignored")
    package let connectedAccounts = Setting<Set<String>>(
        "STRIPE_ACCOUNTS", .accounts, empty: [],
        meaning: "connected accounts (`acct_…`, comma separated) whose events count")
    package let tolerance = Setting<Duration>(
        "STRIPE_TOLERANCE", .duration, default: "300s",
        meaning: "how far a signature's time may lie from this machine's clock")
    package let apiKey = Setting<APIKey?>(
        secret: "STRIPE_API_KEY", .apiKey, empty: nil, neededBy: [.fetch, .stripeAccount],
        example: "a restricted key (rk_…), which docs/stripe.md tells how to make",
        meaning: "a restricted or secret key (`rk_…`, `sk_…`): asks Stripe for what did not come")
    package let apiAddress = Setting<APIAddress>(
        "STRIPE_API_BASE", .apiAddress, default: "https://api.stripe.com",
        meaning: "where Stripe's API is: for tests against something that plays it")
    package let reconciliation = Setting<Duration?>(
        "TOLLGATE_RECONCILE", .durationOrOff(atLeast: .seconds(10)), default: "10m",
        meaning: "how often Stripe is asked for what did not come, where a key is set; or `off`")

    package let publicAddress = Setting<ListenAddress>(
        "TOLLGATE_PUBLIC_ADDRESS", .address, default: "0.0.0.0:8080", dev: "127.0.0.1:8080",
        meaning: "the webhook listener")
    package let privateAddress = Setting<ListenAddress>(
        "TOLLGATE_PRIVATE_ADDRESS", .address, default: "127.0.0.1:8081", meaning: "gateways, operators, metrics")
    package let gatewayTokens = Setting<[LabelledToken]>(
        secret: "TOLLGATE_GATEWAY_TOKEN", .tokens, empty: [], neededBy: [.serve, .serveHTTPOnly],
        example: "a token made with: openssl rand -hex 32",
        meaning: "tokens of 16 characters or more, comma separated, each optionally `label=…`")
    package let adminTokens = Setting<[LabelledToken]>(
        secret: "TOLLGATE_ADMIN_TOKEN", .tokens, empty: [], neededBy: [.serve, .serveHTTPOnly],
        example: "another token made with: openssl rand -hex 32",
        meaning: "the same for operators; the timeline names the label")

    package let gracePeriod = Setting<Duration>(
        "TOLLGATE_GRACE_PERIOD", .duration, default: "72h",
        meaning: "how long a failed invoice may stay unpaid before it blocks")
    package let creditsKey = Setting<String>(
        "TOLLGATE_CREDITS_KEY", .metadataKey, default: "credits",
        meaning: "the metadata key that says how many credits a purchase buys")
    package let creditsExpiry = Setting<Duration?>(
        "TOLLGATE_CREDITS_EXPIRY", .optionalDuration, empty: nil,
        meaning: "how long after its payment what a purchase gives lapses; not set: never")
    package let blockOnDispute = Setting<Bool>(
        "TOLLGATE_BLOCK_ON_DISPUTE", .flag, default: "false",
        meaning: "whether an open dispute blocks access; its credits are taken back either way")
    package let debts = Setting<Policy.Debts>(
        "TOLLGATE_DEBTS", .choice, default: "charged",
        meaning: "`all`: invoices without a subscription that are sent by mail are debts too")

    package let plan = Setting<String>(
        "TOLLGATE_PLAN", .planName, default: "default",
        meaning: "the plan of customers whose subscriptions' prices no plan names")
    package let creditValue = Setting<CreditValue>(
        "TOLLGATE_CREDIT_VALUE", .creditValue, default: "0.001",
        meaning: "how many dollars a credit is worth where usage is charged in credits")
    package let billFailed = Setting<UsageRecord.FailedCalls>(
        "TOLLGATE_BILL_FAILED", .choice, default: "input",
        meaning: "what a failed call is charged: `input`, its prompt, if the provider counted it; `none`")
    package let warnTokens = Setting<Int>(
        "TOLLGATE_WARN_TOKENS", .count(atMost: 1_000_000_000_000, suchAs: "100000"), default: "100000",
        meaning: "an estimate warns of a prompt of more tokens than this")
    package let warnCost = Setting<Dollars>(
        "TOLLGATE_WARN_COST", .dollars, default: "10",
        meaning: "an estimate warns of a cost above this, in dollars")

    /// Nil if the spool is switched off.
    package let spoolDirectory = Setting<String?>(
        "TOLLGATE_SPOOL_DIR", .folderOrOff, default: "./.tollgate/spool",
        meaning: "where events wait while PostgreSQL does not take them")
    package let spoolLimit = Setting<Int>(
        "TOLLGATE_SPOOL_LIMIT", .count(atMost: 1 << 50, suchAs: "1073741824"), default: "1073741824",
        meaning: "how much of the disk they may take, in bytes")
    package let accessCache = Setting<Int>(
        "TOLLGATE_ACCESS_CACHE", .count(atMost: 100_000_000, suchAs: "1000000"), default: "1000000",
        meaning: "customers whose last answer is kept in memory")
    package let accessStale = Setting<Duration>(
        "TOLLGATE_ACCESS_STALE", .duration, default: "15m",
        meaning: "how long it may be given while the database is away")
    package let isAuthorizeOpen = Setting<Bool>(
        "TOLLGATE_AUTHORIZE_OPEN", .flag, default: "false",
        meaning: "`/v1/authorize` asks for no gateway token: for gateways that cannot send one")
    package let retention = Setting<Duration>(
        "TOLLGATE_RETENTION", .duration, default: "90d",
        meaning: "processed and ignored events older than this lose their payload")

    package let logLevel = Setting<Logger.Level>(
        "TOLLGATE_LOG_LEVEL", .choice, default: "info",
        meaning: "`trace`, `debug`, `info`, `notice`, `warning`, `error`, `critical`")
    package let logFormat = Setting<TollgateLogHandler.Format>(
        "TOLLGATE_LOG_FORMAT", .choice, default: "json", terminal: "text",
        meaning: "one line per entry on standard error")
}
