// SPDX-License-Identifier: Apache-2.0

import Notation

/// All calls of a customer in a month: as JSON, as CSV, or as a page to print. Operators see the same as gateways.
package enum StatementsAPI {
    package enum MediaType: String, CaseIterable, Sendable {
        case json = "application/json"
        case csv = "text/csv"
        case html = "text/html"
    }

    package struct Parameters: ObjectContent {
        package static let form = ObjectForm("StatementParameters", Parameters())

        package let customer = Property(path: "customer", .id("cus_1"))
        /// In UTC; without it, the current one.
        package let month = Property(query: "month", .month)
    }

    package struct Line: ObjectContent {
        package static let form = ObjectForm("StatementLine", Line())

        package let at = Property("at", .time)
        package let id = Property("id", .id)
        package let provider = Property("provider", .string)
        package let model = Property("model", .string)
        package let key = Property("key", .nullable(.string))
        package let status = Property("status", .word(of: UsageAPI.StatusWord.self))
        package let bill = Property("bill", .word(of: PlansAPI.BillWord.self))
        package let pools = Property("pools", .quantities)
        package let charge = Property("charge", .string)
        package let credits = Property("credits", .integer)
        package let creditValue = Property("credit_value", .string)
        package let words = Property("words", .string)
        /// The call whose price changed after it was charged: this is the difference.
        package let corrects = Property(maybe: "corrects", .id)
    }

    /// By what the charges were taken from.
    package struct Charges: ObjectContent {
        package static let form = ObjectForm("StatementCharges", Charges())

        package let credits = Property("credits", .string)
        package let meter = Property("meter", .string)
        package let none = Property("none", .string)
    }

    /// What the lines come to: `opening` + `charge.credits` = `credits_worth` + `closing`.
    package struct Sums: ObjectContent {
        package static let form = ObjectForm("StatementSums", Sums())

        package let records = Property("records", .integer)
        /// How many failed or were refused, and were free.
        package let free = Property("free", .integer)
        package let charge = Property("charge", .object(Charges.self))
        package let credits = Property("credits", .integer)
        package let creditsWorth = Property("credits_worth", .string)
    }

    package struct Statement: ObjectContent {
        package static let form = ObjectForm("Statement", Statement())

        package let customer = Property("customer", .id)
        package let month = Property("month", .string)
        /// What earlier months' calls have left, in dollars.
        package let opening = Property("opening", .string)
        package let closing = Property("closing", .string)
        package let total = Property("total", .string)
        package let credits = Property("credits", .integer)
        package let records = Property("records", .integer)
        package let words = Property("words", .string)
        /// In the order of the calls.
        package let lines = Property("lines", .list(of: Line.self))
        package let sums = Property("sums", .object(Sums.self))
    }

    package static let show = operation(.gateway, "/v1", id: "showStatement")
    package static let showForOperators = operation(.admin, "/admin/v1", id: "showStatementForOperators")

    private static func operation(
        _ caller: Endpoint.Caller, _ root: String, id: String
    ) -> Operation<Parameters, Nothing, Nothing> {
        let properties = Parameters.form.properties
        return Operation(
            Endpoint(
                method: .get, path: "\(root)/customers/{customer}/statement", id: id, sides: [.private], caller: caller,
                summary: "All calls of a customer in a month, and what they come to", parameters: properties,
                body: nil, bodyDescription: nil, bodyLimit: CustomerUsageAPI.sums.endpoint.bodyLimit,
                answers: MediaType.allCases.map { type in
                    let schema = type == .json ? Statement.form.schema : JSONSchema(["type": "string"])
                    return Endpoint.Answer(
                        status: 200, mediaType: type.rawValue, schema: schema, description: "As `Accept` asks for it.")
                },
                problems: ProblemCode.common(caller, properties, hasBody: false, readsBody: true)
                    .union([.unknownCustomer, .notAcceptable]), links: []))
    }

    static let endpoints = [show.endpoint, showForOperators.endpoint]
}
