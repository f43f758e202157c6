// SPDX-License-Identifier: Apache-2.0

/// Every `code` of a problem that any endpoint answers with.
package enum ProblemCode: String, CaseIterable, Sendable {
    case badRequest = "bad_request"
    case malformedRequest = "malformed_request"
    case unknownParameter = "unknown_parameter"
    case invalidParameter = "invalid_parameter"
    case invalidID = "invalid_id"
    case invalidJSON = "invalid_json"
    case unknownField = "unknown_field"
    case missingField = "missing_field"
    case invalidField = "invalid_field"
    case invalidCursor = "invalid_cursor"
    case duplicateField = "duplicate_field"
    case missingIdempotencyKey = "missing_idempotency_key"
    case invalidIdempotencyKey = "invalid_idempotency_key"
    case missingSignature = "missing_signature"
    case malformedSignature = "malformed_signature"
    case signatureMismatch = "signature_mismatch"
    case timestampOutsideTolerance = "timestamp_outside_tolerance"

    case unauthenticated
    case invalidKey = "invalid_key"
    case forbidden
    case insufficientCredits = "insufficient_credits"
    case paymentOverdue = "payment_overdue"
    case creditsExhausted = "credits_exhausted"
    case noSubscription = "no_subscription"
    case subscriptionEnded = "subscription_ended"
    case disputed
    case overrideDeny = "override_deny"
    case customerDeleted = "customer_deleted"

    case notFound = "not_found"
    case unknownBackfill = "unknown_backfill"
    case unknownCustomer = "unknown_customer"
    case unknownDraft = "unknown_draft"
    case unknownEvent = "unknown_event"
    case unknownHold = "unknown_hold"
    case unknownKey = "unknown_key"
    case unknownPlan = "unknown_plan"
    case unknownPrice = "unknown_price"
    case unknownPurchase = "unknown_purchase"
    case unknownRefetch = "unknown_refetch"
    case unknownReplay = "unknown_replay"
    case unknownUsage = "unknown_usage"

    case methodNotAllowed = "method_not_allowed"
    case notAcceptable = "not_acceptable"
    case requestTimeout = "request_timeout"

    case backfillOver = "backfill_over"
    case backfillRunning = "backfill_running"
    case balanceOutOfRange = "balance_out_of_range"
    case conflict
    case draftApproved = "draft_approved"
    case emptySpan = "empty_span"
    case eventPending = "event_pending"
    case holdExpired = "hold_expired"
    case holdReleased = "hold_released"
    case holdResolved = "hold_resolved"
    case holdSettled = "hold_settled"
    case keyExists = "key_exists"
    case keyNotActive = "key_not_active"
    case noCredits = "no_credits"
    case noRate = "no_rate"
    case nothingToHold = "nothing_to_hold"
    case notDismissible = "not_dismissible"
    case priceOfAnotherPlan = "price_of_another_plan"
    case purchaseOfAnotherCustomer = "purchase_of_another_customer"
    case purchaseUnpaid = "purchase_unpaid"
    case replayOver = "replay_over"
    case stripeKeyMissing = "stripe_key_missing"
    case usageNotQuarantined = "usage_not_quarantined"
    case untilPassed = "until_passed"

    case payloadPruned = "payload_pruned"
    case cursorTooOld = "cursor_too_old"

    case payloadTooLarge = "payload_too_large"
    case unsupportedContentEncoding = "unsupported_content_encoding"
    case headersTooLarge = "headers_too_large"
    case internalError = "internal_error"
    case unsupportedTransferEncoding = "unsupported_transfer_encoding"
    case unavailable
    case gatewayUnauthorized = "gateway_unauthorized"

    package var status: Int {
        switch self {
        case .badRequest, .malformedRequest, .unknownParameter, .invalidParameter, .invalidID, .invalidJSON,
            .unknownField, .missingField, .invalidField, .duplicateField, .missingIdempotencyKey,
            .invalidIdempotencyKey, .missingSignature, .malformedSignature, .signatureMismatch,
            .timestampOutsideTolerance, .invalidCursor:
            400
        case .unauthenticated, .invalidKey: 401
        case .forbidden, .insufficientCredits, .paymentOverdue, .creditsExhausted, .noSubscription, .subscriptionEnded,
            .disputed, .overrideDeny, .customerDeleted:
            403
        case .notFound, .unknownBackfill, .unknownCustomer, .unknownDraft, .unknownEvent, .unknownHold, .unknownKey,
            .unknownPlan, .unknownPrice, .unknownPurchase, .unknownRefetch, .unknownReplay, .unknownUsage:
            404
        case .methodNotAllowed: 405
        case .notAcceptable: 406
        case .requestTimeout: 408
        case .backfillOver, .backfillRunning, .balanceOutOfRange, .conflict, .draftApproved, .emptySpan, .eventPending,
            .holdExpired, .holdReleased, .holdResolved, .holdSettled,
            .keyExists, .keyNotActive, .noCredits, .noRate, .nothingToHold, .notDismissible, .priceOfAnotherPlan,
            .purchaseOfAnotherCustomer, .purchaseUnpaid, .replayOver, .stripeKeyMissing, .untilPassed,
            .usageNotQuarantined:
            409
        case .payloadPruned, .cursorTooOld: 410
        case .payloadTooLarge: 413
        case .unsupportedContentEncoding: 415
        case .headersTooLarge: 431
        case .internalError: 500
        case .unsupportedTransferEncoding: 501
        case .unavailable, .gatewayUnauthorized: 503
        }
    }

    /// What every endpoint of its kind may answer with.
    static func common(
        _ caller: Endpoint.Caller,
        _ parameters: [any AnyProperty],
        hasBody: Bool,
        readsBody: Bool = false
    ) -> Set<ProblemCode> {
        var codes: Set<ProblemCode> = [
            .malformedRequest, .requestTimeout, .headersTooLarge, .internalError, .unsupportedTransferEncoding,
            .unavailable,
        ]
        if caller == .anybody { return codes }
        codes.formUnion([.unauthenticated, .forbidden, .unknownParameter])
        if parameters.contains(where: { $0.place == .path }) { codes.formUnion([.badRequest, .invalidID]) }
        if parameters.contains(where: { $0.place == .query }) { codes.insert(.invalidParameter) }
        guard readsBody else { return codes }
        // An endpoint that takes no fields refuses a body that asks for something.
        codes.formUnion([.invalidJSON, .duplicateField, .unknownField, .payloadTooLarge, .unsupportedContentEncoding])
        if hasBody { codes.formUnion([.missingField, .invalidField]) }
        return codes
    }
}
