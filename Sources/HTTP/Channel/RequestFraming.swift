// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

/// What of a request's head says where the request ends and what the client expects of the connection, found in one pass
/// over its headers.
struct RequestFraming: Hashable, Sendable {
    let isVersion10: Bool
    /// The client wants the connection kept.
    let isKeepAlive: Bool
    /// After `CONNECT` and `Upgrade` the parser reads no further request.
    private(set) var endsParsing: Bool
    private(set) var hosts = 0
    /// As announced, in bytes; what no number holds is the largest.
    private(set) var contentLength: Int?
    /// In lower case; nil without `Transfer-Encoding`.
    private(set) var transferCodings: [String]?
    private(set) var hasContentEncoding = false
    /// The client waits for `100 Continue` before it sends the body.
    private(set) var asksToContinue = false
    /// A value has white space around it, which is no part of it (RFC 9110, 5.5).
    private(set) var isPadded = false

    init(_ head: HTTPRequestHead) {
        isVersion10 = head.version == .http1_0
        isKeepAlive = head.isKeepAlive
        endsParsing = head.method == .CONNECT
        var hasExpectation = false
        for (name, value) in head.headers {
            if !isPadded { isPadded = value.isPadded }
            // By length first: this is asked of every request.
            switch name.utf8.count {
            case 4 where name.isEqualIgnoringCase(to: "host"):
                hosts += 1
            case 6 where !hasExpectation && name.isEqualIgnoringCase(to: "expect"):
                hasExpectation = true
                asksToContinue = !isVersion10 && value.lowercased() == "100-continue"
            case 7 where name.isEqualIgnoringCase(to: "upgrade"):
                endsParsing = true
            case 14 where contentLength == nil && name.isEqualIgnoringCase(to: "content-length"):
                // The parser lets digits through only.
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

    /// Takes the padding off the head's values, which the parser only drops where it stands before them.
    static func read(_ head: inout HTTPRequestHead) -> RequestFraming {
        let framing = RequestFraming(head)
        guard framing.isPadded else { return framing }
        head.headers.trimValues()
        return RequestFraming(head)
    }

    /// The parser lets no request through that has a length and codings, and `problem` none with other codings.
    var body: RequestSlices.Body {
        contentLength == nil && transferCodings != nil ? .chunks : .length(contentLength ?? 0)
    }

    /// Why it cannot be told where this request begins and ends, or for whom it is, as RFC 9112 (3.2, 6.1) has it; what
    /// the parser lets through, a proxy in front may read otherwise. The connection cannot go on after it.
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
