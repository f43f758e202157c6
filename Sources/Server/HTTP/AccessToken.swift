/// A bearer token of the private listener. No way of printing shows its value.
package struct AccessToken: Sendable {
    /// Which routes a token opens. One kind never works for the other's.
    package enum Kind: String, Sendable {
        case gateway
        case admin
    }

    package let kind: Kind

    /// The name of whoever holds it; the timeline shows it.
    package let label: String

    private let value: [UInt8]

    package init(kind: Kind, label: String, value: String) {
        self.kind = kind
        self.label = label
        self.value = Array(value.utf8)
    }

    /// Names the unlabelled ones by their kind and place: `admin`, then `admin-2`.
    package static func list(_ kind: Kind, _ tokens: [(label: String?, value: String)]) -> [AccessToken] {
        tokens.enumerated().map { place, token in
            let name = place == 0 ? kind.rawValue : "\(kind.rawValue)-\(place + 1)"
            return AccessToken(kind: kind, label: token.label ?? name, value: token.value)
        }
    }

    /// Takes the same time wherever the two differ: a clock must not tell how much of a guess was right.
    func matches(_ presented: some Collection<UInt8>) -> Bool {
        guard !value.isEmpty else { return false }
        var difference: UInt8 = value.count == presented.count ? 0 : 1
        for (place, byte) in presented.enumerated() {
            difference |= byte ^ value[place % value.count]
        }
        return difference == 0
    }
}

extension AccessToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "AccessToken(\(kind.rawValue), \(label), redacted)" }

    package var debugDescription: String { description }

    /// Without this, `dump` would print the token.
    package var customMirror: Mirror { Mirror(self, children: ["label": label], displayStyle: .struct) }
}
