// SPDX-License-Identifier: Apache-2.0

extension String {
    /// In pieces of this many bytes.
    func split(by size: Int) -> [String] {
        let bytes = Array(utf8)
        return stride(from: 0, to: bytes.count, by: size).map {
            String(decoding: bytes[$0..<min(bytes.count, $0 + size)], as: UTF8.self)
        }
    }
}
