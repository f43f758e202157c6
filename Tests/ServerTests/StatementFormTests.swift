// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hashing
import Notation
import TestSupport
import Testing

@testable import Server

/// A statement as CSV and as a page, also of what others have named to do harm.
@Suite struct StatementFormTests {
    private static let calls = [
        UsageCall("call_1", at: "2026-10-26T09:00:00Z", charge: "0.0005"),
        UsageCall("call_2", at: "2026-11-26T09:00:00Z", charge: "0.0718") {
            $0.pools = ["input": 10_000, "cache_read": 90_000, "output": 500, "web_search": 2, "unit:image": 3]
            $0.key = "key_1"
        },
        UsageCall("call_3", at: "2026-11-26T09:00:01Z") { $0.status = "failed" },
        UsageCall("call_4", at: "2026-11-26T09:00:02Z", charge: "0.25") {
            $0.pools = ["output": 1_000, "unit:audio": 1]
            $0.bill = "meter"
            $0.status = "aborted"
            $0.isBatch = true
        },
    ]

    private static func text(
        _ server: ServerFixture, _ type: String, _ month: String = "2026-11"
    ) async throws -> HTTPAnswer {
        let answer = try await server.inside(
            "GET", "/v1/customers/cus_1/statement?month=\(month)", token: ServerFixture.gatewayToken,
            headers: [("Accept", type)])
        #expect(answer.status == 200, "\(answer.text)")
        return answer
    }

    private static func with(_ calls: [UsageCall], _ body: (ServerFixture) async throws -> Void) async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await UsageCall.record(calls, on: server.source)
            try await body(server)
        }
    }

    // MARK: CSV

    @Test func `CSV has a line for what was carried over, each call, the total, and what is carried on`() async throws {
        try await Self.with(Self.calls) { server in
            let answer = try await Self.text(server, "text/csv")
            #expect(answer.headers["content-disposition"] == #"attachment; filename="statement-cus_1-2026-11.csv""#)
            let lines = answer.text.components(separatedBy: "\r\n")
            #expect(
                lines == [
                    "line,at,id,provider,model,key,status,bill,input,output,cache_write_5m,cache_write_1h,cache_read,"
                        + "web_search,units,charge,credits,credit_value,carried,words",
                    "opening,2026-11-01T00:00:00Z,,,,,,,,,,,,,,,,,0.0005,",
                    "call,2026-11-26T09:00:00Z,call_2,anthropic,claude-fable-5-1,key_1,ok,credits,10000,500,0,0,90000,2,"
                        + "unit:image=3,0.0718,72,0.001,,\"about 200 pages read, about 180 pages of that from the cache; "
                        + "about 1 page written; 2 web searches; 3 × image\"",
                    "call,2026-11-26T09:00:01Z,call_3,anthropic,claude-fable-5-1,,failed,credits,0,0,0,0,0,0,,0,0,0.001,,"
                        + "\"failed, and was free\"",
                    "call,2026-11-26T09:00:02Z,call_4,anthropic,claude-fable-5-1,,aborted,meter,0,1000,0,0,0,0,"
                        + "unit:audio=1,0.25,0,0.001,,\"broken off: what it had used is charged; about 2 pages written; "
                        + "1 × audio; in a batch\"",
                    "total,,,,,,,,10000,1500,0,0,90000,2,\"unit:audio=1; unit:image=3\",0.3218,72,,,"
                        + "\"about 200 pages read, about 180 pages of that from the cache; about 3 pages written; "
                        + "2 web searches; 1 × audio; 3 × image\"",
                    "closing,2026-12-01T00:00:00Z,,,,,,,,,,,,,,,,,0.0003,", "",
                ])
        }
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("＝1", "'＝1"),
        ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""), ("a=1", "a=1"),
        ("a,b", "\"a,b\""), ("a;b", "\"a;b\""), ("a\"b", "\"a\"\"b\""), ("a\r\n=1", "a��=1"), ("\t=1", "�=1"),
        ("\u{202E}fdp", "�fdp"), (" =1", "\" =1\""), ("", ""),
    ])
    func `no text from outside is calculated, or becomes another field`(_ text: String, _ field: String) {
        var row = CSVRow()
        row.add("a")
        row.add(text: text)
        row.add(1)
        var bytes: [UInt8] = []
        row.append(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "a,\(field),1\r\n")
    }

    @Test func `hostile names stay in their fields`() async throws {
        let call = UsageCall("-2", at: "2026-11-26T09:00:00Z") {
            $0.model = "=cmd|' /C calc'!A0"
            $0.provider = "@x\",\r\nclosing,,"
            $0.key = "+1"
        }
        try await Self.with([call]) { server in
            let lines = try await Self.text(server, "text/csv").text.components(separatedBy: "\r\n")
            #expect(lines.count == 6)
            #expect(
                lines.dropFirst(2).first?.hasPrefix(
                    "call,2026-11-26T09:00:00Z,'-2,\"'@x\"\",��closing,,\",\"'=cmd|' /C calc'!A0\",'+1,ok,") == true)
        }
    }

    /// Money of ours is a number, also below zero.
    @Test func `what is missing of later months is a number`() async throws {
        let calls = [
            UsageCall("a", at: "2026-11-26T00:00:00Z", charge: "0.0007"),
            UsageCall("b", at: "2026-10-26T00:00:00Z", charge: "0.0004"),
        ]
        try await Self.with(calls) { server in
            let text = try await Self.text(server, "text/csv").text
            #expect(text.contains(",-0.0006,\r\n"))
        }
    }

    // MARK: HTML

    @Test func `a page says in words what the numbers mean, and adds up`() async throws {
        try await Self.with(Self.calls) { server in
            let answer = try await Self.text(server, "text/html")
            for text in [
                "<title>November 2026: statement of cus_1</title>", "<h1>Statement of November 2026</h1>",
                "<dt>Calls</dt><dd>3</dd>",
                "about 200 pages read, about 180 pages of that from the cache; about 3 pages written; 2 web searches",
                "<dd>$0.3218</dd>", "<dd>$0.0005 from the months before, $0.0003 to the next one",
                "<td>claude-fable-5-1 <small>(anthropic)</small><br>failed, and was free</td>",
                "read 10000<br>written 500<br>read from the cache 90000<br>web searches 2<br>image 3<br>",
                "3 calls, of which 1 failed or was refused, and was free",
                "$0.0005 carried over + $0.0718 charged to credits =\n$0.072, which 72 credits were worth, + $0.0003",
                "<p>Besides: $0.25 by invoice, $0 not billed.</p>", "</body></html>",
            ] { #expect(answer.text.contains(text), "\(text)") }
        }
    }

    @Test func `a page runs nothing and loads nothing`() async throws {
        try await Self.with(Self.calls) { server in
            let answer = try await Self.text(server, "text/html")
            let style = try #require(answer.text.firstMatch(of: /<style>([^<]*)<\/style>/)).1
            let hash = SHA256Digest(of: Array(style.utf8).span).map { Data($0.array).base64EncodedString() }
            #expect(
                answer.headers["content-security-policy"]
                    == "default-src 'none'; style-src 'sha256-\(hash ?? "")'; base-uri 'none'; "
                    + "form-action 'none'; frame-ancestors 'none'")
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["referrer-policy"] == "no-referrer")
            for text in ["<script", "javascript:", "http://", "https://", " style=", "<img", "<link", "<a "] {
                #expect(!answer.text.lowercased().contains(text), "\(text)")
            }
        }
    }

    @Test func `hostile names are text on a page`() async throws {
        let call = UsageCall("call_1", at: "2026-11-26T09:00:00Z") {
            $0.model = "</td><script>alert('1')</script>"
            $0.provider = "\"><img src=x onerror=alert(1)>&amp;\u{202E}\u{1}"
        }
        try await Self.with([call]) { server in
            let text = try await Self.text(server, "text/html").text
            #expect(text.contains("&lt;/td&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"))
            #expect(text.contains("(&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&amp;amp;��)"))
            #expect(!text.contains("<script") && !text.contains("<img"))
        }
    }

    @Test func `an empty month is a page too`() async throws {
        try await Self.with(Self.calls) { server in
            let text = try await Self.text(server, "text/html", "2026-12").text
            #expect(text.contains("nothing was used") && text.contains("0 calls</th>"))
            let lines = try await Self.text(server, "text/csv", "2026-12").text.components(separatedBy: "\r\n")
            #expect(lines.map { String($0.prefix(7)) } == ["line,at", "opening", "total,,", "closing", ""])
        }
    }
}
