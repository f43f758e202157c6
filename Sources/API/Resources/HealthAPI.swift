// SPDX-License-Identifier: Apache-2.0

import Notation

/// For monitoring.
package enum HealthAPI {
    package enum ReadyWord: String, CaseIterable {
        case ready, unready, stopping
    }

    package enum DatabaseWord: String, CaseIterable {
        case up, down
        case readOnly = "read-only"
    }

    package enum SpoolWord: String, CaseIterable {
        case off, up, full, failing
    }

    package enum ProcessingWord: String, CaseIterable {
        case running, blocked, stuck
    }

    package struct Alive: ObjectContent {
        package static let form = ObjectForm("Alive", Alive())

        package let status = Property("status", .string)
    }

    package struct DatabaseState: ObjectContent {
        package static let form = ObjectForm("DatabaseState", DatabaseState())

        package let state = Property("state", .word(of: DatabaseWord.self))
        /// Why there is no session, if known.
        package let cause = Property(maybe: "cause", .string)
        package let detail = Property(maybe: "detail", .string)
    }

    package struct SpoolState: ObjectContent {
        package static let form = ObjectForm("SpoolState", SpoolState())

        package let state = Property("state", .word(of: SpoolWord.self))
        package let records = Property(maybe: "records", .integer)
        package let bytes = Property(maybe: "bytes", .integer)
        /// Records that cannot be drained now.
        package let stuck = Property(maybe: "stuck", .integer)
    }

    package struct ProcessingState: ObjectContent {
        package static let form = ObjectForm("ProcessingState", ProcessingState())

        package let state = Property("state", .word(of: ProcessingWord.self))
        package let cause = Property(maybe: "cause", .string)
    }

    package struct Ready: ObjectContent {
        package static let form = ObjectForm("Ready", Ready())

        package let status = Property("status", .word(of: ReadyWord.self))
        package let postgresql = Property("postgresql", .object(DatabaseState.self))
        /// For a process that receives events.
        package let spool = Property(maybe: "spool", .object(SpoolState.self))
        /// For a process that only works.
        package let processing = Property(maybe: "processing", .object(ProcessingState.self))
    }

    package static let alive = Operation<Nothing, Nothing, Alive>(
        .get, "/healthz", id: "isAlive", on: [.public, .private], by: .anybody, "Answers while the process lives")

    package static let ready = Operation<Nothing, Nothing, Ready>(
        .get, "/readyz", id: "isReady", by: .anybody, "Whether events can be made durable",
        others: [
            Endpoint.Answer(
                status: 503, mediaType: "application/json", schema: Ready.form.schema,
                description: "They cannot, or the process is stopping.")
        ])

    package static let metrics = Operation<Nothing, Nothing, Nothing>(
        Endpoint(
            method: .get, path: "/metrics", id: "showMetrics", sides: [.private], caller: .anybody,
            summary: "Metrics as Prometheus text", parameters: [], body: nil, bodyDescription: nil, bodyLimit: 0,
            answers: [
                Endpoint.Answer(
                    status: 200, mediaType: "text/plain", schema: JSONSchema(["type": "string"]),
                    description: "Metrics.")
            ],
            problems: ProblemCode.common(.anybody, [], hasBody: false), links: []))

    /// This contract.
    package static let document = Operation<Nothing, Nothing, Nothing>(
        Endpoint(
            method: .get, path: "/openapi.json", id: "showContract", sides: [.private], caller: .anybody,
            summary: "This document", parameters: [], body: nil, bodyDescription: nil, bodyLimit: 0,
            answers: [
                Endpoint.Answer(
                    status: 200, mediaType: "application/json", schema: JSONSchema(["type": "object"]),
                    description: "OpenAPI 3.1.")
            ],
            problems: ProblemCode.common(.anybody, [], hasBody: false), links: []))

    static let endpoints = [alive.endpoint, ready.endpoint, metrics.endpoint, document.endpoint]
}
