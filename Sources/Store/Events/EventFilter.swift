// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// Which events to list. Nil means any.
package struct EventFilter: Sendable {
    package var status: EventState?
    package var type: String?
    package var customer: String?
    /// By Stripe's `created`, exclusive.
    package var createdAfter: Timestamp?
    /// The same, from the other side.
    package var createdBefore: Timestamp?
    /// By the time of receipt, exclusive.
    package var receivedAfter: Timestamp?
    package var receivedBefore: Timestamp?
    /// The name of the secret that signed it.
    package var secret: String?
    /// How it came.
    package var source: String?
    /// Whether it had not come by itself when a comparison asked Stripe for it.
    package var isMissed: Bool?
    /// The id of the last event on the previous page.
    package var startingAfter: String?

    package init(
        status: EventState? = nil,
        type: String? = nil,
        customer: String? = nil,
        createdAfter: Timestamp? = nil,
        createdBefore: Timestamp? = nil,
        startingAfter: String? = nil
    ) {
        self.status = status
        self.type = type
        self.customer = customer
        self.createdAfter = createdAfter
        self.createdBefore = createdBefore
        self.startingAfter = startingAfter
    }

    /// The conditions on the table `event` as `e`.
    var eventConditions: SQL {
        """
        (\(type) IS NULL OR e.type = \(type))
          AND (\(customer) IS NULL OR e.customer_id = \(customer))
          AND (\(createdAfter) IS NULL OR e.created > \(createdAfter))
          AND (\(createdBefore) IS NULL OR e.created < \(createdBefore))
          AND (\(receivedAfter) IS NULL OR e.received_at > \(receivedAfter))
          AND (\(receivedBefore) IS NULL OR e.received_at < \(receivedBefore))
          AND (\(secret) IS NULL OR e.secret = \(secret))
          AND (\(source) IS NULL OR e.source = \(source))
          AND \(missedCondition)
        """
    }

    /// Without a parameter: few events are missed, and PostgreSQL begins with those only where it knows that they are wanted.
    private var missedCondition: SQL {
        switch isMissed {
        case nil: "true"
        case true?: "e.id IN (SELECT m.event_id FROM tollgate.missed_event m)"
        case false?: "NOT EXISTS (SELECT FROM tollgate.missed_event m WHERE m.event_id = e.id)"
        }
    }

    /// The same with the conditions on the table `event_work` as `w`.
    var conditions: SQL {
        "(\(status?.rawValue) IS NULL OR w.status = \(status?.rawValue)) AND \(eventConditions)"
    }
}
