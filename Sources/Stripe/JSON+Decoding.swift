import FoundationEssentials

extension JSON {
    /// Why bytes are no JSON that Tollgate reads.
    public enum DecodingFailure: Error, Hashable, CustomStringConvertible {
        case notUTF8
        case tooDeep(limit: Int)
        case notJSON(String)

        public var description: String {
            switch self {
            case .notUTF8: "the body is not UTF-8"
            case .tooDeep(let limit): "the body nests deeper than \(limit) levels"
            case .notJSON(let reason): "the body is not JSON: \(reason)"
            }
        }
    }

    /// Stripe nests about ten levels; decoders recurse, so hostile depth is refused before they see it.
    public static let depthLimit = 64

    /// Decodes RFC 8259 JSON in UTF-8. The same bytes always give the same value or the same failure.
    /// - Parameter depthLimit: levels of lists and objects. What wraps a payload needs room for it.
    public init(bytes: some Collection<UInt8>, depthLimit: Int = depthLimit) throws(DecodingFailure) {
        let data = Data(bytes)
        try Self.check(data, depthLimit: depthLimit)
        do {
            self = try JSONDecoder().decode(JSON.self, from: data)
        } catch DecodingError.dataCorrupted(let context) {
            throw .notJSON(context.debugDescription)
        } catch {
            throw .notJSON("no value")
        }
    }

    /// Refuses what Foundation's decoder would guess at, overflow its stack on, or take although it is no JSON.
    public static func check(
        _ bytes: some Collection<UInt8>,
        depthLimit: Int = depthLimit
    ) throws(DecodingFailure) {
        // A NUL byte is no JSON anywhere and would make the decoder guess at UTF-16.
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
        var scan = Scan()
        for byte in bytes { scan.take(byte) }
        guard scan.deepest <= depthLimit else { throw .tooDeep(limit: depthLimit) }
        guard !scan.hasTrailingComma else { throw .notJSON("a comma stands before a closing bracket") }
    }

    /// What lies outside of strings.
    private struct Scan {
        private(set) var deepest = 0
        private(set) var hasTrailingComma = false
        private var depth = 0
        private var isInString = false
        private var isEscaped = false
        private var isAfterComma = false

        mutating func take(_ byte: UInt8) {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                return
            }
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                return
            case UInt8(ascii: "\""):
                isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if isAfterComma { hasTrailingComma = true }
            default:
                break
            }
            isAfterComma = byte == UInt8(ascii: ",")
        }
    }
}
