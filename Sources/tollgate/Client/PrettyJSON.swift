import FoundationEssentials
import Notation

/// JSON for people: indented, keys sorted.
enum PrettyJSON {
    static func text(_ value: JSON) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return Plain.json(String(decoding: try encoder.encode(value), as: UTF8.self))
        } catch {
            // Only a number that is none can fail to encode; the compact form writes null for it.
            return Plain.json(String(decoding: value.bytes, as: UTF8.self))
        }
    }
}
