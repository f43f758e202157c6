// SPDX-License-Identifier: Apache-2.0

/// Which of our modules may import which. The C libraries' modules belong to the one that wraps them.
enum ImportTable {
    static let allowed: [String: Set<String>] = [
        // 1: the base.
        "Notation": [],
        "Schema": [],
        "Timing": ["Notation"],
        "Hashing": ["COpenSSL", "Notation"],
        "Telemetry": ["Notation"],
        // 2: one subject each.
        "Stripe": ["Notation", "Hashing"],
        "Billing": ["Notation"],
        "Metering": ["Notation"],
        "Postgres": ["CLibPQ", "Notation"],
        "Spool": ["Notation", "Hashing"],
        "API": ["Notation"],
        "StripeAPI": ["Notation", "Stripe", "Telemetry", "Timing"],
        "Settings": ["Billing", "Metering", "Notation", "Postgres", "Stripe", "Telemetry"],
        // 3: where two subjects meet.
        "StripeSetup": ["Hashing", "Notation", "Stripe", "StripeAPI"],
        "Cluster": [],
        "Store": ["Billing", "Metering", "Postgres", "Schema", "Notation", "Stripe", "Hashing"],
        "EventReading": ["Stripe", "Billing", "Notation"],
        "HTTP": ["Notation", "Telemetry"],
        "EventForge": ["Stripe", "Notation", "Hashing"],
        "Console": [
            "API", "EventForge", "EventReading", "Metering", "Notation", "Settings", "Stripe", "Telemetry", "Timing",
        ],
        // 4: what runs. None of them imports another.
        "Ingest": ["Stripe", "Store", "Spool", "Notation", "Telemetry", "Timing"],
        "Processing": ["Billing", "Stripe", "EventReading", "Store", "Notation", "Telemetry", "Timing"],
        "Fetching": [
            "Billing", "EventReading", "Hashing", "Notation", "Store", "Stripe", "StripeAPI", "Telemetry", "Timing",
        ],
        "MeteringServices": ["Store", "Timing"],
        "Gateway": ["Billing", "Store", "Notation", "Hashing"],
        "Bench": ["Console", "EventForge", "Hashing", "Notation", "Postgres", "Settings", "Stripe", "Telemetry"],
        // 5
        "Server": [
            "API", "Billing", "Gateway", "HTTP", "Hashing", "Ingest", "Metering", "Notation", "Spool", "Store",
            "Stripe", "Telemetry", "Timing",
        ],
        // 6: the program wires everything.
        "tollgate": [
            "API", "Bench", "Billing", "Cluster", "Console", "EventForge", "EventReading", "Fetching", "Gateway",
            "HTTP", "Ingest", "Metering", "MeteringServices", "Notation", "Postgres", "Processing", "Server",
            "Settings", "Spool", "Store",
            "Stripe", "StripeAPI", "StripeSetup", "Telemetry",
        ],
    ]
}
