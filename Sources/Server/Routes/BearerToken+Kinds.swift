// SPDX-License-Identifier: Apache-2.0

import API
import HTTP

extension BearerToken.Kind {
    /// For those who ask what a customer may do, and spend their credits.
    package static let gateway = BearerToken.Kind(rawValue: "gateway")
    /// For operators.
    package static let admin = BearerToken.Kind(rawValue: "admin")
}

extension Endpoint.Caller {
    /// Nil if no token is asked for.
    var tokenKind: BearerToken.Kind? {
        switch self {
        case .anybody, .client: nil
        case .gateway: .gateway
        case .admin: .admin
        }
    }
}
