// SPDX-License-Identifier: Apache-2.0

import Notation

/// Customers as operators see them.
package enum CustomersAPI {
    /// For the ledger and for the timeline.
    package static let mostLines = 1...500

    /// The most credits that one action of an operator may move, either way.
    package static let mostCredits: Int64 = 1_000_000_000_000_000

    package enum LedgerWord: String, CaseIterable {
        case topUp = "top_up"
        case grant, refund, dispute, correction, settlement, debit, usage, expiry, repayment
    }

    package enum CauseWord: String, CaseIterable {
        case event, `operator`, hold, debit, usage, time, configuration
    }

    // MARK: What is asked

    package struct Path: ObjectContent {
        package static let form = ObjectForm("CustomerPath", Path())

        package let customer = Property(path: "customer", .id("cus_1"))
    }

    /// Whether it can be a customer's id.
    package static func admits(customer id: String) -> Bool { Path.form.content.customer.admits(id) }

    package struct ListParameters: ObjectContent {
        package static let form = ObjectForm("CustomerListParameters", ListParameters())

        package let allowed = Property(query: "allowed", .bool)
        package let reason = Property(query: "reason", .oneOf(AccessAPI.ReasonWord.allCases))
        package let changedAfter = Property(query: "changed_after", .moment)
        package let limit = Property(query: "limit", .integer(PageLimit.range), default: PageLimit.standard)
        package let startingAfter = Property(query: "starting_after", .place)
    }

    package struct ShowParameters: ObjectContent {
        package static let form = ObjectForm("CustomerParameters", ShowParameters())

        package let customer = Property(path: "customer", .id("cus_1"))
        /// How many of the newest lines of the ledger and of the timeline; of purchases and invoices a hundred at least.
        package let limit = Property(query: "limit", .integer(mostLines), default: mostLines.upperBound)
    }

    package struct LedgerParameters: ObjectContent {
        package static let form = ObjectForm("LedgerParameters", LedgerParameters())

        package let customer = Property(path: "customer", .id("cus_1"))
        package let limit = Property(query: "limit", .integer(PageLimit.longRange), default: PageLimit.longStandard)
        /// The number of an entry.
        package let startingAfter = Property(
            query: "starting_after",
            .integer(1 ... .max, "the number of an entry").with([
                "description": "The list goes on below this number; an entry of it need not exist."
            ]))
    }

    package struct OverrideRequest: ObjectContent {
        package static let form = ObjectForm("OverrideRequest", OverrideRequest())

        package let allowed = Property("allowed", .bool)
        package let reason = Property("reason", .reason)
        package let until = Property(optional: "until", .time)
    }

    package struct GrantParameters: ObjectContent {
        package static let form = ObjectForm("GrantParameters", GrantParameters())

        package let customer = Property(path: "customer", .id("cus_1"))
        package let idempotencyKey = Property(header: "Idempotency-Key", .idempotencyKey)
    }

    package struct GrantRequest: ObjectContent {
        /// Credits that are taken lapse never.
        package static let form = ObjectForm(
            "GrantRequest", GrantRequest(),
            keywords: [
                "not": [
                    "required": ["expires_at"],
                    "properties": ["amount": ["maximum": 0], "expires_at": ["type": "string"]],
                ]
            ])

        package let amount = Property(
            "amount",
            .integer(-mostCredits...mostCredits, "a whole number from -10^15 to 10^15, and not 0", except: 0))
        package let reason = Property("reason", .reason)
        /// When credits that are given lapse.
        package let expiresAt = Property(optional: "expires_at", .time)
    }

    // MARK: What is answered

    /// A customer in a list, with the time since when the answer has held.
    package struct Line: DecisionContent {
        package static let form = ObjectForm("Customer", Line())

        package let customer = Property("customer", .id)
        package let allowed = Property("allowed", .bool)
        package let reason = Property("reason", .word(of: AccessAPI.ReasonWord.self))
        package let until = Property("until", .nullable(.time))
        package let credits = Property("credits", .integer)
        package let version = Property("version", .integer)
        package let changedAt = Property("changed_at", .time)
    }

    package struct Page: PageContent {
        package static let form = ObjectForm("CustomerPage", Page())

        package let data = Property("data", .list(of: Line.self))
        package let hasMore = Property("has_more", .bool)

        package static func cursor(of line: Object<Line>) -> String { line.customer }
    }

    package struct Decision: DecisionContent {
        package static let form = ObjectForm("Decision", Decision())

        package let allowed = Property("allowed", .bool)
        package let reason = Property("reason", .word(of: AccessAPI.ReasonWord.self))
        package let until = Property("until", .nullable(.time))
        package let credits = Property("credits", .integer)
        package let version = Property("version", .integer)
        package let changedAt = Property("changed_at", .time)
    }

    package struct Override: ObjectContent {
        package static let form = ObjectForm("Override", Override())

        package let allowed = Property("allowed", .bool)
        package let reason = Property("reason", .string)
        package let until = Property("until", .nullable(.time))
        package let `operator` = Property("operator", .string)
        package let createdAt = Property("created_at", .time)
    }

    package struct Subscription: ObjectContent {
        package static let form = ObjectForm("Subscription", Subscription())

        package let id = Property("id", .string)
        package let status = Property("status", .nullable(.string))
        package let paid = Property("paid", .bool)
        package let paidThrough = Property("paid_through", .nullable(.time))
        package let paidPeriodEndsAt = Property("paid_period_ends_at", .nullable(.time))
        package let suspended = Property("suspended", .bool)
        package let resumesAt = Property("resumes_at", .nullable(.time))
    }

    package struct Invoice: ObjectContent {
        package static let form = ObjectForm("Invoice", Invoice())

        package let id = Property("id", .string)
        package let status = Property("status", .string)
        package let subscription = Property("subscription", .nullable(.string))
        package let billingReason = Property("billing_reason", .nullable(.string))
        package let collectionMethod = Property("collection_method", .nullable(.string))
        package let firstFailedAt = Property("first_failed_at", .nullable(.time))
        package let graceEndsAt = Property("grace_ends_at", .nullable(.time))
        package let isDebt = Property("is_debt", .bool)
    }

    package struct LedgerLine: ObjectContent {
        package static let form = ObjectForm("LedgerLine", LedgerLine())

        package let customer = Property("customer", .id)
        package let number = Property("number", .integer)
        package let amount = Property("amount", .integer)
        package let balance = Property("balance", .integer)
        package let kind = Property("kind", .word(of: LedgerWord.self))
        package let businessKey = Property("business_key", .string)
        package let at = Property("at", .time)
        package let event = Property("event", .nullable(.string))
        package let `operator` = Property("operator", .nullable(.string))
        package let reason = Property("reason", .nullable(.string))
        package let hold = Property("hold", .nullable(.string))
        package let debit = Property("debit", .nullable(.string))
        package let usage = Property("usage", .nullable(.string))
        /// When credits that it gave lapse.
        package let expiresAt = Property("expires_at", .nullable(.time))
        /// What it changed in each lot; the rest of `amount` is debt, made or paid.
        package let lots = Property("lots", .list(of: LotChange.self))
    }

    package struct LotChange: ObjectContent {
        package static let form = ObjectForm("LotChange", LotChange())

        package let id = Property("id", .string)
        package let amount = Property("amount", .integer)
    }

    package struct Ledger: PageContent {
        package static let form = ObjectForm("Ledger", Ledger())

        /// The newest first.
        package let data = Property("data", .list(of: LedgerLine.self))
        package let hasMore = Property("has_more", .bool)

        package static func cursor(of line: Object<LedgerLine>) -> String { String(line.number) }
    }

    package struct Cause: ObjectContent {
        package static let form = ObjectForm("Cause", Cause())

        package let kind = Property("kind", .word(of: CauseWord.self))
        package let event = Property(maybe: "event", .string)
        package let `operator` = Property(maybe: "operator", .string)
        package let hold = Property(maybe: "hold", .string)
        package let debit = Property(maybe: "debit", .string)
        package let usage = Property(maybe: "usage", .string)
        package let note = Property(maybe: "note", .string)
    }

    /// A line of the timeline.
    package struct Change: ObjectContent {
        package static let form = ObjectForm("Change", Change())

        package let at = Property("at", .time)
        package let customer = Property("customer", .id)
        package let allowed = Property("allowed", .bool)
        package let reason = Property("reason", .word(of: AccessAPI.ReasonWord.self))
        package let until = Property("until", .nullable(.time))
        package let version = Property("version", .integer)
        package let cause = Property("cause", .object(Cause.self))
    }

    package struct Statement: ObjectContent {
        package static let form = ObjectForm("CustomerStatement", Statement())

        package let customer = Property("customer", .id)
        package let decision = Property("decision", .object(Decision.self))
        /// Credits that open holds keep.
        package let held = Property("held", .integer)
        package let available = Property("available", .integer)
        package let lots = Property("lots", .list(of: BalanceAPI.Lot.self))
        package let deleted = Property("deleted", .bool)
        package let override = Property("override", .nullable(.object(Override.self)))
        package let subscriptions = Property("subscriptions", .list(of: Subscription.self))
        package let invoices = Property("invoices", .list(of: Invoice.self))
        package let invoicesHasMore = Property("invoices_has_more", .bool)
        package let purchases = Property("purchases", .list(of: PurchasesAPI.Purchase.self))
        package let purchasesHasMore = Property("purchases_has_more", .bool)
        package let ledger = Property("ledger", .list(of: LedgerLine.self))
        package let ledgerHasMore = Property("ledger_has_more", .bool)
        package let timeline = Property("timeline", .list(of: Change.self))
        package let timelineHasMore = Property("timeline_has_more", .bool)
    }

    package struct Overridden: DecisionContent {
        package static let form = ObjectForm("OverriddenAccess", Overridden())

        package let customer = Property("customer", .id)
        package let allowed = Property("allowed", .bool)
        package let reason = Property("reason", .word(of: AccessAPI.ReasonWord.self))
        package let until = Property("until", .nullable(.time))
        package let credits = Property("credits", .integer)
        package let version = Property("version", .integer)
        /// Nothing had named the customer before: a typing error must be visible.
        package let created = Property(maybe: "created", .isTrue)
    }

    package struct Cleared: DecisionContent {
        package static let form = ObjectForm("ClearedAccess", Cleared())

        package let customer = Property("customer", .id)
        package let allowed = Property("allowed", .bool)
        package let reason = Property("reason", .word(of: AccessAPI.ReasonWord.self))
        package let until = Property("until", .nullable(.time))
        package let credits = Property("credits", .integer)
        package let version = Property("version", .integer)
        /// False if there was no override.
        package let cleared = Property("cleared", .bool)
    }

    package struct Grant: ObjectContent {
        package static let form = ObjectForm("Grant", Grant())

        package let customer = Property("customer", .id)
        package let amount = Property("amount", .integer)
        package let reason = Property("reason", .string)
        package let balance = Property("balance", .integer)
        package let number = Property("number", .integer)
        package let at = Property("at", .time)
        package let expiresAt = Property("expires_at", .nullable(.time))
        /// Nothing had named the customer before.
        package let created = Property(maybe: "created", .isTrue)
    }
}
