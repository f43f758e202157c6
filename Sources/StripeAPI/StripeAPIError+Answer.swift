// SPDX-License-Identifier: Apache-2.0

import Notation

extension StripeAPIError {
    /// - Parameters:
    ///   - status: 300 or above.
    ///   - body: as it came.
    ///   - limit: `Stripe-Rate-Limited-Reason`.
    ///   - request: `Request-Id`.
    init(status: Int, body: [UInt8], limit: String?, request: String?) {
        let error = (try? JSON(bytes: body))?["error"]
        switch status {
        case _ where error?["code"]?.string == "account_invalid": self = .accountRefused
        case 401: self = .keyRefused
        case 403: self = .notPermitted(permission: error?["message"]?.string.flatMap(Self.permission))
        case 404: self = .notFound
        case 429: self = .limited(reason: limit.flatMap(Self.word) ?? error?["code"]?.string.flatMap(Self.word))
        // A redirect is never followed: it would take the key to another host.
        case 300..<400, 500...: self = .unavailable("it answers \(status)")
        default:
            self = .refused(
                status: status, code: error?["code"]?.string.flatMap(Self.word),
                parameter: error?["param"]?.string.flatMap(Self.word), request: request.flatMap(Self.word))
        }
    }

    /// "Having the 'rak_event_read' permission would allow this request to continue."
    private static func permission(in message: String) -> String? {
        message.split(separator: "'").first { $0.hasPrefix("rak_") }.flatMap { word(String($0)) }
    }

    /// Stripe's codes and names, and nothing that could be more than that.
    private static func word(_ text: String) -> String? {
        let isWord =
            (1...80).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "_-[].".utf8.contains(byte)
            }
        let isKey = ["sk_live", "sk_test", "rk_live", "rk_test", "whsec_"].contains(where: text.contains)
        return isWord && !isKey ? text : nil
    }
}
