// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

/// The operators' commands and `trigger` through a proxy that terminates TLS, with certificates of a private authority.
@Suite(
    .enabled(if: ProxyTests.program("nginx") != nil, "nginx is not installed"),
    .enabled(if: ProxyTests.program("openssl") != nil, "openssl is not installed")
)
struct TLSTests {
    private struct Failed: Error {
        let command: [String]
    }

    /// A server behind a proxy with three https ports, all for `localhost`: two certificates of the authority, one of
    /// them expired, and one of another authority.
    private struct Site {
        let server: RunningServer
        let folder: String
        let valid: Int
        let expired: Int
        let foreign: Int

        func shell(_ arguments: String..., environment: [String: String] = [:]) async throws -> Program.Ended {
            let own = [
                "TOLLGATE_ADMIN_TOKEN": RunningServer.adminToken, "STRIPE_WEBHOOK_SECRET": RunningServer.secret,
                "SSL_CERT_FILE": "",
            ]
            return try await Program.run(
                arguments, environment: own.merging(environment) { $1 }, in: folder)
        }
    }

    private func withSite(_ body: (Site) async throws -> Void) async throws {
        let nginx = try #require(ProxyTests.program("nginx"))
        try await TestDatabase.with { database in
            try await TemporaryFolder.with { folder in
                try await RunningServer.with(database.url) { server in
                    try makeAuthority("house", in: folder)
                    try makeAuthority("other", in: folder)
                    try makeCertificate("valid", by: "house", days: 1, in: folder)
                    try makeCertificate("expired", by: "house", days: -1, in: folder)
                    try makeCertificate("foreign", by: "other", days: 1, in: folder)
                    let site = Site(
                        server: server, folder: folder, valid: try FreePort.find(), expired: try FreePort.find(),
                        foreign: try FreePort.find())
                    let file = configuration(of: site)
                    try file.write(toFile: folder + "/nginx.conf", atomically: true, encoding: .utf8)
                    try await OtherProgram.with(nginx, ["-c", folder + "/nginx.conf", "-e", "stderr"]) {
                        try await eventually("the proxy") {
                            let url = "https://localhost:\(site.valid)"
                            let answer = try await site.shell("healthcheck", "--url", url, "--cacert", "house.pem")
                            return answer.code == 0 ? true : nil
                        }
                        try await body(site)
                    }
                }
            }
        }
    }

    private func configuration(of site: Site) -> String {
        let servers = [("valid", site.valid), ("expired", site.expired), ("foreign", site.foreign)].map { name, port in
            """
            server {
                listen 127.0.0.1:\(port) ssl;
                ssl_certificate \(site.folder)/\(name).pem; ssl_certificate_key \(site.folder)/\(name).key;
                location /webhooks/ { proxy_pass \(site.server.publicURL); }
                location / { proxy_pass \(site.server.privateURL); }
            }
            """
        }
        let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(site.folder)/\($0);" }.joined(separator: " ")
        return """
            daemon off; \(geteuid() == 0 ? "user root;" : "") pid \(site.folder)/pid; error_log stderr;
            events {}
            http { access_log off; \(places)
            \(servers.joined(separator: "\n"))
            }
            """
    }

    private func makeAuthority(_ name: String, in folder: String) throws {
        try openssl(
            ["req", "-x509", "-subj", "/CN=\(name)", "-days", "2", "-out", "\(name).pem"] + key(name), in: folder)
    }

    /// - Parameter days: negative for an expired one.
    private func makeCertificate(_ name: String, by authority: String, days: Int, in folder: String) throws {
        try "subjectAltName=DNS:localhost".write(toFile: folder + "/names", atomically: true, encoding: .utf8)
        try openssl(["req", "-subj", "/CN=localhost", "-out", "\(name).csr"] + key(name), in: folder)
        let signer = ["-CA", "\(authority).pem", "-CAkey", "\(authority).key", "-CAcreateserial"]
        try openssl(
            ["x509", "-req", "-in", "\(name).csr", "-days", "\(days)", "-extfile", "names", "-out", "\(name).pem"]
                + signer, in: folder)
    }

    private func key(_ name: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(name).key"]
    }

    private func openssl(_ arguments: [String], in folder: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: try #require(ProxyTests.program("openssl")))
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(command: arguments) }
    }

    @Test func `commands go to https, trusting the authority that --cacert or SSL_CERT_FILE names`() async throws {
        try await withSite { site in
            let url = "https://localhost:\(site.valid)"
            let list = try await site.shell("events", "list", "--url", url, "--cacert", "house.pem")
            #expect(list.code == 0, "\(list.errors)")
            #expect(list.output == "no events\n")
            let environment = ["SSL_CERT_FILE": site.folder + "/house.pem"]
            let other = try await site.shell("events", "list", "--url", url, environment: environment)
            #expect(other.code == 0, "\(other.errors)")
            // The option takes precedence over the environment.
            let wrong = ["SSL_CERT_FILE": site.folder + "/other.pem"]
            let both = try await site.shell("prices", "list", "--url", url, "--cacert", "house.pem", environment: wrong)
            #expect(both.code == 0, "\(both.errors)")
            let sent = try await site.shell(
                "trigger", "invoice.paid", "--to", url, "--url", url, "--cacert", "house.pem", "--wait")
            #expect(sent.code == 0, "\(sent.errors)")
            #expect(sent.output.hasSuffix(": processed\n"))
        }
    }

    @Test func `who cannot be trusted gets nothing, and the command says why and what to do`() async throws {
        try await withSite { site in
            let url = "https://localhost:\(site.valid)"
            let unknown = try await site.shell("events", "list", "--url", url)
            #expect(unknown.code == 1)
            #expect(
                unknown.errors
                    == "tollgate: \(url): its certificate is of no authority that this machine trusts: give that authority's PEM file with --cacert\n"
            )
            let foreign = try await site.shell(
                "events", "list", "--url", "https://localhost:\(site.foreign)", "--cacert", "house.pem")
            #expect(foreign.code == 1)
            #expect(foreign.errors.contains("of none of the authorities in house.pem"), "\(foreign.errors)")
            let expired = try await site.shell(
                "events", "list", "--url", "https://localhost:\(site.expired)", "--cacert", "house.pem")
            #expect(expired.code == 1)
            #expect(expired.errors.contains("its certificate expired at 20"), "\(expired.errors)")
            let name = try await site.shell(
                "events", "list", "--url", "https://127.0.0.1:\(site.valid)", "--cacert", "house.pem")
            #expect(name.code == 1)
            #expect(name.errors.contains("its certificate is for another name"), "\(name.errors)")
            let plain = "https://localhost:\(site.server.privateURL.split(separator: ":").last ?? "")"
            let none = try await site.shell("events", "list", "--url", plain, "--cacert", "house.pem")
            #expect(none.code == 1)
            #expect(none.errors.contains("is it an http:// address?"), "\(none.errors)")
            let tls = try await site.shell("events", "list", "--url", "http://localhost:\(site.valid)")
            #expect(tls.code == 1)
            #expect(tls.errors.contains("The plain HTTP request was sent to HTTPS port"), "\(tls.errors)")
            let health = try await site.shell("healthcheck", "--url", url)
            #expect(health.code == 1)
            #expect(health.errors.contains("--cacert"), "\(health.errors)")
        }
    }

    @Test func `a file of authorities that cannot be used is a wrong configuration`() async throws {
        try await TemporaryFolder.with { folder in
            let environment = ["TOLLGATE_ADMIN_TOKEN": RunningServer.adminToken]
            let list = ["events", "list", "--url", "https://localhost:1"]
            let absent = try await Program.run(list + ["--cacert", "ca.pem"], environment: environment, in: folder)
            #expect(absent.code == 78)
            #expect(absent.errors == "tollgate: --cacert: ca.pem cannot be read: no such file or directory\n")
            try "no certificate".write(toFile: folder + "/ca.pem", atomically: true, encoding: .utf8)
            let wrong = environment.merging(["SSL_CERT_FILE": "ca.pem"]) { $1 }
            let empty = try await Program.run(list, environment: wrong, in: folder)
            #expect(empty.code == 78)
            #expect(empty.errors.hasPrefix("tollgate: SSL_CERT_FILE: ca.pem holds no certificates as PEM"))
        }
    }
}
