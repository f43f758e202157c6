// SPDX-License-Identifier: Apache-2.0

import Metrics

/// Every Tollgate metric: its name, its meaning and its labels. No other place spells a name.
package enum Metric: String, CaseIterable, Sendable {
    case eventsReceived = "tollgate_events_received_total"
    case signaturesVerified = "tollgate_signatures_verified_total"
    case eventsProcessed = "tollgate_events_processed_total"
    case eventsIgnored = "tollgate_events_ignored_total"
    case queueDepth = "tollgate_queue_depth"
    case queueOldest = "tollgate_queue_oldest_seconds"
    case purchasesWaiting = "tollgate_purchases_waiting"
    case processingBlocked = "tollgate_processing_blocked"
    case spoolRecords = "tollgate_spool_records"
    case spoolBytes = "tollgate_spool_bytes"
    case spoolSetAside = "tollgate_spool_set_aside_files"
    case customers = "tollgate_customers"
    case postgresUp = "tollgate_postgresql_up"
    case feedReaders = "tollgate_feed_readers"
    case feedSlowReaders = "tollgate_feed_slow_readers_total"
    case feedLag = "tollgate_feed_lag_seconds"
    case stripeRequests = "tollgate_stripe_api_requests_total"
    case stripeMissed = "tollgate_stripe_missed_total"
    case stripeFetchesWaiting = "tollgate_stripe_fetches_waiting"
    case usageRecords = "tollgate_usage_records_total"
    case usageQuarantined = "tollgate_usage_quarantined"
    case reconciled = "tollgate_reconcile_last_success_timestamp_seconds"
    case requestDuration = "tollgate_http_request_duration_seconds"
    case buildInfo = "tollgate_build_info"
    // Prometheus' standard names for what every process has.
    case processorSeconds = "process_cpu_seconds_total"
    case residentMemory = "process_resident_memory_bytes"

    package var name: String { rawValue }

    /// One sentence, as `# HELP` shows it.
    package var help: String {
        switch self {
        case .eventsReceived:
            "Webhook requests by outcome: accepted, duplicate, quarantined, spooled, unavailable, or why not signed."
        case .signaturesVerified: "Webhook requests that were correctly signed, by the label of the secret."
        case .eventsProcessed: "Attempts at events by outcome and type; types that no rule handles are `other`."
        case .eventsIgnored: "Attempts at events that changed nothing, by reason."
        case .queueDepth: "Events that are pending."
        case .queueOldest: "How long the oldest event that is due has been pending, in seconds."
        case .purchasesWaiting: "Purchases of credits that wait for an event that names their customer."
        case .processingBlocked:
            "1 while this keeps pending events of this process from being processed, by cause."
        case .spoolRecords: "Events that wait in the spool of this process."
        case .spoolBytes: "Disk space that the spool of this process uses, in bytes."
        case .spoolSetAside:
            "Files beside the spool that wait for somebody to look at them: damaged bytes, refused events."
        case .customers: "Customers by the reason that gateways are given; counted at most once a minute."
        case .postgresUp: "1 while PostgreSQL answers, 0 while it does not."
        case .feedReaders: "Readers of the feed of changes that wait at this process, by kind: poll, stream."
        case .feedSlowReaders: "Streams of changes that were ended because their reader read nothing."
        case .feedLag: "How long the oldest change has been kept from the feed by older transactions, in seconds."
        case .stripeRequests: "Requests to Stripe's API by outcome: ok, refused, limited, unavailable."
        case .stripeMissed: "Events that had not come by themselves when Stripe was asked for them."
        case .stripeFetchesWaiting: "Events and objects that wait for an answer of Stripe's API."
        case .usageRecords: "Reported calls by outcome: recorded, duplicate, quarantined, conflict, invalid."
        case .usageQuarantined: "Reported calls that cannot be charged until somebody mends the cause."
        case .reconciled: "When what Stripe has was last compared with what came, for all accounts; in Unix time."
        case .requestDuration: "How long HTTP requests took, in seconds."
        case .buildInfo: "1, with the version of the program and the commit it was built from."
        case .processorSeconds: "Time that this process spent on processors, in seconds."
        case .residentMemory: "Memory of this process that is in RAM, in bytes."
        }
    }

    /// The names of its labels, in the order in which their values are passed.
    package var labels: [String] {
        switch self {
        case .eventsReceived, .stripeRequests, .usageRecords: ["outcome"]
        case .signaturesVerified: ["secret"]
        case .eventsProcessed: ["outcome", "type"]
        case .eventsIgnored, .customers: ["reason"]
        case .processingBlocked: ["cause"]
        case .spoolSetAside, .feedReaders: ["kind"]
        case .requestDuration: ["listener", "method", "route", "status"]
        case .buildInfo: ["version", "commit"]
        case .queueDepth, .queueOldest, .purchasesWaiting, .spoolRecords, .spoolBytes, .postgresUp, .processorSeconds,
            .residentMemory, .feedSlowReaders, .feedLag, .stripeMissed, .stripeFetchesWaiting, .usageQuarantined,
            .reconciled:
            []
        }
    }

    /// By name, as `PrometheusRegistry` takes them.
    package static let help = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0.help) })

    /// - Parameter values: the labels' values, in their order.
    package func counter(_ values: String..., in factory: any MetricsFactory) -> Counter {
        Counter(label: name, dimensions: dimensions(values), factory: factory)
    }

    /// - Parameter values: the labels' values, in their order.
    package func timer(_ values: String..., in factory: any MetricsFactory) -> Metrics.Timer {
        Metrics.Timer(label: name, dimensions: dimensions(values), factory: factory)
    }

    /// A value that is determined at the moment of the scrape.
    /// - Parameter values: the labels' values, in their order.
    package func scraped(_ value: Double, _ values: String...) -> ScrapedValue {
        // Counted by the kernel.
        let kind: ScrapedValue.Kind = self == .processorSeconds ? .counter : .gauge
        return ScrapedValue(name, kind, help: help, labels: dimensions(values), value: value)
    }

    private func dimensions(_ values: [String]) -> [(String, String)] {
        precondition(values.count == labels.count, "\(name) is labelled with \(labels)")
        return Array(zip(labels, values))
    }
}
