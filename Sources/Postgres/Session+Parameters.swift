// SPDX-License-Identifier: Apache-2.0

extension Session {
    /// Calls libpq with parameters in binary form: their number, and for each its value (null for NULL), its length and
    /// its format.
    static func withBinary<T>(
        _ parameters: [Parameter],
        _ body: (Int32, [UnsafePointer<CChar>?], [Int32], [Int32]) -> T
    ) -> T {
        var buffer: [UInt8] = []
        var ranges: [Range<Int>?] = []
        for parameter in parameters {
            guard let encode = parameter.encode else {
                ranges.append(nil)
                continue
            }
            let start = buffer.count
            encode(&buffer)
            ranges.append(start..<buffer.count)
        }
        buffer.append(0)  // so that an empty last value still has an address
        let lengths = ranges.map { Int32($0?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: ranges.count)
        return buffer.withUnsafeBufferPointer { bytes in
            let start = bytes.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }
            let values = ranges.map { range in range.flatMap { range in start.map { $0 + range.lowerBound } } }
            return body(Int32(values.count), values, lengths, formats)
        }
    }
}
