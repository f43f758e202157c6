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
    /// What came of the last request that was refused.
    private(set) var refusal: StripeAPIError?
    /// Stripe's clock, as of the first answer that told.
    private(set) var clock: ClockDiagnosis.Reading?

    init(_ client: StripeClient) {
        self.client = client
    }

    mutating func ask(_ request: StripeRequest) async -> Outcome<JSON> {
        await ask { client in
            let answer = try await client.answer(to: request)
            guard answer.body["data"]?.array != nil || answer.body["id"] != nil else {
                throw StripeAPIError.unreadable("it is neither a list nor an object of Stripe's")
            }
            return (answer.body, answer.date)
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
            if error == .keyRefused || error.isTransient { end = error }
            if error.isTransient { return .away("\(error)") }
            refusal = error
            return .refused(error)
        } catch {
            return .away("\(error)")
        }
    }
}
