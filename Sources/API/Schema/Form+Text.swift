// SPDX-License-Identifier: Apache-2.0

import Notation

extension Form where Value == String {
    /// Any text, for answers.
    static var string: Form {
        Form(["type": "string"], "a string", read: \.string, write: JSON.string)
    }

    /// - Parameters:
    ///   - lengths: the allowed lengths, in characters.
    ///   - pattern: matches the whole text; must admit whatever `isValid` does.
    static func text(
        _ lengths: ClosedRange<Int>,
        pattern: String,
        _ words: String,
        isValid: @escaping @Sendable (String) -> Bool
    ) -> Form {
        Form(
            [
                "type": "string", "minLength": .integer(Int64(lengths.lowerBound)),
                "maxLength": .integer(Int64(lengths.upperBound)), "pattern": .string(pattern),
            ], words, read: { json in json.string.flatMap { isValid($0) ? $0 : nil } }, write: JSON.string)
    }

    /// A text whose bytes are all of one kind.
    private static func ascii(
        _ lengths: ClosedRange<Int>,
        pattern: String,
        _ words: String,
        _ isAllowed: @escaping @Sendable (UInt8) -> Bool
    ) -> Form {
        text(lengths, pattern: pattern, words) { text in
            lengths.contains(text.utf8.count) && text.utf8.allSatisfy(isAllowed)
        }
    }

    private static func isWordCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// One of Stripe's ids, or one of ours.
    static var id: Form {
        ascii(1...255, pattern: "^[A-Za-z0-9_-]+$", "1 to 255 letters, digits, _ or -", isWordCharacter)
    }

    static func id(_ example: String) -> Form { id.with(["examples": [.string(example)]]) }

    /// A place in a list in the order of ids.
    static var place: Form { id.with(["description": "The list goes on after this id, which need not exist."]) }

    /// The last line of the page before, in a list in the order of time.
    var lastLine: Form { with(["description": "The list goes on after this line; 404 if there is none of this id."]) }

    /// The id of a price or an old plan.
    static var priceID: Form {
        ascii(1...255, pattern: "^[A-Za-z0-9_.-]+$", "1 to 255 letters, digits, _, - or dots") { byte in
            isWordCharacter(byte) || byte == UInt8(ascii: ".")
        }
        .with(["examples": ["price_1"]])
    }

    /// What the inbox accepts as an event's id or type.
    private static var printable: Form {
        ascii(1...255, pattern: "^[ -~]+$", "1 to 255 printable ASCII characters", \.isPrintableASCII)
    }

    static var eventID: Form { printable.with(["examples": ["evt_1"]]) }

    static var eventType: Form { printable.with(["examples": ["invoice.paid"]]) }

    static var secretLabel: Form {
        ascii(
            1...64, pattern: "^[!-~]+$", "the label of a webhook secret, or its place such as #1",
            \.isVisibleASCII)
    }

    static var idempotencyKey: Form {
        ascii(1...255, pattern: "^[!-~]+$", "1 to 255 printable ASCII characters without spaces", \.isVisibleASCII)
    }

    /// `Stripe-Signature`. Read by the code that verifies it.
    static var signature: Form {
        text(
            1...4096, pattern: "^t=[0-9]{1,19},v1=[0-9a-f]{64}$", "t=<unix seconds>,v1=<64 hex digits>",
            isValid: { !$0.isEmpty })
    }

    /// Why an operator does something.
    static var reason: Form {
        text(ReasonText.lengths, pattern: ReasonText.pattern, ReasonText.words, isValid: ReasonText.isValid)
            .with(["examples": ["support #4711"]])
    }

    /// What an operator calls an API key.
    static var label: Form {
        text(ReasonText.lengths, pattern: ReasonText.pattern, ReasonText.words, isValid: ReasonText.isValid)
            .with(["examples": ["production"]])
    }

    /// 64 lower-case hex digits.
    static var sha256: Form {
        let digits: @Sendable (UInt8) -> Bool = { byte in
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
        }
        return ascii(64...64, pattern: "^[0-9a-f]{64}$", "a SHA-256 as 64 lower-case hex digits", digits)
    }

    /// A number of credits in a header.
    static var creditsText: Form {
        text(
            1...16, pattern: "^(0|[1-9][0-9]{0,14}|1000000000000000)$", "a whole number from 0 to 10^15",
            isValid: { !$0.isEmpty })
    }

    /// One of several words. A reader accepts others too: a newer server may know more.
    static func word<Word: CaseIterable & RawRepresentable<String>>(of type: Word.Type) -> Form {
        word(of: Word.allCases)
    }

    static func word(of values: some Collection<some RawRepresentable<String>>) -> Form {
        let words = values.map(\.rawValue).sorted().map(JSON.string)
        return Form(["type": "string", "enum": .array(words)], "a string", read: \.string, write: JSON.string)
    }
}

extension Form where Value: CaseIterable & RawRepresentable<String> {
    /// One of several words, and no other.
    static var oneOf: Form { oneOf(Value.allCases.map { $0 }) }

    static func oneOf(_ values: [Value]) -> Form {
        let words = values.map(\.rawValue)
        return Form(
            ["type": "string", "enum": .array(words.map(JSON.string))], "one of \(words.joined(separator: ", "))",
            read: { json in json.string.flatMap { text in values.first { $0.rawValue == text } } },
            write: { .string($0.rawValue) })
    }
}
