import NIOHTTP1

extension HTTPRequestHead {
    /// Why it cannot be told where this request begins and ends, or for whom it is, as RFC 9112 (3.2, 6.1) has it; what
    /// the parser lets through, a proxy in front may read otherwise. The connection cannot go on after it.
    var framingProblem: ProblemDetails? {
        var hosts = 0
        var hasCodings = false
        for (name, _) in headers {
            // By length first: this is asked of every request.
            switch name.utf8.count {
            case 4 where name.isEqualIgnoringCase(to: "host"): hosts += 1
            case 17 where name.isEqualIgnoringCase(to: "transfer-encoding"): hasCodings = true
            default: break
            }
        }
        guard hosts == 1 || (hosts == 0 && version == .http1_0) else {
            return .malformedRequest(
                detail: hosts == 0 ? "The Host header is missing." : "There is more than one Host header.")
        }
        return hasCodings ? codingProblem : nil
    }

    private var codingProblem: ProblemDetails? {
        if version == .http1_0 {
            return .malformedRequest(detail: "HTTP/1.0 has no Transfer-Encoding.")
        }
        let codings = headers[canonicalForm: "transfer-encoding"].map { $0.lowercased() }
        if codings == ["chunked"] { return nil }
        guard codings.last == "chunked", !codings.dropLast().contains("chunked") else {
            return .malformedRequest(detail: "The last Transfer-Encoding must be chunked, once.")
        }
        return .unsupportedTransferEncoding
    }
}

extension HTTPHeaders {
    /// RFC 9110 (5.5): white space around a value is no part of it. The parser only drops what stands before it.
    mutating func trimValues() {
        guard contains(where: { Self.isTrimmable($0.value) }) else { return }
        self = HTTPHeaders(map { ($0.name, Self.isTrimmable($0.value) ? Self.trimmed($0.value) : $0.value) })
    }

    /// The value of a header; of one that is there several times, the list that HTTP makes of it. To pick one of them
    /// would be a guess.
    /// - Parameter name: in lower case.
    func value(of name: String) -> String? {
        var found: String?
        for (other, value) in self where other.isEqualIgnoringCase(to: name) {
            found = found.map { "\($0), \(value)" } ?? value
        }
        return found
    }

    private static func isTrimmable(_ value: String) -> Bool {
        value.utf8.last.map(isWhiteSpace) ?? false || value.utf8.first.map(isWhiteSpace) ?? false
    }

    private static func trimmed(_ value: String) -> String {
        var bytes = value.utf8.drop(while: isWhiteSpace)
        while let last = bytes.last, isWhiteSpace(last) { bytes.removeLast() }
        return String(Substring(bytes))
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}

extension String {
    /// - Parameter other: ASCII letters and hyphens in lower case.
    fileprivate func isEqualIgnoringCase(to other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8) { $0 | 0x20 == $1 }
    }
}
