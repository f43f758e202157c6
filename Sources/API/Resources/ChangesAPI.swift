// SPDX-License-Identifier: Apache-2.0

import Notation

/// The answers of many customers, and how they change, for gateways that keep them.
package enum ChangesAPI {
    // MARK: What is asked

    package struct BatchRequest: ObjectContent {
        package static let form = ObjectForm("AccessBatchRequest", BatchRequest())

        package let customers = Property("customers", .list(.id, atMost: 1_000))
    }

    package struct ListParameters: ObjectContent {
        package static let form = ObjectForm("AccessListParameters", ListParameters())

        package let limit = Property(query: "limit", .integer(PageLimit.longRange), default: PageLimit.longStandard)
        package let startingAfter = Property(query: "starting_after", .place)
    }

    package struct Parameters: ObjectContent {
        package static let form = ObjectForm("FeedParameters", Parameters())

        /// Without one it begins now.
        package let cursor = Property(filledQuery: "cursor", .feedCursor)
        package let limit = Property(query: "limit", .integer(PageLimit.longRange), default: PageLimit.longStandard)
        /// How long the answer may wait for a change if there is none.
        package let wait = Property(query: "wait", .wait, default: .zero)
    }

    package struct StreamParameters: ObjectContent {
        package static let form = ObjectForm("FeedStreamParameters", StreamParameters())

        package let cursor = Property(filledQuery: "cursor", .feedCursor)
        /// What a client sends that has lost its connection; it counts more than `cursor`.
        package let lastEventID = Property(maybeHeader: "Last-Event-ID", .feedCursor)
    }

    // MARK: What is answered

    package enum FailureWord: String, CaseIterable {
        case unknownCustomer = "unknown_customer"
    }

    /// In place of an answer.
    package struct Failure: ObjectContent {
        package static let form = ObjectForm("AccessFailure", Failure())

        package let customer = Property("customer", .id)
        package let error = Property("error", .word(of: FailureWord.self))
    }

    package struct Batch: ObjectContent {
        package static let form = ObjectForm("AccessBatch", Batch())

        /// In the order in which they were asked for.
        package let data = Property("data", .list(of: AccessAPI.Access.self, or: Failure.self))
        package let cursor = Property("cursor", .feedCursor)
    }

    package struct AccessPage: ObjectContent {
        package static let form = ObjectForm("AccessPage", AccessPage())

        package let data = Property("data", .list(of: AccessAPI.Access.self))
        package let cursor = Property("cursor", .feedCursor)
        package let hasMore = Property("has_more", .bool)
    }

    package struct Change: DecisionContent {
        package static let form = ObjectForm("FeedChange", Change())

        package let customer = Property("customer", .id)
        package let allowed = Property("allowed", .bool)
        package let reason = Property("reason", .word(of: AccessAPI.ReasonWord.self))
        package let until = Property("until", .nullable(.time))
        package let credits = Property("credits", .integer)
        package let version = Property("version", .integer)
        /// When the change was written, or the answer began by itself.
        package let at = Property("at", .time)
    }

    package struct Page: ObjectContent {
        package static let form = ObjectForm("FeedPage", Page())

        package let data = Property("data", .list(of: Change.self))
        /// Where to go on; the same while there is nothing.
        package let cursor = Property("cursor", .feedCursor)
        package let hasMore = Property("has_more", .bool)
    }

    // MARK: Operations

    package static let batch = Operation<Nothing, BatchRequest, Batch>(
        .post, "/v1/access/batch", id: "showAccessOfMany", by: .gateway,
        "Whether each of many customers may call the API",
        bodyLimit: 512 * 1024)

    package static let list = Operation<ListParameters, Nothing, AccessPage>(
        .get, "/v1/access", id: "listAccess", by: .gateway,
        "All customers by id; the first page's cursor is the one to follow changes from")

    package static let changes = Operation<Parameters, Nothing, Page>(
        .get, "/v1/changes", id: "listChanges", by: .gateway, "What has changed since a cursor; waits if asked to",
        problems: [.invalidCursor, .cursorTooOld])

    package static let stream = Operation<StreamParameters, Nothing, Nothing>(
        Endpoint(
            method: .get, path: "/v1/changes/stream", id: "streamChanges", sides: [.private], caller: .gateway,
            summary: "The same as server-sent events: change, checkpoint, resync",
            parameters: StreamParameters.form.properties, body: nil, bodyDescription: nil,
            bodyLimit: changes.endpoint.bodyLimit,
            answers: [
                Endpoint.Answer(
                    status: 200, mediaType: "text/event-stream", schema: JSONSchema(["type": "string"]),
                    description: "Events, until either side ends.")
            ],
            problems: ProblemCode.common(.gateway, StreamParameters.form.properties, hasBody: false, readsBody: true)
                .union([.invalidCursor]), links: []))

    static let endpoints = [batch.endpoint, list.endpoint, changes.endpoint, stream.endpoint]
}
