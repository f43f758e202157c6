// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// Why bytes are not JSON that Tollgate reads.
    package enum DecodingFailure: Error, Hashable, CustomStringConvertible {
        case notUTF8
        case tooDeep(limit: Int)
        case notJSON(String)
        /// Only if keys must be unique.
        case duplicateKey(String)

        package var description: String {
            switch self {
            case .notUTF8: "the body is not UTF-8"
            case .tooDeep(let limit): "the body nests deeper than \(limit) levels"
            case .notJSON(let reason): "the body is not JSON: \(reason)"
            case .duplicateKey(let key): "the body has the key \"\(key)\" more than once in one object"
            }
        }
    }

    /// Stripe nests about ten levels deep; the reader recurses, so hostile depth is refused.
    package static let depthLimit = 64

    /// Decodes RFC 8259 JSON in UTF-8. The same bytes always give the same value or the same failure. Of several
    /// members of an object with the same key, the first is read.
    /// - Parameters:
    ///   - depthLimit: levels of lists and objects. A wrapper around a payload needs room for its own levels.
    ///   - keysAreUnique: refuses an object, at any depth, that has a key twice.
    package init(
        bytes: some Collection<UInt8>,
        depthLimit: Int = depthLimit,
        keysAreUnique: Bool = false
    ) throws(DecodingFailure) {
        var reader = try Reader(bytes, depthLimit: depthLimit, keysAreUnique: keysAreUnique)
        self = try reader.document(.everything)
    }

    /// Checks the whole document, and decodes part of it.
    package init(
        _ selection: Selection,
        of bytes: some Collection<UInt8>,
        depthLimit: Int = depthLimit
    ) throws(DecodingFailure) {
        var reader = try Reader(bytes, depthLimit: depthLimit)
        self = try reader.document(selection)
    }

    /// Refuses what `init(bytes:)` refuses, and builds no value.
    /// - Parameter keysAreUnique: also refuses an object, at any depth, that has a key twice.
    package static func check(
        _ bytes: some Collection<UInt8>,
        depthLimit: Int = depthLimit,
        keysAreUnique: Bool = false
    ) throws(DecodingFailure) {
        var reader = try Reader(bytes, depthLimit: depthLimit, keysAreUnique: keysAreUnique)
        try reader.check()
    }
}
