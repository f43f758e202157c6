// SPDX-License-Identifier: Apache-2.0

import Notation

/// Credits spent in one step, for calls whose cost is known.
package enum DebitsAPI {
    /// The most debits in one request.
    package static let mostItems = 1000

    /// A thousand debits fit, with some metadata each.
    static let bodyLimit = 1024 * 1024

    /// Why nothing is debited, beside want of credits.
    private static let refusals = HoldsAPI.denials.union([.unknownCustomer, .conflict, .balanceOutOfRange])

    /// What can become of one of many. What is wrong with the request as a whole is answered for all of them.
    private static let outcomes = refusals.union([
        .unknownField, .missingField, .invalidField, .insufficientCredits, .internalError, .unavailable,
    ])

    // MARK: What is asked

    package struct Path: ObjectContent {
        package static let form = ObjectForm("DebitPath", Path())

        package let customer = Property(path: "customer", .id("cus_1"))
        /// Chosen by the gateway; never used twice for one customer.
        package let debit = Property(path: "debit", .id("debit_1"))
    }

    package struct Request: ObjectContent {
        package static let form = ObjectForm("DebitRequest", Request())

        package let amount = Property("amount", PricesAPI.creditsForm)
        /// Whether it is made whatever is available, and whatever the flag says.
        package let allowNegative = Property(optional: "allow_negative", .bool)
        package let metadata = Property(optional: "metadata", .metadata)
    }

    /// One of many.
    package struct Item: ObjectContent {
        package static let form = ObjectForm("DebitItem", Item())

        package let customer = Property("customer", .id("cus_1"))
        package let debit = Property("debit", .id("debit_1"))
        package let amount = Property("amount", PricesAPI.creditsForm)
        package let allowNegative = Property(optional: "allow_negative", .bool)
        package let metadata = Property(optional: "metadata", .metadata)
    }

    package struct ManyRequest: ObjectContent {
        package static let form = ObjectForm("DebitsRequest", ManyRequest())

        /// Each is judged alone: a malformed one harms no other.
        package let debits = Property("debits", .unread(Item.self, atMost: mostItems))
    }

    // MARK: What is answered

    package struct Debit: ObjectContent {
        package static let form = ObjectForm("Debit", Debit())

        package let debit = Property("debit", .id)
        package let customer = Property("customer", .id)
        package let amount = Property("amount", .integer)
        /// The balance just after it.
        package let credits = Property("credits", .integer)
        package let available = Property("available", .integer)
        package let createdAt = Property("created_at", .time)
    }

    /// What became of one of many: a debit, or a problem's code and detail.
    package struct Outcome: ObjectContent {
        package static let form = ObjectForm("DebitOutcome", Outcome())

        /// What the same debit would be answered alone.
        package let status = Property("status", .integer)
        /// This and the next as they were sent, if they are ids.
        package let customer = Property(maybe: "customer", .id)
        package let debit = Property(maybe: "debit", .id)
        package let amount = Property(maybe: "amount", .integer)
        package let credits = Property(maybe: "credits", .integer)
        package let available = Property(maybe: "available", .integer)
        package let createdAt = Property(maybe: "created_at", .time)
        package let code = Property(maybe: "code", .word(of: outcomes))
        package let detail = Property(maybe: "detail", .string)
    }

    package struct Outcomes: ObjectContent {
        package static let form = ObjectForm("DebitOutcomes", Outcomes())

        /// In the order of the request.
        package let data = Property("data", .list(of: Outcome.self))
    }

    // MARK: Operations

    package static let create = Operation<Path, Request, Debit>(
        .put, "/v1/customers/{customer}/debits/{debit}", id: "createDebit", by: .gateway,
        "Spend credits in one step; repeated, the same debit", bodyLimit: HoldsAPI.bodyLimit, status: 201,
        others: [
            Endpoint.Answer(
                status: 200, mediaType: "application/json", schema: Debit.form.schema,
                description: "The same was asked for before: the debit that was made then."),
            InsufficientCredits.answer,
        ], problems: refusals)

    package static let createMany = Operation<Nothing, ManyRequest, Outcomes>(
        .post, "/v1/debits", id: "createDebits", by: .gateway, "Spend credits of many customers, each debit on its own",
        bodyLimit: bodyLimit)

    static let endpoints = [create.endpoint, createMany.endpoint]
}
