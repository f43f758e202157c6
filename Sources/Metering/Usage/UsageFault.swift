// SPDX-License-Identifier: Apache-2.0

import Notation

/// Why a call cannot be priced: the record waits until an operator has mended the cause.
package struct UsageFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: String, Sendable {
        /// The provider's numbers contradict each other, or cannot be read.
        case usage = "invalid_usage"
        /// The price book has no rate of that model at that time.
        case rate = "no_rate"
        /// The rate has no price of a pool, or no factor, or one that nothing can be charged by.
        case price = "no_price"
        /// More than is counted.
        case amount = "amount_too_large"
        /// The call is said to have been made later than now.
        case future = "at_in_future"
        /// No such API key, or it is another customer's.
        case key = "key_of_nobody"
        /// There is no plan for the customer.
        case plan = "no_plan"
    }

    package let reason: Reason
    /// For operators; `field.loggable` for a log.
    package let field: FieldError

    init(_ reason: Reason, _ path: String, _ words: String, value: JSON? = nil, advice: String? = nil) {
        self.reason = reason
        field = FieldError(path, words, value: value, advice: advice)
    }

    package var description: String { field.description }

    static func inFuture(_ at: Timestamp) -> UsageFault {
        UsageFault(
            .future, "at", "is more than 5 minutes ahead", value: .string(at.description),
            advice: "set the gateway's clock right, and report the call with its time")
    }

    package static func unknownKey(_ key: String) -> UsageFault {
        UsageFault(
            .key, "key", "is no API key's id", value: .string(key),
            advice: "report the call with the id that Tollgate gave")
    }

    /// - Parameter customer: who was named.
    package static func keyOfAnother(than customer: String) -> UsageFault {
        UsageFault(
            .key, "customer", "is not the one whose key it is", value: .string(customer),
            advice: "report the call with its key alone, or with the customer that it is of")
    }

    /// - Parameter livemode: whether the key is for live calls.
    package static func keyOfOtherMode(_ key: String, livemode: Bool) -> UsageFault {
        UsageFault(
            .key, "key", "is for \(livemode ? "live" : "test") calls, and this Tollgate bills the others",
            value: .string(key), advice: "report its calls to the Tollgate of its mode, and discard this record")
    }

    static func noPlan(_ name: String) -> UsageFault {
        UsageFault(
            .plan, "customer", "has no plan: TOLLGATE_PLAN names one that does not exist",
            value: .string(name), advice: "add the plan, or name another one, then replay the record")
    }

    static var tooManyCredits: UsageFault {
        UsageFault(.amount, "usage", "is charged more than 10^15 credits", advice: "look at its quantities")
    }

    /// The customer's balance would leave 64 bits.
    package static var balance: UsageFault {
        UsageFault(.amount, "usage", "is charged more than the balance can take", advice: "look at its quantities")
    }

    /// Of sums and products of money.
    static func counting<Value>(_ body: () throws(DollarOverflow) -> Value) throws(UsageFault) -> Value {
        do {
            return try body()
        } catch {
            throw UsageFault(.amount, "usage", "costs more than is counted", advice: "look at its quantities")
        }
    }
}
