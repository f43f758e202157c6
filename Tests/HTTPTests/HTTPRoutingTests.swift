// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Hummingbird
import NIOCore
import Telemetry
import TestSupport
import Testing

@testable import HTTP

@Suite struct HTTPRoutingTests {
    private struct Unforeseen: Error {}

    private func routes(_ table: RouteTable) {
        table.get("/healthz") { _, _ in "alive" }
        table.get("/v1/customers/{customer}/access") { _, context in try context.parameter("customer") }
        table.put("/v1/customers/{customer}/override") { _, _ in "put" }
        table.delete("/v1/customers/{customer}/override") { _, _ in "deleted" }
        table.get("/json") { _, _ in Response.document(["b": "/", "a": "é"], status: .accepted) }
        table.get("/conflict") { _, _ -> String in throw ProblemDetails.conflict(detail: "a \"quoted\"\n\u{1}é") }
        table.get("/busy") { _, _ -> String in throw ProblemDetails.serviceUnavailable(retryAfter: 7) }
        table.get("/broken") { _, _ -> String in throw Unforeseen() }
    }

    private func with<T>(_ body: (HTTPListenerFixture) async throws -> T) async throws -> T {
        try await HTTPListenerFixture.with(routes: routes, body)
    }

    @Test("a route answers")
    func route() async throws {
        try await with { listener in
            let answer = try await listener.request("GET /healthz")
            #expect(answer.status == 200)
            #expect(answer.body == "alive")
            #expect(answer.headers["server"] == nil)
            #expect(answer.headers["connection"] == nil)
        }
    }

    @Test(
        "an unknown path is a 404 problem",
        arguments: [
            "GET /", "GET /nothing", "POST /healthz/more", "GET /v1/customers/cus_1", "OPTIONS *", "GET //%00",
            "GET /v1/customers//access", "GET http://example.com/nothing", "GET /NotFound", "GET /%",
        ]
    )
    func unknownPath(_ line: String) async throws {
        try await with { listener in
            let answer = try await listener.request(line)
            #expect(answer.status == 404)
            #expect(answer.headers["content-type"] == "application/problem+json")
            let problem = try answer.problem
            #expect(problem.code == "not_found")
            #expect(problem.type == "urn:tollgate:problem:not_found")
            #expect(problem.status == 404)
            #expect(problem.title == "Not Found")
            #expect(!problem.detail.isEmpty)
        }
    }

    @Test(
        "a known path with a wrong method is 405 and says what is allowed",
        arguments: [
            ("POST /healthz", "GET, HEAD"), ("DELETE /healthz", "GET, HEAD"), ("OPTIONS /healthz", "GET, HEAD"),
            ("PROPFIND /healthz", "GET, HEAD"), ("PUT /v1/customers/cus_1/access?x=1", "GET, HEAD"),
            ("GET /v1/customers/cus_1/override", "DELETE, PUT"), ("HEAD /v1/customers/a%2Fb/override", "DELETE, PUT"),
        ]
    )
    func wrongMethod(_ line: String, _ allow: String) async throws {
        try await with { listener in
            let answer = try await listener.request(line)
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == allow)
            if !line.hasPrefix("HEAD") { #expect(try answer.problem.code == "method_not_allowed") }
        }
    }

    @Test(
        "a handler sees a parameter decoded",
        arguments: [("cus_1", "cus_1"), ("a%2Fb", "a/b"), ("%63us_1", "cus_1"), ("%C3%A9", "é"), ("a+b", "a+b")]
    )
    func parameter(_ encoded: String, _ decoded: String) async throws {
        try await with { listener in
            let answer = try await listener.request("GET /v1/customers/\(encoded)/access")
            #expect(answer.status == 200)
            #expect(answer.body == decoded)
        }
    }

    @Test("a parameter that does not decode is 400", arguments: ["%", "%4", "%zz", "%FF", "a%C3"])
    func undecodableParameter(_ encoded: String) async throws {
        try await with { listener in
            let answer = try await listener.request("GET /v1/customers/\(encoded)/access")
            #expect(answer.status == 400)
            #expect(try answer.problem.code == "bad_request")
        }
    }

    @Test("HEAD answers as GET does, without a body", arguments: ["/healthz", "/nothing", "/conflict", "/broken"])
    func head(_ path: String) async throws {
        try await with { listener in
            let get = try await listener.request("GET \(path)")
            try await listener.connect { connection in
                try await connection.send("HEAD \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
                let head = try await connection.answer(toHead: true)
                #expect(head.status == get.status)
                #expect(head.headers["content-length"] == get.headers["content-length"])
                #expect(head.headers["content-length"] != "0")
                // Bytes of a body would be read as the next answer.
                try await connection.send("GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
                #expect(try await connection.answer().body == "alive")
            }
        }
    }

    @Test("JSON is compact, with sorted keys and plain slashes")
    func json() async throws {
        try await with { listener in
            let answer = try await listener.request("GET /json")
            #expect(answer.status == 202)
            #expect(answer.headers["content-type"] == "application/json")
            #expect(answer.body == #"{"a":"é","b":"/"}"#)
        }
    }

    @Test("a thrown problem is answered as it is, with its headers")
    func thrownProblem() async throws {
        try await with { listener in
            let conflict = try await listener.request("GET /conflict")
            #expect(conflict.status == 409)
            #expect(try conflict.problem.detail == "a \"quoted\"\n\u{1}é")
            let busy = try await listener.request("GET /busy")
            #expect(busy.status == 503)
            #expect(busy.headers["retry-after"] == "7")
            #expect(try busy.problem.code == "unavailable")
            #expect(listener.log.texts(.error) == [])
        }
    }

    @Test("any other error is a 500 that tells the client nothing and the log all, once")
    func unforeseenError() async throws {
        try await with { listener in
            let answer = try await listener.request("GET /broken")
            #expect(answer.status == 500)
            #expect(try answer.problem.code == "internal_error")
            #expect(!answer.body.contains("Unforeseen"))
            let logged = listener.log.texts(.error)
            #expect(logged.count == 1)
            #expect(logged.first?.contains("Unforeseen") == true)
            #expect(try await listener.request("GET /healthz").status == 200)
        }
    }

    @Test("requests are measured by route template, and what is unknown is bounded")
    func durations() async throws {
        try await with { listener in
            for line in [
                "GET /v1/customers/a/access", "GET /v1/customers/b/access", "GET /x", "GET /y", "POST /healthz",
                "PROPFIND /healthz", "MKCOL /healthz", "HEAD /healthz", "GET /broken",
            ] {
                _ = try await listener.request(line)
            }
            let counts = listener.metrics.render().split(separator: "\n").filter { $0.contains("_count") }
            let name = "tollgate_http_request_duration_seconds_count"
            func series(_ method: String, _ route: String, _ status: Int, _ count: Int) -> Substring {
                let labels = #"listener="public",method="\#(method)",route="\#(route)",status="\#(status)""#
                return "\(name){\(labels)} \(count)"
            }
            #expect(
                Set(counts) == [
                    series("GET", "/v1/customers/{customer}/access", 200, 2), series("GET", "unmatched", 404, 2),
                    series("POST", "/healthz", 405, 1), series("other", "/healthz", 405, 2),
                    series("HEAD", "/healthz", 200, 1), series("GET", "/broken", 500, 1),
                ]
            )
        }
    }
}
