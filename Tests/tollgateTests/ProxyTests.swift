// SPDX-License-Identifier: Apache-2.0

import Console
import Foundation
import Glibc
import Settings
import Stripe
import TestSupport
import Testing

/// The proxies of docs/stripe.md in front of the real binary: a wrong path must never look delivered.
@Suite struct ProxyTests {
    private struct NotOnPage: Error {}

    /// The code block of the page in this language.
    private func block(_ language: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/stripe.md"), encoding: .utf8)
        guard let start = page.range(of: "```\(language)\n"),
            let end = page.range(of: "```", range: start.upperBound..<page.endIndex)
        else { throw NotOnPage() }
        return String(page[start.upperBound..<end.lowerBound])
    }

    /// Nil if it is not installed.
    static func program(_ name: String) -> String? {
        ["/usr/sbin/", "/usr/bin/", "/usr/local/bin/"].map { $0 + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a proxy while signed events are posted through it.
    private func check(_ path: String, _ arguments: [String], in folder: String, port: Int) async throws {
        let home = ["HOME": folder, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder]
        let errors = folder + "/errors"
        try await OtherProgram.with(path, arguments, environment: home, errors: errors) {
            do {
                try await check("http://127.0.0.1:\(port)")
            } catch {
                print((try? String(contentsOfFile: errors, encoding: .utf8)) ?? "")
                throw error
            }
        }
    }

    private func check(_ base: String) async throws {
        let right = try await eventually("an answer through the proxy") {
            do {
                return try await post(base, "/webhooks/stripe", "evt_right")
            } catch is ServiceError {
                return nil  // it does not listen yet
            }
        }
        #expect(right.status == 200)
        #expect(right.body.contains(#""received":true"#), "\(right.body)")
        let paths = [
            "/webhooks/stripe/", "/webhooks/strip", "/webhooks/stripe/x", "/", "/healthz", "/metrics",
            "/v1/customers/cus_1/access",
        ]
        for path in paths {
            let wrong = try await post(base, path, "evt_wrong")
            #expect(wrong.status == 404, "\(path)")
            #expect(!wrong.body.contains("received"), "\(path)")
        }
    }

    private func post(_ base: String, _ path: String, _ id: String) async throws -> (status: Int, body: String) {
        let body = Events.checkout(id: id).bytes
        let signature = try WebhookSecret(value: RunningServer.secret).sign(body: body, at: .now)
        return try await ServiceClient.with(base: base) { client in
            let answer = try await client.send(.POST, path, headers: [("Stripe-Signature", signature)], body: body)
            return (answer.status, answer.body)
        }
    }

    private func withServer(_ body: (_ server: String, _ folder: String, _ port: Int) async throws -> Void) async throws
    {
        try await TestDatabase.with { database in
            try await TemporaryFolder.with { folder in
                try await RunningServer.with(database.url) { server in
                    try await body(String(server.publicURL.dropFirst("http://".count)), folder, try FreePort.find())
                }
            }
        }
    }

    @Test(.enabled(if: program("nginx") != nil, "nginx is not installed"))
    func `the documented nginx passes on the one path and answers 404 to every other`() async throws {
        let nginx = try #require(Self.program("nginx"))
        try await withServer { server, folder, port in
            let block = try block("nginx")
                .replacing("listen 443 ssl;", with: "listen 127.0.0.1:\(port);")
                .replacing("127.0.0.1:8080", with: server)
                .split(separator: "\n").filter { !$0.contains("ssl_certificate") }.joined(separator: "\n")
            #expect(block.contains(server) && block.contains("listen 127.0.0.1"))
            let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map { "\($0)_temp_path \(folder)/\($0);" }.joined(separator: " ")
            let file = """
                daemon off; \(geteuid() == 0 ? "user root;" : "") pid \(folder)/pid; error_log stderr;
                events {}
                http { access_log off; \(places)
                \(block)
                }
                """
            try file.write(toFile: folder + "/nginx.conf", atomically: true, encoding: .utf8)
            try await check(nginx, ["-c", folder + "/nginx.conf", "-e", "stderr"], in: folder, port: port)
        }
    }

    @Test(.enabled(if: program("caddy") != nil, "caddy is not installed"))
    func `the documented Caddy passes on the one path and answers 404 to every other`() async throws {
        let caddy = try #require(Self.program("caddy"))
        try await withServer { server, folder, port in
            let block = try block("caddyfile")
                .replacing("hooks.example.com", with: "http://127.0.0.1:\(port)")
                .replacing("127.0.0.1:8080", with: server)
            #expect(block.contains(server) && block.contains("http://127.0.0.1:\(port)"))
            try "{\nadmin off\nauto_https off\n}\n\(block)".write(
                toFile: folder + "/Caddyfile", atomically: true, encoding: .utf8)
            try await check(
                caddy, ["run", "--config", folder + "/Caddyfile", "--adapter", "caddyfile"], in: folder, port: port)
        }
    }
}
