// SPDX-License-Identifier: Apache-2.0

import Notation

/// What calls have used, as gateways report it, and what they were charged.
package enum UsageAPI {
    /// The most records in one request.
    package static let mostItems = 1000

    /// A thousand records fit, with their usage objects and some labels each.
    static let bodyLimit = 4 << 20

    package enum DialectWord: String, CaseIterable, Sendable {
        case anthropic, openai, tokens
    }

    package enum StatusWord: String, CaseIterable, Sendable {
        case ok, failed, aborted, refused
    }

    package enum OutcomeWord: String, CaseIterable, Sendable {
        case recorded, duplicate, quarantined, conflict, invalid
    }

    // MARK: What is asked

    /// What a gateway may add for its customer's eyes.
    package struct CallDetails: ObjectContent {
        package static let form = ObjectForm("UsageRequestDetails", CallDetails())

        package let session = Property(optional: "session", .shortText)
        /// In characters.
        package let contentLength = Property(optional: "content_length", .length)
        package let responseLength = Property(optional: "response_length", .length)
        package let labels = Property(optional: "labels", .metadata)
    }

    package struct Item: ObjectContent {
        package static let form = ObjectForm("UsageRecord", Item())

        /// Chosen by the gateway; never used twice.
        package let id = Property("id", .id("msg_1"))
        /// One of this and `key` is there.
        package let customer = Property(optional: "customer", .id("cus_1"))
        package let key = Property(optional: "key", .id("key_1"))
        package let provider = Property("provider", .providerName)
        package let dialect = Property("dialect", .oneOf(DialectWord.allCases))
        package let model = Property("model", .modelName)
        /// When the call was made: it chooses the price.
        package let at = Property("at", .moment)
        /// `ok` if it is left out.
        package let status = Property(optional: "status", .oneOf(StatusWord.allCases))
        /// The provider's own; nothing for a call that has none.
        package let usage = Property(optional: "usage", .usageObject)
        package let batch = Property(optional: "batch", .bool)
        /// The hold that was made for the call.
        package let hold = Property(optional: "hold", .id("hold_1"))
        package let request = Property(optional: "request", .object(CallDetails.self))
    }

    package struct Request: ObjectContent {
        package static let form = ObjectForm("UsageRequest", Request())

        /// Each is judged alone: a malformed one harms no other.
        package let records = Property("records", .unread(Item.self, atMost: mostItems))
    }

    // MARK: What is answered

    package struct Line: ObjectContent {
        package static let form = ObjectForm("UsageReceiptLine", Line())

        package let pool = Property("pool", .string)
        package let quantity = Property("quantity", .integer)
        /// Dollars for a million tokens, a thousand searches or one unit.
        package let rate = Property("rate", .string)
        package let cost = Property("cost", .string)
        /// By their names: `batch`, `geo:us`, `speed:fast`.
        package let factors = Property(maybe: "factors", .texts)
        /// This and the next where the line has another rate than the receipt.
        package let model = Property(maybe: "model", .string)
        package let version = Property(maybe: "version", .id)
    }

    package struct Receipt: ObjectContent {
        package static let form = ObjectForm("UsageReceipt", Receipt())

        /// At list prices, in dollars, never rounded.
        package let cost = Property("cost", .string)
        package let charge = Property("charge", .string)
        package let credits = Property("credits", .integer)
        /// Dollars that the customer carries from then on: less than a credit.
        package let remainder = Property("remainder", .string)
        /// The version of the rate; null if nothing was charged.
        package let rate = Property("rate", .nullable(.id))
        /// The version of the plan.
        package let plan = Property("plan", .id)
        package let lines = Property("lines", .list(of: Line.self))
        package let hold = Property(maybe: "hold", .id)
    }

    package struct Outcome: ObjectContent {
        package static let form = ObjectForm("UsageOutcome", Outcome())

        /// As it was sent, if it is an id.
        package let id = Property(maybe: "id", .id)
        package let outcome = Property("outcome", .oneOf(OutcomeWord.allCases))
        package let error = Property(maybe: "error", .string)
        /// Of a record that is charged: also of a duplicate.
        package let receipt = Property(maybe: "receipt", .object(Receipt.self))
    }

    package struct Outcomes: ObjectContent {
        package static let form = ObjectForm("UsageOutcomes", Outcomes())

        /// In the order of the request.
        package let data = Property("data", .list(of: Outcome.self))
    }

    // MARK: Operators

    package enum QuarantineWord: String, CaseIterable, Sendable {
        case quarantined, recorded, discarded
    }

    package struct Path: ObjectContent {
        package static let form = ObjectForm("UsagePath", Path())

        package let id = Property(path: "id", .id("msg_1"))
    }

    package struct ListParameters: ObjectContent {
        package static let form = ObjectForm("UsageListParameters", ListParameters())

        package let status = Property(query: "status", .oneOf(QuarantineWord.allCases))
        package let customer = Property(query: "customer", .id)
        package let limit = Property(query: "limit", .integer(PageLimit.range), default: PageLimit.standard)
        package let startingAfter = Property(query: "starting_after", .place)
    }

    package struct DiscardRequest: ObjectContent {
        package static let form = ObjectForm("UsageDiscardRequest", DiscardRequest())

        package let reason = Property("reason", .reason)
    }

    /// A report that could not be charged when it came.
    package struct Quarantined: ObjectContent {
        package static let form = ObjectForm("QuarantinedUsage", Quarantined())

        package let id = Property("id", .id)
        package let status = Property("status", .oneOf(QuarantineWord.allCases))
        package let customer = Property("customer", .nullable(.id))
        package let key = Property("key", .nullable(.id))
        package let reason = Property("reason", .string)
        package let error = Property("error", .string)
        package let attempts = Property("attempts", .integer)
        package let receivedAt = Property("received_at", .time)
        package let triedAt = Property("tried_at", .time)
        package let `operator` = Property("operator", .nullable(.string))
        package let note = Property("note", .nullable(.string))
        /// All that was reported.
        package let report = Property("report", .any)
    }

    package struct Page: PageContent {
        package static let form = ObjectForm("QuarantinedUsagePage", Page())

        /// In the order of ids.
        package let data = Property("data", .list(of: Quarantined.self))
        package let hasMore = Property("has_more", .bool)

        package static func cursor(of line: Object<Quarantined>) -> String { line.id }
    }

    // MARK: Operations

    package static let record = Operation<Nothing, Request, Outcomes>(
        .post, "/v1/usage", id: "recordUsage", by: .gateway,
        "Report what calls have used: each is charged once, and what cannot be charged waits", bodyLimit: bodyLimit)

    package static let list = Operation<ListParameters, Nothing, Page>(
        .get, "/admin/v1/usage", id: "listQuarantinedUsage", by: .admin,
        "Reports of calls that could not be charged",
        links: ["replayUsage", "discardUsage"].map {
            Endpoint.Link(operation: $0, parameter: "id", pointer: "/data/0/id")
        })

    package static let replay = Operation<Path, Nothing, Outcome>(
        .post, "/admin/v1/usage/{id}/replay", id: "replayUsage", by: .admin,
        "Try again to charge a quarantined report, once its cause is mended",
        problems: [.unknownUsage, .usageNotQuarantined])

    package static let discard = Operation<Path, DiscardRequest, Quarantined>(
        .post, "/admin/v1/usage/{id}/discard", id: "discardUsage", by: .admin,
        "Decide that a quarantined report is never charged", problems: [.unknownUsage, .usageNotQuarantined])

    static let endpoints = [record.endpoint, list.endpoint, replay.endpoint, discard.endpoint]
}
