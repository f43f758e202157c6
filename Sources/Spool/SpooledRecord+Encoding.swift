// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation

/// How a record is laid out in a segment file. A segment is just records, one after another; integers are big-endian:
///
/// | offset | bytes | field |
/// |---|---|---|
/// | 0 | 8 | magic: `FF "SPOOL2" FE`, where a reader can resume after damage |
/// | 8 | 64 | checksum: SHA-256 of all that follows, in lower-case hex digits |
/// | 72 | 4 | length of the payload, at most `payloadLimit` |
/// | 76 | 8 | receipt time: microseconds since 1970, signed |
/// | 84 | 1 | length of the signature |
/// | 85 | … | signature, then the payload |
///
/// A record without a signature has `SPOOL1` in its magic and its payload at 84; older versions kept no signature.
///
/// `FF` and `FE` occur in no UTF-8 text, so no JSON body can contain something that would be mistaken for a record when
/// the real record around it is damaged.
extension SpooledRecord {
    static let magic: [UInt8] = [0xFF] + Array("SPOOL2".utf8) + [0xFE]
    static let unsignedMagic: [UInt8] = [0xFF] + Array("SPOOL1".utf8) + [0xFE]

    private static let checksumOffset = 8
    private static let lengthOffset = 72
    private static let timeOffset = 76
    private static let bodyOffset = 84

    private var signatureField: [UInt8] { signature.map { [UInt8(clamping: $0.utf8.count)] + Array($0.utf8) } ?? [] }

    var encodedCount: Int { Self.bodyOffset + (signature.map { 1 + $0.utf8.count } ?? 0) + payload.count }

    /// - Throws: `tooLarge`, or `cannotWrite` if the signature is too long or OpenSSL fails (out of memory).
    func encoded() throws(SpoolError) -> [UInt8] {
        guard payload.count <= Self.payloadLimit else { throw .tooLarge(bytes: payload.count) }
        guard (signature?.utf8.count ?? 0) <= Self.signatureLimit else {
            throw .cannotWrite(path: "a record", reason: "its signature has over \(Self.signatureLimit) bytes")
        }
        var covered: [UInt8] = []
        covered.reserveCapacity(encodedCount - Self.lengthOffset)
        withUnsafeBytes(of: UInt32(payload.count).bigEndian) { covered.append(contentsOf: $0) }
        withUnsafeBytes(of: receivedAt.microseconds.bigEndian) { covered.append(contentsOf: $0) }
        covered.append(contentsOf: signatureField)
        covered.append(contentsOf: payload)
        guard let checksum = Digest.sha256(covered) else {
            throw .cannotWrite(path: "a record", reason: "OpenSSL cannot compute its SHA-256")
        }
        return (signature == nil ? Self.unsignedMagic : Self.magic) + Array(checksum.utf8) + covered
    }

    /// The record that begins at `offset`; nil if there is none, or it is damaged or cut short.
    /// - Throws: `cannotRead` if OpenSSL fails (out of memory), which says nothing about the record.
    static func decode(_ bytes: [UInt8], at offset: Int) throws(SpoolError) -> SpooledRecord? {
        let left = bytes.count - offset
        guard left >= bodyOffset else { return nil }
        let start = bytes[offset..<offset + checksumOffset]
        let isSigned = start.elementsEqual(magic)
        guard isSigned || start.elementsEqual(unsignedMagic), !isSigned || left > bodyOffset else { return nil }
        let signature = isSigned ? bodyOffset + 1..<bodyOffset + 1 + Int(bytes[offset + bodyOffset]) : nil
        let payloadOffset = signature?.upperBound ?? bodyOffset
        let length = Int(integer(bytes[offset + lengthOffset..<offset + timeOffset]))
        guard length <= payloadLimit, left - payloadOffset >= length else { return nil }
        let end = offset + payloadOffset + length
        guard let checksum = Digest.sha256(Array(bytes[offset + lengthOffset..<end])) else {
            throw .cannotRead(path: "a record", reason: "OpenSSL cannot compute its SHA-256")
        }
        guard bytes[offset + checksumOffset..<offset + lengthOffset].elementsEqual(checksum.utf8) else { return nil }
        let time = Int64(bitPattern: integer(bytes[offset + timeOffset..<offset + bodyOffset]))
        return SpooledRecord(
            receivedAt: Timestamp(microseconds: time),
            payload: Array(bytes[offset + payloadOffset..<end]),
            signature: signature.map {
                String(decoding: bytes[offset + $0.lowerBound..<offset + $0.upperBound], as: UTF8.self)
            })
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Where the next magic marker at or after `offset` is; nil when there is none.
    static func nextMagic(in bytes: [UInt8], from offset: Int) -> Int? {
        var rest = bytes[offset...]
        while let start = rest.firstIndex(of: magic[0]) {
            rest = rest[start...]
            if rest.starts(with: magic) || rest.starts(with: unsignedMagic) { return start }
            rest = rest.dropFirst()
        }
        return nil
    }
}
