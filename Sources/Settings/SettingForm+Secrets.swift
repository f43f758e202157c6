// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres
import Stripe

extension SettingForm<Secret?> {
    /// The location of a PostgreSQL database, in libpq's syntax.
    static var database: SettingForm {
        SettingForm { (text, variable) throws(ConfigurationError) in
            let isURI = ["postgres://", "postgresql://"].contains { text.hasPrefix($0) }
            guard isURI || isKeywordString(text) else {
                let reason =
                    "is not a PostgreSQL address; write postgresql://user:password@host:5432/database or host=… dbname=…"
                throw ConfigurationError(variable: variable, reason: reason)
            }
            do {
                try DataSource(text).check()
            } catch {
                throw ConfigurationError(variable: variable, reason: "\(error)")
            }
            return Secret(text)
        }
    }

    /// `host=db dbname=tollgate`: what libpq accepts besides a URI.
    private static func isKeywordString(_ text: String) -> Bool {
        guard let equals = text.firstIndex(of: "=") else { return false }
        let keyword = text[..<equals].drop { $0.isWhitespace }
        return keyword.first?.isLetter == true
            && keyword.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == " ") }
    }
}

extension SettingForm<APIKey?> {
    static var apiKey: SettingForm {
        SettingForm(mask: mask, parse: key)
    }

    @Sendable private static func mask(_ key: APIKey?) -> String { key.map { "set: \($0)" } ?? "set" }

    @Sendable private static func key(_ text: String, variable: String) throws(ConfigurationError) -> APIKey? {
        do throws(APIKey.Fault) {
            return try APIKey(text)
        } catch {
            throw ConfigurationError(variable: variable, reason: "\(error)")
        }
    }
}

extension SettingForm<[WebhookSecret]> {
    /// Comma-separated. An empty key would let anybody sign, so a blank one is refused.
    static var webhookSecrets: SettingForm {
        SettingForm(refusesNothing: true, mask: mask, parse: list)
    }

    @Sendable private static func mask(_ secrets: [WebhookSecret]) -> String { labels(secrets.map(\.label)) }

    @Sendable private static func list(
        _ text: String, variable: String
    ) throws(ConfigurationError) -> [WebhookSecret] {
        let hint = "copy the endpoint's signing secret (whsec_…) from Stripe's dashboard"
        if text.allSatisfy(\.isWhitespace) { throw ConfigurationError(variable: variable, reason: "is blank; \(hint)") }
        let entries = try LabelledEntry.list(text, variable: variable) { entry in
            entry.hasPrefix("whsec_") ? nil : entry.firstIndex(of: "=").map { entry[..<$0] }
        }
        var secrets: [WebhookSecret] = []
        for entry in entries {
            do {
                secrets.append(try WebhookSecret(label: entry.label, value: entry.value))
            } catch {
                throw ConfigurationError(variable: variable, reason: "entry \(entry.position): \(error)")
            }
            guard entry.value.hasPrefix("whsec_"), entry.value.isVisibleASCII else {
                let reason = "entry \(entry.position) is not a signing secret: whsec_ and no white space; \(hint)"
                throw ConfigurationError(variable: variable, reason: reason)
            }
        }
        return secrets
    }
}

extension SettingForm<[LabelledToken]> {
    /// Comma-separated.
    static var tokens: SettingForm { SettingForm(mask: mask, parse: LabelledToken.list) }

    @Sendable private static func mask(_ tokens: [LabelledToken]) -> String { labels(tokens.map(\.label)) }
}

extension SettingForm {
    /// `2 set: alice, #2`: an entry without a label is identified by its position, as everywhere.
    fileprivate static func labels(_ labels: [String?]) -> String {
        "\(labels.count) set: " + labels.enumerated().map { $1 ?? "#\($0 + 1)" }.joined(separator: ", ")
    }
}
