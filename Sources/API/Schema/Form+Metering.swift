// SPDX-License-Identifier: Apache-2.0

import Notation

extension Form where Value == String {
    /// An exact amount of dollars, as a text: many JSON numbers are read as another one.
    static var decimal: Form {
        let pattern = #"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,12})?$"#
        return text(1...25, pattern: pattern, "a decimal number as a text, such as \"0.25\"") { text in
            text.wholeMatch(of: /(0|[1-9][0-9]{0,11})(\.[0-9]{1,12})?/.asciiOnlyDigits()) != nil
        }
        .with(["examples": ["1000"]])
    }

    /// What a cost is multiplied by, as a text.
    static var factor: Form {
        let part = "([1-9][0-9]{0,3}|0[1-9][0-9]{0,2}|00[1-9][0-9]?|000[1-9])"
        let words = "a number above 0 and below 1000000 as a text, with at most 4 decimals, such as \"1.33\""
        return text(1...11, pattern: #"^([1-9][0-9]{0,5}(\.[0-9]{1,4})?|0\.\#(part))$"#, words) { text in
            text.wholeMatch(of: /([1-9][0-9]{0,5}|0)(\.[0-9]{1,4})?/.asciiOnlyDigits()) != nil
                && text.contains { "1"..."9" ~= $0 }
        }
        .with(["examples": ["1.33"]])
    }

    static var providerName: Form { modelName.with(["examples": ["anthropic"]]) }

    /// A provider or a model, as whoever reports usage names it.
    static var modelName: Form {
        text(1...256, pattern: "^[!-~]+$", "1 to 256 visible ASCII characters") { text in
            1...256 ~= text.utf8.count && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
        }
        .with(["examples": ["claude-fable-5-1"]])
    }

    /// What an operator calls a plan.
    static var planName: Form {
        text(
            1...64, pattern: "^[a-z0-9][a-z0-9_-]*$",
            "1 to 64 of a-z, 0-9, _ and -, of which the first is a letter or a digit"
        ) { text in
            text.utf8.count <= 64 && text.wholeMatch(of: /[a-z0-9][a-z0-9_\-]*/) != nil
        }
        .with(["examples": ["pro"]])
    }
}
