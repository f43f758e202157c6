// SPDX-License-Identifier: Apache-2.0

import Notation

/// Whether what happens at Stripe arrives.
package struct DeliveryDiagnosis: Sendable {
    /// Younger ones may be on their way.
    private static let grace: Duration = .seconds(300)
    private static let day: Duration = .seconds(86_400)

    /// An event as Stripe lists it.
    package struct Listed: Sendable, Hashable {
        package let type: String
        package let created: Timestamp

        package init(type: String, created: Timestamp) {
            self.type = type
            self.created = created
        }

        /// - Returns: nil if it is not an event.
        package init?(_ json: JSON) {
            guard let type = json["type"]?.string, let created = json["created"]?.integer,
                Timestamp.range.contains(Timestamp(seconds: created))
            else { return nil }
            self.init(type: type, created: Timestamp(seconds: created))
        }
    }

    /// - Parameters:
    ///   - newest: when the last event came that Stripe itself sent.
    ///   - made: when the endpoint was made; nil if unknown.
    /// - Returns: from when on what Stripe has should have come.
    package static func start(newest: Timestamp?, made: Timestamp?, now: Timestamp) -> Timestamp {
        let since = newest ?? now - day
        return made.map { max($0, since) } ?? since
    }

    /// - Parameters:
    ///   - listed: what Stripe has since `start`.
    ///   - isWanted: whether a rule reads events of that type.
    package static func judge(
        newest: Timestamp?, made: Timestamp?, listed: [Listed], now: Timestamp, isWanted: (String) -> Bool
    ) -> DoctorCheck {
        let start = start(newest: newest, made: made, now: now)
        let isBefore = newest.flatMap { newest in made.map { newest < $0 } } ?? false
        var detail = newest.map { "the last event came at \($0)" } ?? "no event has come yet"
        if isBefore { detail += ", before the endpoint was made" }
        let late = listed.filter { isWanted($0.type) && $0.created > start && $0.created < now - grace }
        guard late.isEmpty else {
            let types = Set(late.map(\.type)).sorted().prefix(5).joined(separator: ", ")
            return .fault(
                .deliveries, "\(detail), but Stripe has \(late.count) since that should have come: \(types)",
                advice: "look at the endpoint's deliveries in Workbench for what Stripe was answered; fetch them with "
                    + "tollgate stripe backfill --since \(start)")
        }
        // That one came says that its signature was right, and so is the secret.
        return newest == nil || isBefore
            ? .unchecked(.deliveries, detail, advice: "send a test event from Workbench, or make a payment")
            : .good(.deliveries, detail)
    }

    /// - Parameters:
    ///   - count: found within the last 24 hours.
    ///   - comparedAt: when that was looked for last.
    package static func missed(_ count: Int, comparedAt: Timestamp?, now: Timestamp) -> DoctorCheck {
        if count > 0 {
            return .fault(
                .missed, "\(count) in the last 24 hours; they were fetched",
                advice: "see why they did not come: the other checks, and the endpoint's deliveries in Workbench")
        }
        guard let comparedAt else {
            return .unchecked(
                .missed, "no server has compared with Stripe yet", advice: "run tollgate serve with STRIPE_API_KEY")
        }
        if comparedAt < now - day {
            return .unchecked(
                .missed, "the last comparison was at \(comparedAt)", advice: "see in the log of tollgate serve why")
        }
        return .good(.missed, "none in the last 24 hours, as of \(comparedAt)")
    }
}
