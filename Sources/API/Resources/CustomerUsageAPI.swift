// SPDX-License-Identifier: Apache-2.0

import Notation

/// What a customer's calls have used and cost: sums, and each call alone. Operators see the same as gateways.
package enum CustomerUsageAPI {
    package enum GroupWord: String, CaseIterable, Sendable {
        case day, model, key
    }

    /// More groups are left out.
    package static let groupLimit = 1_000

    // MARK: What is asked

    package struct Parameters: ObjectContent {
        package static let form = ObjectForm("UsageParameters", Parameters())

        package let customer = Property(path: "customer", .id("cus_1"))
        /// The first day; without it, that of the month.
        package let from = Property(query: "from", .day)
        /// The day after the last one; without it, tomorrow.
        package let to = Property(query: "to", .day)
        package let groupBy = Property(query: "group_by", .oneOf(GroupWord.allCases), default: .day)
    }

    package struct RecordPath: ObjectContent {
        package static let form = ObjectForm("UsageRecordPath", RecordPath())

        package let customer = Property(path: "customer", .id("cus_1"))
        package let id = Property(path: "id", .id("call_1"))
    }

    // MARK: What is answered

    /// Named by the property that they are grouped by.
    package struct Group: ObjectContent {
        package static let form = ObjectForm("UsageGroup", Group())

        package let day = Property(maybe: "day", .string)
        package let model = Property(maybe: "model", .string)
        package let provider = Property(maybe: "provider", .string)
        /// Null for calls without one.
        package let key = Property(maybe: "key", .nullable(.string))
        package let records = Property("records", .integer)
        package let cost = Property("cost", .string)
        package let charge = Property("charge", .string)
        package let credits = Property("credits", .integer)
        package let pools = Property("pools", .quantities)
    }

    package struct Usage: ObjectContent {
        package static let form = ObjectForm("CustomerUsage", Usage())

        package let customer = Property("customer", .id)
        package let from = Property("from", .string)
        package let to = Property("to", .string)
        package let groupBy = Property("group_by", .oneOf(GroupWord.allCases))
        /// Days in order; models and keys by what they were charged, the dearest first.
        package let data = Property("data", .list(of: Group.self))
        package let truncated = Property("truncated", .bool)
    }

    package struct Record: ObjectContent {
        package static let form = ObjectForm("CallRecord", Record())

        package let id = Property("id", .id)
        package let customer = Property("customer", .id)
        package let key = Property("key", .nullable(.string))
        package let at = Property("at", .time)
        package let recordedAt = Property("recorded_at", .time)
        package let provider = Property("provider", .string)
        package let dialect = Property("dialect", .word(of: UsageAPI.DialectWord.self))
        package let model = Property("model", .string)
        package let status = Property("status", .word(of: UsageAPI.StatusWord.self))
        package let batch = Property("batch", .bool)
        package let hold = Property("hold", .nullable(.string))
        /// The provider's, as it came; null if the call has none.
        package let usage = Property("usage", .any)
        /// What the gateway noted: `session`, lengths, `labels`.
        package let request = Property("request", .any)
        /// What was assumed.
        package let marks = Property("marks", .list(.string))
        package let bill = Property("bill", .word(of: PlansAPI.BillWord.self))
        package let creditValue = Property("credit_value", .string)
        /// What of the charges before it was less than a credit: `carried` + `charge` = `credits` × `credit_value` +
        /// `remainder`.
        package let carried = Property("carried", .string)
        package let words = Property("words", .string)
        /// The call whose price changed after it was charged: this is the difference.
        package let corrects = Property(maybe: "corrects", .id)
        package let receipt = Property("receipt", .object(UsageAPI.Receipt.self))
    }

    // MARK: Operations

    package static let sums = sumsOperation(.gateway, "/v1", id: "sumUsage")
    package static let sumsForOperators = sumsOperation(.admin, "/admin/v1", id: "sumUsageForOperators")
    package static let record = recordOperation(.gateway, "/v1", id: "showCall")
    package static let recordForOperators = recordOperation(.admin, "/admin/v1", id: "showCallForOperators")

    private static func sumsOperation(
        _ caller: Endpoint.Caller, _ root: String, id: String
    ) -> Operation<Parameters, Nothing, Usage> {
        Operation(
            .get, "\(root)/customers/{customer}/usage", id: id, by: caller,
            "What a customer's calls have come to, by day, model or API key", problems: [.unknownCustomer, .emptySpan])
    }

    private static func recordOperation(
        _ caller: Endpoint.Caller, _ root: String, id: String
    ) -> Operation<RecordPath, Nothing, Record> {
        Operation(
            .get, "\(root)/customers/{customer}/usage/{id}", id: id, by: caller,
            "One call: what it used, what it was charged, and how that adds up",
            problems: [.unknownCustomer, .unknownUsage])
    }

    static let endpoints = [
        sums.endpoint, record.endpoint, sumsForOperators.endpoint, recordForOperators.endpoint,
    ]
}
