// SPDX-License-Identifier: Apache-2.0

import Notation

/// What the objects that were found say, in the words of events.
extension RefetchPlan {
    func statements(_ found: FoundObjects) -> [RefetchStatement] {
        let knowsLinks = knowsLinks(found)
        return states(found) + outcomes(found, knowsLinks: knowsLinks) + (knowsLinks && bringsSales ? sales(found) : [])
    }

    /// What counts as of now.
    private func states(_ found: FoundObjects) -> [RefetchStatement] {
        let deleted = found.all(.customer).filter { $0.found.object["deleted"] == true }
        return deleted.map { RefetchStatement("customer.deleted", $0.found.object, asked: $0.found.asked) }
            + found.all(.subscription).map { _, answer in
                let isOver = answer.object["status"] == "canceled"
                return RefetchStatement(
                    "customer.subscription.\(isOver ? "deleted" : "updated")",
                    isPeriodVoided(of: answer.object, found) ? answer.object.endingBeforeItsPeriod : answer.object,
                    asked: answer.asked)
            }
            + found.all(.dispute).map { _, answer in
                let isClosed = ["won", "lost", "warning_closed", "charge_refunded", "prevented"].contains(
                    answer.object["status"])
                return RefetchStatement(
                    "charge.dispute.\(isClosed ? "closed" : "updated")", answer.object, asked: answer.asked)
            }
    }

    /// Whether nobody will pay for the period that runs: Stripe voids the invoices of a paused subscription.
    private func isPeriodVoided(of subscription: JSON, _ found: FoundObjects) -> Bool {
        guard subscription.at("pause_collection.behavior") == "void",
            let invoice = subscription.reference("latest_invoice").flatMap({ found[.invoice, $0] })
        else { return false }
        return invoice["status"] == "void" && invoice["billing_reason"] == "subscription_cycle"
    }

    private func outcomes(_ found: FoundObjects, knowsLinks: Bool) -> [RefetchStatement] {
        let kept = Set(kept(found).compactMap { $0.reference("id") })
        let told = found.all(.invoice).filter { id, answer in
            kept.contains(id) && (knowsLinks || answer.object["status"] != "paid")
        }
        return told.flatMap { id, answer in
            let intents = found.intents(of: answer.object)
            let paid = found.payments(of: id).filter { $0["status"] == "paid" }
            var object = answer.object
            if !paid.isEmpty, !object.hasMember("payments") {
                object = object.with("payments", ["object": "list", "data": .array(paid), "has_more": false])
            }
            return InvoiceOutcome(
                invoice: object, charges: found.charges(of: object),
                intents: intents.map { found[.paymentIntent, $0]?["status"]?.string },
                isComplete: knowsPayments(of: answer.object, found)
                    && intents.allSatisfy { knowsCharges(of: $0, of: answer.object, found) },
                isFailureKnown: failed.contains(id), asked: answer.asked
            ).statements
        }
    }

    /// What was paid, and paid back.
    private func sales(_ found: FoundObjects) -> [RefetchStatement] {
        func time(of intent: JSON) -> Timestamp? {
            let charges = intent.reference("id").map(found.charges) ?? []
            return charges.filter(\.isPaidCharge).compactMap { $0.time("created") }.min() ?? intent.time("created")
        }
        let intents = found.all(.paymentIntent).filter { $0.found.object["status"] == "succeeded" }.map {
            RefetchStatement("payment_intent.succeeded", $1.object, at: time(of: $1.object) ?? $1.asked)
        }
        let charges = found.all(.charge).filter { $0.found.object.isPaidCharge }.map { id, answer in
            var object = answer.object
            let refunds = found.refunds(of: id)
            if found.answered.contains(.list(.refund, of: .charge(id))) {
                object = object.with("refunds", ["object": "list", "data": .array(refunds), "has_more": false])
            }
            let isRefunded =
                (object["amount_refunded"]?.integer ?? 0) > 0 || object.at("refunds.data")?.array?.isEmpty == false
            return RefetchStatement(
                "charge.\(isRefunded ? "refunded" : "succeeded")", object, at: object.time("created") ?? answer.asked)
        }
        let sessions = found.all(.checkoutSession).filter { $0.found.object.isSale }.map { _, answer in
            let intent = answer.object.reference("payment_intent").flatMap { found[.paymentIntent, $0] }
            var object = answer.object
            // Less may have been captured since than its total says: its payment knows.
            if intent.map({ $0["amount_received"] != object["amount_total"] }) ?? false {
                object = object.with("payment_status", "unpaid")
            }
            return RefetchStatement(
                "checkout.session.completed", object,
                at: intent.flatMap(time) ?? answer.object.time("created") ?? answer.asked)
        }
        let refunds = found.all(.refund).filter { _, answer in
            answer.object.reference("charge").map { found[.charge, $0]?.isPaidCharge != true } ?? true
        }.map { _, answer in
            let isFailed = ["failed", "canceled"].contains(answer.object["status"])
            return RefetchStatement(
                "refund.\(isFailed ? "failed" : "updated")", answer.object,
                at: answer.object.time("created") ?? answer.asked)
        }
        return intents + charges + sessions + refunds
    }
}

extension JSON {
    /// An object with another value for a member.
    fileprivate func with(_ key: String, _ value: JSON) -> JSON {
        guard var members = object else { return self }
        members[key] = value
        return .object(members)
    }

    /// A subscription, or one of its items, whose period ends where it begins, so that it entitles to nothing.
    fileprivate var endingBeforeItsPeriod: JSON {
        var object = self
        if let start = self["current_period_start"], hasMember("current_period_end") {
            object = object.with("current_period_end", start)
        }
        if let items = self["items"], let data = items["data"]?.array {
            object = object.with("items", items.with("data", .array(data.map(\.endingBeforeItsPeriod))))
        }
        return object
    }
}
