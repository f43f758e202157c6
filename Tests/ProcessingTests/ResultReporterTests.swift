// SPDX-License-Identifier: Apache-2.0

import Billing
import Metrics
import Notation
import Store
import Stripe
import TestSupport
import Testing

@testable import Processing

/// What is logged about an event that failed.
@Suite struct ResultReporterTests {
    private static let secret = "Jane Doe, 5 Elm Street"

    @Test(arguments: [
        (Events.checkout(id: "evt_1", credits: .string(secret)), "credits is not a whole number"),
        (
            Events.event(
                "customer.subscription.updated", id: "evt_1",
                object: [
                    "object": "subscription", "id": "sub_1", "customer": "cus_1", "status": .string(secret),
                    "items": ["data": []],
                ]),
            "data.object.status is no status"
        ),
    ])
    func `a failed event is logged with the field and what is wrong with it, and without its value`(
        _ event: JSON,
        _ reason: String
    ) {
        let handler = BatchHandler(policy: Policy())
        let result = handler.read(ClaimedEvent(id: "evt_1", payload: event.bytes, type: "known"), prices: [:]).result
        // Operators are shown the value.
        #expect("\(result.transition)".contains("Jane"), "\(result.transition)")
        #expect(Self.log(result).contains(reason))
        #expect(!Self.log(result).contains("Jane"), "\(Self.log(result))")
    }

    @Test func `a value that PostgreSQL refuses is not logged`() throws {
        let refused = "invalid input syntax for type bigint: \"\(Self.secret)\""
        let transition = EventTransition.failed(error: refused)
        #expect(!Self.log(EventResult(event: "evt_1", type: "known", transition)).contains("Jane"))
    }

    private static func log(_ result: EventResult) -> String {
        let record = LogRecord()
        ResultReporter(counters: OutcomeCounters(NOOPMetricsHandler.instance), strangers: nil, logger: record.logger)
            .report([result])
        return record.everything
    }
}
