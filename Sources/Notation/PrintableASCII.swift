// SPDX-License-Identifier: Apache-2.0

/// Characters that every terminal, header and log line carries as they are.
extension UInt8 {
    /// A letter, digit, sign or space of ASCII.
    @inlinable package var isPrintableASCII: Bool { 0x20...0x7E ~= self }

    /// The same without the space.
    @inlinable package var isVisibleASCII: Bool { 0x21...0x7E ~= self }
}

extension String {
    /// True for the empty text.
    package var isPrintableASCII: Bool { utf8.allSatisfy(\.isPrintableASCII) }

    /// Without spaces. True for the empty text.
    package var isVisibleASCII: Bool { utf8.allSatisfy(\.isVisibleASCII) }
}
