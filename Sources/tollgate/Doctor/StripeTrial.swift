// SPDX-License-Identifier: Apache-2.0

import Console
import Notation
import StripeAPI
import StripeSetup

/// Stripe as the doctor asks it: once it does not serve a request, no other is sent.
struct StripeTrial {
    /// What came of a request.
    enum Outcome<Value> {
        case answered(Value)
        case refused(StripeAPIError)
        /// It was not sent, or not served: why.
        case away(String)
    }

    private let client: StripeClient
    /// Why nothing is sent any more.
    private(set) var end: StripeAPIError?
    /// Whether the key was taken: something was answered, or refused for want of a permission.
    private(set) var isTaken = false
    /// Stripe's clock, as of the first answer that told.
    private(set) var clock: ClockDiagnosis.Reading?

    init(_ client: StripeClient) {
        self.client = client
    }

    /// - Returns: the members of a list.
    mutating func list(_ request: StripeRequest) async -> Outcome<[JSON]> {
        await ask { client in
            let answer = try await client.answer(to: request)
            guard let members = try answer.json()["data"]?.array else {
                throw StripeAPIError.unreadable("it is no list")
            }
            return (members, answer.date)
        }
    }

    /// - Returns: the id of an object.
    mutating func id(_ request: StripeRequest) async -> Outcome<String> {
        await ask { client in
            let answer = try await client.answer(to: request)
            guard let id = try answer.json()["id"]?.string else { throw StripeAPIError.unreadable("it has no id") }
            return (id, answer.date)
        }
    }

    /// All webhook endpoints.
    mutating func endpoints() async -> Outcome<[WebhookEndpoint]> {
        await ask { try await WebhookEndpoints($0).list() }
    }

    private mutating func ask<Value>(
        _ body: (StripeClient) async throws -> (Value, Timestamp?)
    ) async -> Outcome<Value> {
        if let end { return .away("\(end)") }
        let start = WallClock.now
        do {
            let (value, date) = try await body(client)
            isTaken = true
            if clock == nil { clock = date.map { ClockDiagnosis.Reading($0, from: start, to: WallClock.now) } }
            return .answered(value)
        } catch let error as StripeAPIError {
            if case .notPermitted = error { isTaken = true }
            // Whoever has answered nothing as Stripe does is not Stripe.
            guard isTaken, error != .keyRefused, !error.isTransient else {
                end = error
                return .away("\(error)")
            }
            return .refused(error)
        } catch {
            return .away("\(error)")
        }
    }
}
