// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import NIOHTTP1

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
    func key(in headers: HTTPHeaders) throws(ProblemDetails) -> String {
        let tokens = headers.values(of: "tollgate-gateway-token")
        let apiKeys = headers.values(of: "x-api-key").filter { !$0.isEmpty }
        let authorizations = headers.values(of: "authorization").filter { !$0.isEmpty }
        // Another scheme is no key.
        var bearers = authorizations.compactMap { BearerAuthentication.token(in: $0).map { String(Substring($0)) } }
        if tokens.isEmpty, authorizations.count == 1, bearers.count == 1, !apiKeys.isEmpty, isGateway(bearers[0]) {
            bearers = []
        } else if !isOpen {
            guard tokens.count == 1, isGateway(tokens[0]) else { throw .gatewayUnauthorized }
        }
        let keys = bearers + apiKeys
        guard let key = keys.first, authorizations.count <= 1, apiKeys.count <= 1, keys.allSatisfy({ $0 == key }) else {
            throw .invalidKey
        }
        return key
    }

    private func isGateway(_ token: String) -> Bool {
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
