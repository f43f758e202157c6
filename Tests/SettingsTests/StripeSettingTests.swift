// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

/// What an operator is told of a setting of Stripe's side that is wrong.
@Suite struct StripeSettingTests {
    private func reason(_ variable: String, _ value: String) throws -> String {
        let error = try #require(throws: ConfigurationError.self) {
            var environment = ["STRIPE_API_KEY": "rk_test_1", "STRIPE_MODE": "test"]
            environment[variable] = value
            _ = try Configuration(profile: .stripeAccount, environment: environment, isTerminal: false)
        }
        #expect(error.variable == variable)
        return error.reason
    }

    @Test(arguments: [" rk_test_1", "rk_test_1\n", "\trk_test_1 ", " whsec_1"])
    func `white space around a key is named`(_ key: String) throws {
        #expect(try reason("STRIPE_API_KEY", key).contains("white space"))
    }

    @Test(arguments: ["api.stripe.com", "https://api.stripe.com/v1", "http://stripe.example:8080", "ftp://127.0.0.1"])
    func `a wrong base is shown, beside a right one`(_ base: String) throws {
        let reason = try reason("STRIPE_API_BASE", base)
        #expect(reason.contains("\"\(base)\"") && reason.contains("such as https://api.stripe.com;"), "\(reason)")
    }

    @Test(arguments: [
        "https://user:hunter2@api.stripe.com", "https://api.stripe.com?key=hunter2", "https://api.stripe.com/#hunter2",
        "https://hunter2@api.stripe.com/v1", "https://api.stripe.com/sk_test_hunter2", "hunter2",
        "https://user:hunter2",
    ])
    func `a base that may hold a password is not shown`(_ base: String) throws {
        let reason = try reason("STRIPE_API_BASE", base)
        #expect(!reason.contains("hunter2") && reason.contains("not shown"), "\(reason)")
    }

    @Test(arguments: ["never", "0", "9s"])
    func `whoever wants no comparison is offered off`(_ value: String) throws {
        #expect(try reason("TOLLGATE_RECONCILE", value).hasSuffix("; or write off"))
    }

    private func refusal(_ environment: [String: String], file: String = "") throws -> ConfigurationError {
        try #require(throws: ConfigurationError.self) {
            _ = try Configuration(profile: .stripeAccount, environment: environment, isTerminal: false) { _ in file }
        }
    }

    @Test func `a secret that is wrong is told by the variable that was set`() throws {
        // The mode is live.
        for key in ["rk_test_1", "none", " rk_live_1"] {
            let own = try refusal(["STRIPE_API_KEY": key])
            #expect(own.variable == "STRIPE_API_KEY")
            let file = try refusal(["STRIPE_API_KEY_FILE": "/key"], file: "\(key)\n")
            #expect(file.variable == "STRIPE_API_KEY_FILE" && file.reason == own.reason)
        }
        let files = [
            "STRIPE_API_KEY": "rk_live_1", "TOLLGATE_ADMIN_TOKEN_FILE": "/t", "TOLLGATE_GATEWAY_TOKEN_FILE": "/t",
        ]
        let shared = try refusal(files, file: "token-0123456789abcdef")
        #expect(shared.variable == "TOLLGATE_ADMIN_TOKEN_FILE")
        #expect(shared.reason.contains("TOLLGATE_GATEWAY_TOKEN_FILE;"))
    }
}
