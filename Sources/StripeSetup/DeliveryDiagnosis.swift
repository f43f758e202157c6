// SPDX-License-Identifier: Apache-2.0

import Notation

/// Whether what happens at Stripe arrives.
package struct DeliveryDiagnosis: Sendable {
    /// Younger events may be on their way.
    package static let grace: Duration = .seconds(300)
    private static let day: Duration = .seconds(86_400)

    /// An event as Stripe lists it.
    package struct Listed: Sendable, Hashable {
        package let id: String
        package let type: String
        package let created: Timestamp

        package init(id: String, type: String, created: Timestamp) {
            self.id = id
            self.type = type
            self.created = created
        }

        /// - Returns: nil if it is not an event.
        package init?(_ json: JSON) {
            guard let id = json["id"]?.string, let type = json["type"]?.string, let created = json["created"]?.integer,
                Timestamp.range.contains(Timestamp(seconds: created))
            else { return nil }
            self.init(id: id, type: type, created: Timestamp(seconds: created))
        }
    }

    /// - Parameter made: when the endpoint was made; nil if unknown.
    /// - Returns: from when on what Stripe has is looked at.
    package static func start(made: Timestamp?, now: Timestamp) -> Timestamp {
        made.map { max($0, now - day) } ?? now - day
    }

    /// - Parameters:
    ///   - newest: when the last event came by webhook.
    ///   - made: when the endpoint was made; nil if unknown.
    ///   - listed: what Stripe has since `start`, the newest at least.
    ///   - arrived: the ids of those that came by webhook.
    ///   - isWanted: whether a rule reads events of that type.
    package static func judge(
        newest: Timestamp?, made: Timestamp?, listed: [Listed], arrived: Set<String>, now: Timestamp,
        isWanted: (String) -> Bool
    ) -> DoctorCheck {
        // Others come by webhook too: those of `tollgate trigger` show nothing of Stripe.
        let last = listed.filter { arrived.contains($0.id) }.map(\.created).max()
        let start = start(made: made, now: now)
        let since = last.map { max($0, start) } ?? start
        let isBefore = newest.flatMap { newest in made.map { newest < $0 } } ?? false
        var detail = newest.map { "the last event came at \($0)" } ?? "no event has come yet"
        if isBefore { detail += ", before the endpoint was made" }
        let late = listed.filter { event in
            isWanted(event.type) && event.created > since && event.created <= now - grace && !arrived.contains(event.id)
        }
        guard late.isEmpty else {
            let types = Set(late.map(\.type)).sorted().prefix(5).joined(separator: ", ")
            return .fault(
                .deliveries,
                "\(detail); \(late.count) that Stripe has since \(since) did not come by webhook: \(types)",
                advice: "\(cause); fetch them with tollgate stripe backfill --since \(since)")
        }
        // That one came says that its signature was right, and so is the secret.
        return newest == nil || isBefore
            ? .unchecked(.deliveries, detail, advice: "send a test event from Workbench, or make a payment")
            : .good(.deliveries, detail)
    }

    /// What to look at where webhooks do not arrive.
    private static let cause =
        "see whether tollgate serve logs `a webhook was refused`: then STRIPE_WEBHOOK_SECRET lacks the endpoint's secret, "
        + "which Workbench → Webhooks reveals; else look there for what Stripe was answered"

    /// - Parameters:
    ///   - count: found within the last 24 hours, and taken in.
    ///   - unprocessed: how many of them were not processed.
    ///   - foundAt: when the last of them was found.
    ///   - deliveredAt: when the newest webhook came; nil if none has.
    ///   - comparedAt: when that was looked for last.
    package static func missed(
        _ count: Int, unprocessed: Int, foundAt: Timestamp?, deliveredAt: Timestamp?, comparedAt: Timestamp?,
        now: Timestamp
    ) -> DoctorCheck {
        if count > 0 {
            let last = foundAt.map { ", the last found at \($0)" } ?? ""
            let taken = "\(count) in the last 24 hours\(last); all were taken in"
            guard unprocessed > 0 else {
                // The first one that comes by itself shows that they come again.
                if let foundAt, deliveredAt.map({ $0 <= foundAt }) ?? true {
                    return .fault(
                        .missed, "\(taken), and processed or dismissed, but no webhook has come since",
                        advice: "nothing is lost; \(cause)")
                }
                return .good(
                    .missed, "\(taken), and processed or dismissed",
                    advice: "what happened before the endpoint was made comes like this; for anything else, \(cause)")
            }
            return .fault(
                .missed, "\(taken), but \(unprocessed) not processed",
                advice:
                    "see tollgate events list --missed: what is pending waits for tollgate serve, what has failed for a "
                    + "replay or a dismissal; why they did not come: \(cause)"
            )
        }
        guard let comparedAt else {
            return .unchecked(
                .missed, "no server has compared with Stripe yet",
                advice: "run tollgate serve with STRIPE_API_KEY, and TOLLGATE_RECONCILE not off")
        }
        if comparedAt < now - day {
            return .unchecked(
                .missed, "the last comparison was at \(comparedAt)", advice: "see in the log of tollgate serve why")
        }
        return .good(.missed, "none in the last 24 hours, as of \(comparedAt)")
    }
}
