// SPDX-License-Identifier: Apache-2.0

import HTTP
import NIOHTTP1

/// The headers that `/v1/authorize` reads, found in one pass.
struct AuthorizeFields: Sendable {
    /// One header. To pick one of two values would be a guess.
    struct Field: Sendable {
        /// The first one; nil if it is not there.
        private(set) var value: String?
        private(set) var isRepeated = false

        fileprivate mutating func add(_ another: String) {
            isRepeated = value != nil
            if value == nil { value = another }
        }
    }

    private(set) var gatewayToken = Field()
    /// An empty one is as good as none: some gateways send it where the client sent none.
    private(set) var authorization = Field()
    /// As `authorization`.
    private(set) var apiKey = Field()
    private(set) var minimumCredits = Field()

    init(_ headers: HTTPHeaders) {
        for (name, value) in headers {
            // The length is compared first: this runs for every request.
            switch name.utf8.count {
            case 9 where !value.isEmpty && name.isEqualIgnoringCase(to: "x-api-key"):
                apiKey.add(value)
            case 13 where !value.isEmpty && name.isEqualIgnoringCase(to: "authorization"):
                authorization.add(value)
            case 22 where name.isEqualIgnoringCase(to: "tollgate-gateway-token"):
                gatewayToken.add(value)
            case 24 where name.isEqualIgnoringCase(to: "tollgate-minimum-credits"):
                minimumCredits.add(value)
            default:
                break
            }
        }
    }
}
