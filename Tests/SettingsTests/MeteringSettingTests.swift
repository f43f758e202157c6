// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Settings

/// What decides what calls are charged, where it is wrong.
@Suite struct MeteringSettingTests {
    private func refusal(_ environment: [String: String]) throws -> ConfigurationError {
        try #require(throws: ConfigurationError.self) {
            _ = try Configuration(profile: .dev, environment: environment, isTerminal: false)
        }
    }

    @Test(arguments: [
        ("TOLLGATE_PLAN", "Pro"), ("TOLLGATE_PLAN", "_pro"), ("TOLLGATE_PLAN", "a b"), ("TOLLGATE_PLAN", "größe"),
        ("TOLLGATE_PLAN", String(repeating: "p", count: 65)),
        ("TOLLGATE_CREDIT_VALUE", "0"), ("TOLLGATE_CREDIT_VALUE", "0.000"), ("TOLLGATE_CREDIT_VALUE", "-1"),
        ("TOLLGATE_CREDIT_VALUE", "1e-3"), ("TOLLGATE_CREDIT_VALUE", "0,001"), ("TOLLGATE_CREDIT_VALUE", "$1"),
        ("TOLLGATE_CREDIT_VALUE", "0.0000000000001"), ("TOLLGATE_CREDIT_VALUE", "1000000000000000"),
        ("TOLLGATE_CREDIT_VALUE", ".5"),
        ("TOLLGATE_WARN_TOKENS", "0"), ("TOLLGATE_WARN_TOKENS", "1000000000001"), ("TOLLGATE_WARN_TOKENS", "100k"),
        ("TOLLGATE_WARN_COST", "-0.01"), ("TOLLGATE_WARN_COST", "ten"), ("TOLLGATE_WARN_COST", "1e1"),
        ("TOLLGATE_WARN_COST", "99999999999999999"), ("TOLLGATE_WARN_COST", "10 USD"),
    ])
    func `a wrong value is refused by name, and shown`(variable: String, value: String) throws {
        let error = try refusal([variable: value])
        #expect(error.variable == variable)
        #expect(error.reason.hasPrefix("\"\(value)\" is "), "\(error)")
    }

    @Test(arguments: [
        ("TOLLGATE_PLAN", "0"), ("TOLLGATE_PLAN", String(repeating: "p", count: 64)),
        ("TOLLGATE_CREDIT_VALUE", "1"), ("TOLLGATE_CREDIT_VALUE", "0.0100"),
        ("TOLLGATE_WARN_TOKENS", "1000000000000"), ("TOLLGATE_WARN_COST", "0"),
        ("TOLLGATE_WARN_COST", "0.000000000000000000000001"),
    ])
    func `a right value is taken`(variable: String, value: String) throws {
        _ = try Configuration(profile: .dev, environment: [variable: value], isTerminal: false)
    }

    /// None of them is a secret.
    @Test(arguments: ["TOLLGATE_PLAN", "TOLLGATE_CREDIT_VALUE", "TOLLGATE_WARN_TOKENS", "TOLLGATE_WARN_COST"])
    func `none is read from a file`(variable: String) throws {
        #expect(try refusal(["\(variable)_FILE": "/x"]).variable == "\(variable)_FILE")
    }

    @Test(arguments: [
        ("TOLLGATE_PLANS", "TOLLGATE_PLAN"), ("TOLLGATE_PLN", "TOLLGATE_PLAN"),
        ("TOLLGATE_CREDITS_VALUE", "TOLLGATE_CREDIT_VALUE"), ("TOLLGATE_WARN_TOKEN", "TOLLGATE_WARN_TOKENS"),
    ])
    func `a misspelt name is told`(name: String, meant: String) throws {
        let error = try refusal([name: "1"])
        #expect(error.variable == name && error.reason.contains("did you mean \(meant)?"), "\(error)")
    }

    @Test(arguments: ["TOLLGATE_", "TOLLGATE_X", "TOLLGATE_FOO", "TOLLGATE_AREA"])
    func `a short name that is like none is not taken for one`(name: String) throws {
        #expect(try refusal([name: "1"]).reason.contains("docs/configuration.md"))
    }
}
