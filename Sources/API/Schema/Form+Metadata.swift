// SPDX-License-Identifier: Apache-2.0

import Notation

extension Form where Value == [String: String] {
    /// What a gateway notes with what it spends.
    static var metadata: Form {
        let (most, longestName, longestText) = (50, 40, 500)
        // PostgreSQL keeps no NUL.
        let pattern = #"^[^\u0000]*$"#
        let words =
            "an object of at most \(most) texts of up to \(longestText) characters, under names of 1 to \(longestName), without NUL"
        return Form(
            [
                "type": "object", "maxProperties": .integer(Int64(most)),
                "propertyNames": [
                    "minLength": 1, "maxLength": .integer(Int64(longestName)), "pattern": .string(pattern),
                ],
                "additionalProperties": [
                    "type": "string", "maxLength": .integer(Int64(longestText)), "pattern": .string(pattern),
                ],
            ], words,
            read: { json in
                guard let members = json.object, members.count <= most else { return nil }
                let texts = members.compactMapValues(\.string)
                let isRight =
                    texts.count == members.count
                    && texts.allSatisfy { name, text in
                        !name.isEmpty && isText(name, longestName) && isText(text, longestText)
                    }
                return isRight ? texts : nil
            }, write: { .object($0.mapValues(JSON.string)) })
    }

    /// Texts under any names, as we write them.
    static var texts: Form {
        Form(
            ["type": "object", "additionalProperties": ["type": "string"]], "an object of texts",
            read: { json in
                guard let members = json.object else { return nil }
                let texts = members.compactMapValues(\.string)
                return texts.count == members.count ? texts : nil
            }, write: { .object($0.mapValues(JSON.string)) })
    }

    private static func isText(_ text: String, _ longest: Int) -> Bool {
        text.unicodeScalars.count <= longest && !text.utf8.contains(0)
    }
}
