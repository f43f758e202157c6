// SPDX-License-Identifier: Apache-2.0

/// A bearer token. No way of printing it shows its value.
package struct BearerToken: Sendable {
    /// Which routes a token opens. A token of one kind never works for another.
    package struct Kind: RawRepresentable, Hashable, Sendable {
        package let rawValue: String

        package init(rawValue: String) {
            self.rawValue = rawValue
        }
    }

    package let kind: Kind

    /// The name of the token's holder.
    package let label: String

    private let value: [UInt8]

    package init(kind: Kind, label: String, value: String) {
        self.kind = kind
        self.label = label
        self.value = Array(value.utf8)
    }

    /// Names the unlabelled ones by kind and position: `admin`, then `admin-2`.
    package static func list(_ kind: Kind, _ tokens: [(label: String?, value: String)]) -> [BearerToken] {
        tokens.enumerated().map { place, token in
            let name = place == 0 ? kind.rawValue : "\(kind.rawValue)-\(place + 1)"
            return BearerToken(kind: kind, label: token.label ?? name, value: token.value)
        }
    }

    /// Takes the same time wherever the two differ: timing must not reveal how much of a guess was right. Of one type: a
    /// generic one, called from another module, takes six times as long.
    func matches(_ presented: Substring.UTF8View) -> Bool {
        guard !value.isEmpty else { return false }
        var difference: UInt8 = value.count == presented.count ? 0 : 1
        var place = 0
        for byte in presented {
            difference |= byte ^ value[place]
            place += 1
            if place == value.count { place = 0 }
        }
        return difference == 0
    }
}

extension BearerToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "BearerToken(\(kind.rawValue), \(label), redacted)" }

    package var debugDescription: String { description }

    /// Without this, `dump` would print the token.
    package var customMirror: Mirror { Mirror(self, children: ["label": label], displayStyle: .struct) }
}
