// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import Gateway
import HTTP
import Hashing
import Store

/// API keys: `/admin/v1/customers/{customer}/keys` and `/admin/v1/keys`.
struct KeyRoutes: Sendable {
    let keys: APIKeyStore
    let policy: Policy

    func register(on routes: OperationRoutes) {
        routes.on(KeysAPI.list) { call in try await list(call.parameters) }
        routes.on(KeysAPI.create, or: KeysAPI.Key.self) { call in
            let (key, new) = try Self.draw(livemode: policy.livemode)
            let result = try await keys.create(
                new, of: call.parameters.customer, label: call.body.label, expiresAt: call.body.expiresAt,
                idempotencyKey: call.parameters.idempotencyKey, operator: call.caller, policy: policy)
            return try Self.reply(result, key)
        }
        routes.on(KeysAPI.importKey, or: KeysAPI.Key.self) { call in
            try await importKey(call.body, of: call.parameters.customer, operator: call.caller)
        }
        routes.on(KeysAPI.show) { call in try Self.document(try await keys.find(call.parameters.id)) }
        routes.on(KeysAPI.change) { call in
            let wanted = call.body
            // Null is not the same as nothing.
            let named = wanted.json.object ?? [:]
            let change = APIKeyChange(
                label: named["label"] == nil ? nil : .some(wanted.label),
                expiresAt: named["expires_at"] == nil ? nil : .some(wanted.expiresAt), isDisabled: wanted.disabled)
            return try Self.document(try await keys.change(call.parameters.id, change))
        }
        routes.on(KeysAPI.rotate, or: KeysAPI.Key.self) { call in
            let (key, new) = try Self.draw(livemode: policy.livemode)
            let result = try await keys.rotate(
                call.parameters.id, to: new, overlap: call.body.overlap ?? KeysAPI.standardOverlap,
                idempotencyKey: call.parameters.idempotencyKey, operator: call.caller)
            return try Self.reply(result, key)
        }
        routes.onWithoutAnswer(KeysAPI.delete) { call in
            guard try await keys.delete(call.parameters.id, operator: call.caller) != nil else {
                throw ProblemDetails.unknownKey
            }
        }
    }

    private func list(_ wanted: Object<KeysAPI.ListParameters>) async throws -> Object<KeysAPI.Page> {
        let page = try await keys.list(of: wanted.customer, startingAfter: wanted.startingAfter, limit: wanted.limit)
        switch page {
        case .page(let records, let hasMore): return KeyDocument.page(records, hasMore: hasMore)
        case .unknownCustomer: throw ProblemDetails.unknownCustomer
        case .unknownKey: throw ProblemDetails(.unknownKey, "The customer has no key of the id in `starting_after`.")
        }
    }

    private func importKey(
        _ wanted: Object<KeysAPI.ImportRequest>,
        of customer: String,
        operator name: String
    ) async throws -> OperationRoutes.Reply<KeysAPI.Key, KeysAPI.Key> {
        guard let sha256 = SHA256Digest(hex: wanted.sha256) else { throw ProblemDetails.internalError }
        var random = SystemRandomNumberGenerator()
        let result = try await keys.importKey(
            sha256, id: APIKey.newID(random: &random), livemode: policy.livemode, of: customer, label: wanted.label,
            expiresAt: wanted.expiresAt, operator: name, policy: policy)
        switch result {
        case .created(let record): return .usual(KeyDocument.key(record))
        case .repeated(let record): return .other(KeyDocument.key(record))
        default: throw Self.problem(result)
        }
    }

    private static func draw(livemode: Bool) throws -> (key: APIKey, new: NewAPIKey) {
        var random = SystemRandomNumberGenerator()
        let key = APIKey(livemode: livemode, random: &random)
        // OpenSSL is out of memory.
        guard let sha256 = key.digest else { throw ProblemDetails.internalError }
        let new = NewAPIKey(
            id: APIKey.newID(random: &random), sha256: sha256, livemode: livemode, last4: key.last4)
        return (key, new)
    }

    private static func reply(
        _ result: APIKeyResult,
        _ key: APIKey
    ) throws(ProblemDetails) -> OperationRoutes.Reply<KeysAPI.NewKey, KeysAPI.Key> {
        switch result {
        case .created(let record): .usual(KeyDocument.new(record, key))
        case .repeated(let record): .other(KeyDocument.key(record))
        default: throw problem(result)
        }
    }

    private static func problem(_ result: APIKeyResult) -> ProblemDetails {
        switch result {
        case .keyReused:
            ProblemDetails(.conflict, "This Idempotency-Key stands for another request: use a new one for a new key.")
        case .exists:
            ProblemDetails(
                .keyExists,
                """
                This key is another customer's, has another label or end, or was deleted: a deleted key never works again.
                """)
        case .notActive:
            ProblemDetails(
                .keyNotActive,
                "Only a key that Tollgate made, that is not disabled and has not ended, can be rotated: create a new one."
            )
        case .ended: ProblemDetails(.untilPassed, "The field `expires_at` must lie in the future.")
        case .unknown: .unknownKey
        case .created, .repeated: .internalError
        }
    }

    private static func document(_ key: APIKeyRecord?) throws(ProblemDetails) -> Object<KeysAPI.Key> {
        guard let key else { throw .unknownKey }
        return KeyDocument.key(key)
    }
}
