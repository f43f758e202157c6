// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

/// The parts of a request's head that say where the request ends and what the client expects of the connection, found
/// in one pass over its headers.
struct RequestFraming: Hashable, Sendable {
    let isVersion10: Bool
    /// Whether the client wants the connection kept.
    let isKeepAlive: Bool
    /// After `CONNECT` and `Upgrade` the parser reads no further request.
    private(set) var endsParsing: Bool
    private(set) var hosts = 0
    /// As announced, in bytes; `Int.max` if the number overflows.
    private(set) var contentLength: Int?
    /// In lower case; nil without `Transfer-Encoding`.
    private(set) var transferCodings: [String]?
    private(set) var hasContentEncoding = false
    /// Whether the client waits for `100 Continue` before it sends the body.
    private(set) var asksToContinue = false
    /// Whether a value has white space around it, which is not part of the value (RFC 9110, 5.5).
    private(set) var isPadded = false

    init(_ head: HTTPRequestHead) {
        isVersion10 = head.version == .http1_0
        isKeepAlive = head.isKeepAlive
        endsParsing = head.method == .CONNECT
        var hasExpectation = false
        for (name, value) in head.headers {
            if !isPadded { isPadded = value.isPadded }
            // The length is compared first: this runs for every request.
            switch name.utf8.count {
            case 4 where name.isEqualIgnoringCase(to: "host"):
                hosts += 1
            case 6 where !hasExpectation && name.isEqualIgnoringCase(to: "expect"):
                hasExpectation = true
                asksToContinue = !isVersion10 && value.lowercased() == "100-continue"
            case 7 where name.isEqualIgnoringCase(to: "upgrade"):
                endsParsing = true
            case 14 where contentLength == nil && name.isEqualIgnoringCase(to: "content-length"):
                // The parser lets only digits through.
                contentLength = Int(value) ?? .max
            case 16 where name.isEqualIgnoringCase(to: "content-encoding"):
                hasContentEncoding = true
            case 17 where transferCodings == nil && name.isEqualIgnoringCase(to: "transfer-encoding"):
                transferCodings = head.headers[canonicalForm: "transfer-encoding"].map { $0.lowercased() }
            default:
                break
            }
        }
    }

    /// Trims the white space from the head's values; the parser drops it only in front of them.
    static func read(_ head: inout HTTPRequestHead) -> RequestFraming {
        let framing = RequestFraming(head)
        guard framing.isPadded else { return framing }
        head.headers.trimValues()
        return RequestFraming(head)
    }

    /// The parser rejects a request with both a length and codings, and `problem` rejects any other codings.
    var body: RequestSlices.Body {
        contentLength == nil && transferCodings != nil ? .chunks : .length(contentLength ?? 0)
    }

    /// Why it is unclear where this request begins and ends, or whom it is for, by RFC 9112 (3.2, 6.1); what the parser
    /// lets through, a proxy in front may read differently. The connection cannot go on after it.
    var problem: ProblemDetails? {
        guard hosts == 1 || (hosts == 0 && isVersion10) else {
            return .malformedRequest(
                detail: hosts == 0 ? "The Host header is missing." : "There is more than one Host header.")
        }
        guard let transferCodings else { return nil }
        if isVersion10 { return .malformedRequest(detail: "HTTP/1.0 has no Transfer-Encoding.") }
        if transferCodings == ["chunked"] { return nil }
        guard transferCodings.last == "chunked", !transferCodings.dropLast().contains("chunked") else {
            return .malformedRequest(detail: "The last Transfer-Encoding must be chunked, once.")
        }
        return .unsupportedTransferEncoding
    }
}
