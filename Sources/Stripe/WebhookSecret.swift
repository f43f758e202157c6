// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation

/// The signing secret of one Stripe webhook endpoint (`whsec_…`). No way of printing it shows its value.
package struct WebhookSecret: Hashable, Sendable {
    /// The operator's name for the endpoint, such as `platform` or `connect`.
    package let label: String?

    /// The whole key as Stripe shows it, prefix included, never trimmed.
    let value: String

    /// - Throws: `SignatureSetupError` for a value that cannot be a signing secret: blank, a placeholder, an API key.
    package init(label: String? = nil, value: String) throws(SignatureSetupError) {
        if value.allSatisfy(\.isWhitespace) { throw .blankSecret(label: label) }
        if Self.isPlaceholder(value) { throw .placeholderSecret(label: label) }
        if Self.isAPIKey(value) { throw .apiKeyAsSecret(label: label) }
        self.label = label
        self.value = value
    }

    /// Whether it is this one, whatever its label.
    package func isValue(_ text: String) -> Bool { value == text }

    /// Signs `body` as Stripe would at `time`.
    /// - Returns: a `Stripe-Signature` header value, `t=<unix seconds>,v1=<64 hex digits>`.
    package func sign(body: some Collection<UInt8>, at time: Timestamp) throws(HMACError) -> String {
        let seconds = String(time.seconds)
        let bytes = Array(body)
        let key = try HMACKey(Array(value.utf8))
        let outcome = bytes.withUnsafeBytes { bytes in key.code(Array("\(seconds).".utf8), bytes) }
        let code = try outcome.get()
        return "t=\(seconds),v1=\(Hex.encode(code))"
    }

    /// What documentation, sample files and empty templates contain in place of a secret.
    private static func isPlaceholder(_ value: String) -> Bool {
        let lowered = value.lowercased()
        let key = lowered.hasPrefix("whsec_") ? lowered.dropFirst("whsec_".count) : lowered[...]
        if key.allSatisfy({ "x.…*_-#?".contains($0) || $0.isWhitespace }) { return true }
        // Stripe's own secrets are random letters and digits, so one may begin with any word.
        if key.count >= 32, key.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) { return false }
        let words = key.filter { $0 != "_" && $0 != "-" && !$0.isWhitespace }
        return ["changeme", "replaceme", "placeholder", "your", "todo", "<", "$", "{"].contains { words.hasPrefix($0) }
    }

    private static func isAPIKey(_ value: String) -> Bool {
        ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "pk_test_"].contains { value.hasPrefix($0) }
    }
}

extension WebhookSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The label, never the value.
    package var description: String { "WebhookSecret(\(label ?? "unlabelled"), redacted)" }

    package var debugDescription: String { description }

    /// Without this, `dump` would print the value.
    package var customMirror: Mirror { Mirror(self, children: ["label": label ?? "unlabelled"], displayStyle: .struct) }
}
