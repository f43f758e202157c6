// SPDX-License-Identifier: Apache-2.0

import API
import HTTP

/// Finds the client's key in a request, and makes sure that a gateway sent it.
///
/// A gateway shows its token as `Tollgate-Gateway-Token`, and passes on what the client sent as `Authorization` or
/// `X-Api-Key`. Where the client's key is in `X-Api-Key`, the token may be in `Authorization`.
struct AuthorizeCredentials: Sendable {
    private let authentication: BearerAuthentication
    /// Whether no token is asked for.
    private let isOpen: Bool

    init(_ authentication: BearerAuthentication, isOpen: Bool) {
        self.authentication = authentication
        self.isOpen = isOpen
    }

    /// - Throws: 503 if no gateway sent it, 401 if there is no key, or not one alone.
    func key(in fields: AuthorizeFields) throws(ProblemDetails) -> Substring {
        // Another scheme is no key.
        var bearer = fields.authorization.value.flatMap { BearerAuthentication.token(in: $0).map { Substring($0) } }
        if let token = bearer, fields.gatewayToken.value == nil, fields.apiKey.value != nil,
            !fields.authorization.isRepeated, isGateway(token)
        {
            bearer = nil
        } else if !isOpen {
            guard let token = fields.gatewayToken.value, !fields.gatewayToken.isRepeated, isGateway(Substring(token))
            else { throw .gatewayUnauthorized }
        }
        let apiKey = fields.apiKey.value.map { Substring($0) }
        guard !fields.authorization.isRepeated, !fields.apiKey.isRepeated, let key = bearer ?? apiKey,
            key == apiKey ?? key
        else { throw .invalidKey }
        return key
    }

    private func isGateway(_ token: Substring) -> Bool {
        do {
            _ = try authentication.holder(of: token.utf8)
            return true
        } catch {
            return false  // the caller says what that means
        }
    }
}

extension ProblemDetails {
    /// One answer for all keys that do not work: who tries keys learns nothing.
    static var invalidKey: ProblemDetails {
        ProblemDetails(
            .unauthorized, code: ProblemCode.invalidKey.rawValue,
            detail: "Send an API key that works as: Authorization: Bearer <key>, or X-Api-Key: <key>",
            headers: [.wwwAuthenticate: "Bearer"])
    }

    fileprivate static var gatewayUnauthorized: ProblemDetails {
        ProblemDetails(
            .serviceUnavailable, code: ProblemCode.gatewayUnauthorized.rawValue,
            detail: "The gateway must show one of its tokens as Tollgate-Gateway-Token.", headers: [.retryAfter: "5"])
    }
}
