// SPDX-License-Identifier: Apache-2.0

import Stripe

extension SettingForm<Set<String>> {
    /// Connected accounts, comma-separated.
    static var accounts: SettingForm {
        SettingForm { (text, variable) throws(ConfigurationError) in
            var accounts: Set<String> = []
            for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
                let account = piece.drop { $0 == " " || $0 == "\t" }
                let digits = account.dropFirst("acct_".count)
                let isID =
                    !digits.isEmpty && digits.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                guard account.hasPrefix("acct_"), isID else {
                    let reason = "\"\(account)\" is not an account; write ids such as acct_1A2b3C, separated by commas"
                    throw ConfigurationError(variable: variable, reason: reason)
                }
                accounts.insert(String(account))
            }
            return accounts
        }
    }
}

extension SettingForm<APIAddress> {
    static var apiAddress: SettingForm {
        SettingForm { (text, variable) throws(ConfigurationError) in
            guard let address = APIAddress(text) else {
                let reason = """
                    \(shown(text)) is not the address of an API; write it without a path, such as \
                    \(APIAddress.standard.base); http:// is for this machine alone, as the key is sent there
                    """
                throw ConfigurationError(variable: variable, reason: reason)
            }
            return address
        }
    }

    /// Only a plain scheme, host, port and path: anything else may hold credentials.
    private static func shown(_ text: String) -> String {
        let plain = /([A-Za-z]+:\/\/)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:\d{1,5})?(\/[A-Za-z0-9.\-]*)*/
        let isAddress = text.contains("://") || text.contains(".")
        return isAddress && text.wholeMatch(of: plain) != nil
            ? "\"\(text)\"" : "its value (not shown: it may hold a password)"
    }
}

extension SettingForm<String> {
    /// A Stripe metadata key, within Stripe's own limits.
    static var metadataKey: SettingForm {
        SettingForm { (text, variable) throws(ConfigurationError) in
            guard text.count <= 40, !text.contains(where: { "[]".contains($0) }) else {
                let reason = "\"\(text)\" is not a Stripe metadata key: at most 40 characters, no square brackets"
                throw ConfigurationError(variable: variable, reason: reason)
            }
            return text
        }
    }
}
