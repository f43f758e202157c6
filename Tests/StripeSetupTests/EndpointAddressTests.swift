// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import StripeSetup

@Suite struct EndpointAddressTests {
    @Test(arguments: [
        ("https://hooks.example.com/webhooks/stripe", "https://hooks.example.com/webhooks/stripe", true),
        ("HTTPS://Hooks.Example.COM:443/webhooks/stripe", "https://hooks.example.com/webhooks/stripe", true),
        ("http://h:80/a", "http://h/a", true), ("https://h", "https://h/", true),
        ("https://h?a=1", "https://h/?a=1", true),
        ("https://h/a?version=2025-09-30", "https://h/a", true),
        ("https://h/a?x=1&version=2&y=2", "https://h/a?x=1&y=2", true),
        ("https://h/a", "https://h/A", false), ("https://h/a", "https://h/a/", false),
        ("https://h/webhooks/stripe/?version=1", "https://h/webhooks/stripe", true),
        ("https://h/a", "http://h/a", false),
        ("https://h/a", "https://h:8443/a", false), ("https://h/a?x=1", "https://h/a?x=2", false),
        ("https://h/a?versions=1", "https://h/a", false),
    ])
    func `two URLs are one place or two`(_ one: String, _ other: String, _ isSame: Bool) throws {
        #expect((try #require(EndpointAddress(one)).place == (try #require(EndpointAddress(other)).place)) == isSame)
    }

    @Test(arguments: [
        "", "hooks.example.com", "ftp://h/a", "https://", "https://u@h/a", "https://h/a#b", "https://h/a b",
        "https://:8/a",
    ])
    func `what is no address of an endpoint is none`(_ text: String) {
        #expect(EndpointAddress(text) == nil)
    }

    @Test(arguments: [
        ("https://h/a", "https://h/a?version=2025-09-30.clover"),
        ("https://H/a?x=1&version=2024-01-01", "https://h/a?x=1&version=2025-09-30.clover"),
    ])
    func `another version is in the query`(_ text: String, _ expected: String) throws {
        #expect(try #require(EndpointAddress(text)).delivering("2025-09-30.clover") == expected)
    }
}
