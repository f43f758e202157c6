/// The names of the metrics, and what they say.
package enum Metric {
    package static let received = "tollgate_events_received_total"
    static let verified = "tollgate_signatures_verified_total"
    package static let processed = "tollgate_events_processed_total"
    package static let ignored = "tollgate_events_ignored_total"
    static let queueDepth = "tollgate_queue_depth"
    static let queueAge = "tollgate_queue_oldest_seconds"
    static let purchasesWaiting = "tollgate_purchases_waiting"
    static let spoolRecords = "tollgate_spool_records"
    static let spoolBytes = "tollgate_spool_bytes"
    static let processingBlocked = "tollgate_processing_blocked"
    static let spoolSetAside = "tollgate_spool_set_aside_files"
    static let customers = "tollgate_customers"
    static let buildInfo = "tollgate_build_info"
    static let postgresUp = "tollgate_postgresql_up"
    // Prometheus' own names for what every process has.
    static let processorSeconds = "process_cpu_seconds_total"
    static let residentMemory = "process_resident_memory_bytes"

    package static let help = [
        received:
            "Webhook requests by outcome: accepted, duplicate, quarantined, spooled, unavailable, or why not signed.",
        verified: "Webhook requests that were rightly signed, by the label of the secret.",
        processed: "Attempts at events by outcome and type; types that no rule wants are `other`.",
        ignored: "Attempts at events that changed nothing, by reason.",
        queueDepth: "Events that are pending.",
        queueAge: "How long the oldest event that is due has been pending, in seconds.",
        purchasesWaiting: "Purchases of credits that wait for an event which names their customer.",
        spoolRecords: "Events that wait in the spool of this process.",
        spoolBytes: "What the spool of this process takes on disk, in bytes.",
        spoolSetAside: "Files beside the spool that wait for somebody to look at them: damaged bytes, refused events.",
        customers: "Customers by the reason of what gateways are told of them; counted once a minute at the most.",
        buildInfo: "1, with the version of the program.",
        processingBlocked: "1 while this keeps pending events of this process from being processed, by cause.",
        postgresUp: "1 while PostgreSQL answers, 0 while it does not.",
        processorSeconds: "Time that this process spent on processors, in seconds.",
        residentMemory: "Memory of this process that is in RAM, in bytes.",
        RequestDurations.label: "How long HTTP requests took, in seconds.",
    ]
}
