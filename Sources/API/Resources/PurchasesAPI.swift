// SPDX-License-Identifier: Apache-2.0

import Notation

/// Purchases of credits as operators see them.
package enum PurchasesAPI {
    package enum ObjectWord: String, CaseIterable {
        case charge, invoice
        case paymentIntent = "payment_intent"
        case checkoutSession = "checkout_session"
    }

    package enum RefundWord: String, CaseIterable {
        case pending, succeeded, failed
    }

    package enum DisputeWord: String, CaseIterable {
        case inquiry, open, won, lost
    }

    // MARK: What is asked

    package struct Path: ObjectContent {
        package static let form = ObjectForm("PurchasePath", Path())

        /// Any of the purchase's objects.
        package let object = Property(path: "object", .id("pi_1"))
    }

    package struct ListParameters: ObjectContent {
        package static let form = ObjectForm("PurchaseListParameters", ListParameters())

        /// All others are found by their customer or by one of their objects.
        package let waiting = Property(required: "waiting", .isTrue)
        package let limit = Property(query: "limit", .integer(PageLimit.range), default: PageLimit.standard)
        package let startingAfter = Property(query: "starting_after", .place)
    }

    package struct AssignmentRequest: ObjectContent {
        package static let form = ObjectForm("AssignmentRequest", AssignmentRequest())

        package let customer = Property("customer", .id("cus_1"))
        package let credits = Property(optional: "credits", PricesAPI.creditsForm)
        package let reason = Property("reason", .reason)
    }

    // MARK: What is answered

    /// One Stripe object.
    package struct Part: ObjectContent {
        package static let form = ObjectForm("PurchaseObject", Part())

        package let kind = Property("kind", .word(of: ObjectWord.self))
        package let customer = Property("customer", .nullable(.string))
        package let credits = Property("credits", .nullable(.integer))
        package let paid = Property("paid", .nullable(.integer))
        package let refunded = Property("refunded", .nullable(.integer))
        /// Of `paid` and `refunded`.
        package let currency = Property("currency", .nullable(.string))
    }

    package struct Refund: ObjectContent {
        package static let form = ObjectForm("Refund", Refund())

        package let status = Property("status", .word(of: RefundWord.self))
        package let amount = Property("amount", .integer)
        package let currency = Property("currency", .nullable(.string))
    }

    package struct Dispute: ObjectContent {
        package static let form = ObjectForm("Dispute", Dispute())

        package let status = Property("status", .word(of: DisputeWord.self))
        package let amount = Property("amount", .integer)
        package let currency = Property("currency", .nullable(.string))
        package let at = Property("at", .time)
    }

    package struct Assignment: ObjectContent {
        package static let form = ObjectForm("Assignment", Assignment())

        package let customer = Property("customer", .string)
        package let credits = Property("credits", .nullable(.integer))
        package let reason = Property("reason", .string)
        package let `operator` = Property("operator", .string)
        package let at = Property("at", .time)
    }

    /// Whose a purchase was, and what losing it did.
    package struct Taking: ObjectContent {
        package static let form = ObjectForm("TakenFrom", Taking())

        package let customer = Property("customer", .string)
        package let credits = Property("credits", .integer)
        package let balance = Property("balance", .integer)
        package let allowed = Property("allowed", .bool)
        package let reason = Property("reason", .word(of: AccessAPI.ReasonWord.self))
    }

    package struct Purchase: ObjectContent {
        package static let form = ObjectForm("Purchase", Purchase())

        package let id = Property("id", .string)
        package let customer = Property("customer", .nullable(.string))
        package let credits = Property("credits", .nullable(.integer))
        package let given = Property("given", .integer)
        package let paid = Property("paid", .nullable(.integer))
        package let share = Property("share", .nullable(.integer))
        package let taken = Property("taken", .integer)
        /// Of `paid`, `share` and `taken`, which are in its smallest unit; `credits` and `given` are credits.
        package let currency = Property("currency", .nullable(.string))
        package let objects = Property("objects", .map(of: Part.self))
        package let refunds = Property("refunds", .map(of: Refund.self))
        package let disputes = Property("disputes", .map(of: Dispute.self))
        package let assignment = Property("assignment", .nullable(.object(Assignment.self)))
        /// Only for an assignment that moved it.
        package let takenFrom = Property(maybe: "taken_from", .object(Taking.self))
    }

    package struct Page: PageContent {
        package static let form = ObjectForm("PurchasePage", Page())

        package let data = Property("data", .list(of: Purchase.self))
        package let hasMore = Property("has_more", .bool)

        package static func cursor(of line: Object<Purchase>) -> String { line.id }
    }

    // MARK: Operations

    package static let list = Operation<ListParameters, Nothing, Page>(
        .get, "/admin/v1/purchases", id: "listPurchases", by: .admin, "Purchases that wait for a customer",
        links: ["showPurchase", "assignPurchase"].map {
            Endpoint.Link(operation: $0, parameter: "object", pointer: "/data/0/id")
        })

    package static let show = Operation<Path, Nothing, Purchase>(
        .get, "/admin/v1/purchases/{object}", id: "showPurchase", by: .admin, "A purchase, by any of its objects",
        problems: [.unknownPurchase])

    package static let assign = Operation<Path, AssignmentRequest, Purchase>(
        .post, "/admin/v1/purchases/{object}/assign", id: "assignPurchase", by: .admin,
        "Say whose a purchase is, or how many credits it buys",
        problems: [.unknownPurchase, .purchaseOfAnotherCustomer, .noCredits, .purchaseUnpaid, .balanceOutOfRange])

    static let endpoints = [list.endpoint, show.endpoint, assign.endpoint]
}
