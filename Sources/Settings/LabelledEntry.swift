// SPDX-License-Identifier: Apache-2.0

/// One entry of a comma-separated list of secrets, each optionally `label=secret`.
struct LabelledEntry {
    /// Counted from 1, for messages: the entry itself is secret.
    let position: Int
    let label: String?
    let value: String

    /// - Parameter label: finds the label of an entry, which ends before a `=`; nil if there is none.
    static func list(
        _ text: String,
        variable: String,
        label: (Substring) -> Substring?
    ) throws(ConfigurationError) -> [LabelledEntry] {
        var entries: [LabelledEntry] = []
        for (index, piece) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            // `a, b` is a list of two; the caller refuses any other white space.
            let entry = index == 0 ? piece : piece.drop { $0 == " " || $0 == "\t" }
            let found = label(entry)
            let value = found.map { entry.dropFirst($0.count + 1) } ?? entry
            let reason = fault(label: found, value: value, position: index + 1, among: entries)
            if let reason { throw ConfigurationError(variable: variable, reason: reason) }
            entries.append(LabelledEntry(position: index + 1, label: found.map(String.init), value: String(value)))
        }
        return entries
    }

    /// Names neither label nor value: a forgotten comma can turn a secret into a label.
    private static func fault(
        label: Substring?,
        value: Substring,
        position: Int,
        among others: [LabelledEntry]
    ) -> String? {
        if let label {
            if label.isEmpty { return "entry \(position) has an empty label; write label=secret or the secret alone" }
            if !isLabel(label) {
                return "entry \(position): a label is at most 64 letters, digits, dots, hyphens and underscores"
            }
            if let twin = others.first(where: { $0.label == String(label) }) {
                return "entries \(twin.position) and \(position) have the same label; give each its own"
            }
        }
        if value.isEmpty {
            return label == nil
                ? "entry \(position) is empty; remove the extra comma" : "entry \(position) has a label but no secret"
        }
        if let twin = others.first(where: { $0.value == String(value) }) {
            return "entries \(twin.position) and \(position) are the same secret; keep one"
        }
        return nil
    }

    private static func isLabel(_ text: Substring) -> Bool {
        text.utf8.count <= 64
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }
}
