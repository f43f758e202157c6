// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe

/// A thin event, which only names its object, if a rule would handle the object's own event.
/// Source: https://docs.stripe.com/webhooks/migrate-snapshot-to-thin-events
package enum ThinEvent {
    /// Stripe could not make an event, and never will.
    /// Source: https://docs.stripe.com/webhooks/handle-irrecoverable-events
    private static let failure = "v2.core.health.event_generation_failure.resolved"

    /// What it is about, as Stripe's API tells it.
    package enum Content: Sendable, Hashable {
        /// The event that it is the thin form of.
        case snapshot(String)
        /// The address of an object.
        case object(url: String)
        /// An object whose event Stripe could not make, and the type that would have had.
        case unmade(type: String, object: String)
    }

    /// Whether what a thin event of this type is about is worth asking for.
    package static func isWanted(_ type: String) -> Bool {
        type == failure || type.hasPrefix("v1.") && EventTopic(String(type.dropFirst(3))) != nil
    }

    /// - Parameter event: the whole event, as the API answers it.
    /// - Returns: nil if it says nothing of it.
    package static func content(of event: JSON) -> Content? {
        if event["type"]?.string == failure {
            guard let impact = event.at("data.impact") ?? event["impact"],
                let type = impact["event_type"]?.string, let object = impact["related_object_id"]?.string
            else { return nil }
            return .unmade(type: type, object: object)
        }
        if let id = event["snapshot_event"]?.string { return .snapshot(id) }
        return event.at("related_object.url")?.string.map(Content.object)
    }
}
