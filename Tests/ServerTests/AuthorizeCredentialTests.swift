// SPDX-License-Identifier: Apache-2.0

import HTTP
import NIOHTTP1
import Testing

@testable import Server

/// Where the gateway's token and the client's key are looked for.
@Suite struct AuthorizeCredentialTests {
    private static let token = "gateway-token-0123456789"
    private static let admin = "admin-token-0123456789"

    /// The key that is found, or the code of the refusal. In the headers, `T` stands for the gateway's token, `A` for an
    /// admin token, `a` and `b` for keys.
    private static func result(_ lines: String, isOpen: Bool) -> String {
        let tokens =
            BearerToken.list(.gateway, [(nil, token), (nil, "second-token-0123456789")])
            + BearerToken.list(.admin, [(nil, admin)])
        var headers = HTTPHeaders()
        for line in lines.split(separator: "|") {
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts.count < 2 ? "" : String(parts[1].trimmingPrefix(" "))
            headers.add(
                name: String(parts[0]),
                value: value.replacing("T", with: token).replacing("A", with: admin))
        }
        do throws(ProblemDetails) {
            return String(
                try AuthorizeCredentials(BearerAuthentication(.gateway, tokens: tokens), isOpen: isOpen)
                    .key(in: AuthorizeFields(headers)))
        } catch {
            return error.code
        }
    }

    private static let unauthorized = "gateway_unauthorized"
    private static let invalid = "invalid_key"

    @Test(arguments: [
        ("tollgate-gateway-token: T|authorization: Bearer a", "a"),
        ("Tollgate-Gateway-Token: T|AUTHORIZATION: bearer a", "a"),
        ("tollgate-gateway-token: second-token-0123456789|authorization: Bearer a", "a"),
        ("tollgate-gateway-token: T|x-api-key: a", "a"),
        ("tollgate-gateway-token: T|authorization: Bearer a|x-api-key: a", "a"),
        ("tollgate-gateway-token: T|authorization: Basic a|x-api-key: b", "b"),
        ("tollgate-gateway-token: T|authorization:|x-api-key: b", "b"),
        ("tollgate-gateway-token: T|authorization: Bearer a|x-api-key:", "a"),
        ("authorization: Bearer T|x-api-key: a", "a"),
        // No key, or not one alone.
        ("tollgate-gateway-token: T", invalid), ("tollgate-gateway-token: T|authorization: Bearer", invalid),
        ("tollgate-gateway-token: T|authorization: Basic a", invalid),
        ("tollgate-gateway-token: T|authorization: a", invalid),
        ("tollgate-gateway-token: T|authorization: Bearer a|x-api-key: b", invalid),
        ("tollgate-gateway-token: T|authorization: Bearer a|authorization: Bearer a", invalid),
        ("tollgate-gateway-token: T|authorization: Bearer a|authorization: Bearer b", invalid),
        ("tollgate-gateway-token: T|authorization: Basic a|authorization: Bearer a", invalid),
        ("tollgate-gateway-token: T|x-api-key: a|x-api-key: a", invalid),
        ("tollgate-gateway-token: T|x-api-key: a|X-API-Key: b", invalid),
        // A key is read from nowhere else.
        ("tollgate-gateway-token: T|tollgate-key: a|cookie: key=a|proxy-authorization: Bearer a", invalid),
        // The gateway's own token is missing, wrong, or not one alone.
        ("authorization: Bearer a", unauthorized), ("x-api-key: a", unauthorized), ("", unauthorized),
        ("authorization: Bearer T", unauthorized), ("authorization: Bearer a|x-api-key: T", unauthorized),
        ("tollgate-gateway-token: x|authorization: Bearer a", unauthorized),
        ("tollgate-gateway-token: A|authorization: Bearer a", unauthorized),
        ("tollgate-gateway-token: Tx|authorization: Bearer a", unauthorized),
        ("tollgate-gateway-token: Bearer T|authorization: Bearer a", unauthorized),
        ("tollgate-gateway-token:|authorization: Bearer a", unauthorized),
        ("tollgate-gateway-token: T|tollgate-gateway-token: T|authorization: Bearer a", unauthorized),
        ("tollgate-gateway-token: T|tollgate-gateway-token: x|authorization: Bearer a", unauthorized),
        ("tollgate-gateway-token: T, T|authorization: Bearer a", unauthorized),
        // One that the client sent itself does not hide behind the gateway's in Authorization.
        ("tollgate-gateway-token: x|authorization: Bearer T|x-api-key: a", unauthorized),
        ("authorization: Bearer A|x-api-key: a", unauthorized),
        ("authorization: Bearer T|authorization: Bearer T|x-api-key: a", unauthorized),
    ])
    func `a gateway shows its token, and passes on the client's key`(_ lines: String, _ expected: String) {
        #expect(Self.result(lines, isOpen: false) == expected)
    }

    @Test(arguments: [
        ("authorization: Bearer a", "a"), ("x-api-key: a", "a"), ("authorization: Bearer a|x-api-key: a", "a"),
        ("tollgate-gateway-token: T|authorization: Bearer a", "a"), ("authorization: Bearer T|x-api-key: a", "a"),
        ("authorization: Bearer a|x-api-key: b", invalid), ("authorization: Bearer A|x-api-key: a", invalid),
        ("authorization: Bearer a|authorization: Bearer a", invalid), ("x-api-key: a|x-api-key: a", invalid),
        ("", invalid),
    ])
    func `where it is open, no token is needed`(_ lines: String, _ expected: String) {
        #expect(Self.result(lines, isOpen: true) == expected)
    }
}
