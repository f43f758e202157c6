// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import HTTP

extension BearerToken.Kind {
    fileprivate static let gateway = BearerToken.Kind(rawValue: "gateway")
    fileprivate static let admin = BearerToken.Kind(rawValue: "admin")
}

@Suite struct HTTPAuthenticationTests {
    private static let tokens =
        BearerToken.list(.gateway, [(nil, "gateway-token-0123456789")])
        + BearerToken.list(
            .admin, [(nil, "admin-token-0123456789"), ("alice", "alice-token-0123456789"), (nil, "third=")])

    private func with<T>(_ body: (HTTPListenerFixture) async throws -> T) async throws -> T {
        let routes = { (table: RouteTable) in
            table.get("/open") { _, context in context.tokenLabel ?? "nobody" }
            table.group("/v1").add(middleware: BearerAuthentication(.gateway, tokens: Self.tokens))
                .get("/who") { _, context in context.tokenLabel ?? "nobody" }
            _ = table.group("/admin/v1").add(middleware: BearerAuthentication(.admin, tokens: Self.tokens))
                .get("/who") { _, context in context.tokenLabel ?? "nobody" }
        }
        return try await HTTPListenerFixture.with(routes: routes, body)
    }

    @Test(
        "a token opens the routes of its kind, and its label reaches the handler",
        arguments: [
            ("/admin/v1/who", "Bearer admin-token-0123456789", "admin"),
            ("/admin/v1/who", "bearer alice-token-0123456789", "alice"),
            ("/admin/v1/who", "BEARER   third=", "admin-3"),
            ("/v1/who", "Bearer gateway-token-0123456789", "gateway"),
        ]
    )
    func label(_ path: String, _ authorization: String, _ label: String) async throws {
        try await with { listener in
            let answer = try await listener.request("GET \(path)", headers: ["Authorization: \(authorization)"])
            #expect(answer.status == 200)
            #expect(answer.body == label)
        }
    }

    @Test(
        "without a known token it is 401",
        arguments: [
            nil, "", "Bearer", "Bearer ", "admin-token-0123456789", "Basic admin-token-0123456789",
            "Bearer admin-token-012345678", "Bearer admin-token-01234567890", "Bearer Admin-token-0123456789",
            "Bearer admin-token-0123456789 x", "Bearer admin-token-0123456789\r\nAuthorization: Bearer x",
        ]
    )
    func unauthenticated(_ authorization: String?) async throws {
        try await with { listener in
            let headers = authorization.map { ["Authorization: \($0)"] } ?? []
            let answer = try await listener.request("GET /admin/v1/who", headers: headers)
            #expect(answer.status == 401)
            #expect(answer.headers["www-authenticate"] == "Bearer realm=\"tollgate\"")
            #expect(try answer.problem.code == "unauthenticated")
        }
    }

    @Test("a token of the other kind is 403, and no token is logged")
    func forbidden() async throws {
        try await with { listener in
            for (path, token) in [
                ("/v1/who", "admin-token-0123456789"), ("/admin/v1/who", "gateway-token-0123456789"),
            ] {
                let answer = try await listener.request("GET \(path)", headers: ["Authorization: Bearer \(token)"])
                #expect(answer.status == 403)
                #expect(try answer.problem.code == "forbidden")
            }
            #expect(try await listener.request("GET /open").body == "nobody")
            #expect(!listener.log.everything.contains("0123456789"))
        }
    }

    @Test("no way of printing shows a token")
    func redacted() {
        var dumped = ""
        for token in Self.tokens {
            dump(token, to: &dumped)
            dumped += "\(token) \(String(reflecting: token))"
        }
        #expect(!dumped.contains("0123456789"))
        #expect(dumped.contains("alice"))
    }
}
