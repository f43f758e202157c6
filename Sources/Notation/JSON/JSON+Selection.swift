// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// Which parts of a document are decoded; the rest is checked just as strictly and left out.
    package enum Selection: Sendable {
        case everything
        /// Of an object these members, of a list nothing, a scalar as it is.
        case only([Part])

        package static let scalar = Selection.only([])

        package static func only(_ parts: KeyValuePairs<String, Selection>) -> Selection {
            .only(parts.map(Part.init))
        }

        package struct Part: Sendable {
            package let key: String
            /// The key's bytes, so that it is found without creating strings.
            package let bytes: [UInt8]
            package let selection: Selection

            init(key: String, selection: Selection) {
                self.key = key
                bytes = Array(key.utf8)
                self.selection = selection
            }
        }
    }
}
