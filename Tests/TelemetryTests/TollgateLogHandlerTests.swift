// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Logging
import Synchronization
import Testing

@testable import Telemetry

@Suite struct TollgateLogHandlerTests {
    /// The line that one log event is written as.
    private func line(
        _ format: TollgateLogHandler.Format,
        _ message: Logger.Message = "hello",
        _ metadata: Logger.Metadata = [:],
        error: (any Error)? = nil,
        level: Logger.Level = .info
    ) -> String {
        let lines = Lines()
        lines.logger(format).log(level: level, message, error: error, metadata: metadata)
        let written = lines.all
        #expect(written.count == 1)
        return written.first ?? ""
    }

    private func object(_ line: String) throws -> Line {
        try JSONDecoder().decode(Line.self, from: Data(line.utf8))
    }

    @Test("text is time, level, message and the fields by name")
    func text() {
        let fields: Logger.Metadata = ["b": "two words", "a": "1", "c": ["x", "y"], "d": ["k": "v"], "e": ""]
        #expect(
            line(.text, "event stored", fields, level: .warning)
                == "2026-11-26T09:00:00.125Z warning  event stored "
                + #"a=1 b="two words" c=["x","y"] d={"k":"v"} e="""# + "\n"
        )
    }

    @Test("JSON is one object with what the caller names kept apart")
    func json() {
        let fields: Logger.Metadata = [
            "time": "never", "level": "fake", "count": .stringConvertible(3), "ok": .stringConvertible(true),
            "list": ["x", ["k": "v"]], "rate": .stringConvertible(0.5),
        ]
        #expect(
            line(.json, "event \"stored\"", fields, level: .error) == #"{"time":"2026-11-26T09:00:00.125Z","#
                + #""level":"error","logger":"test","message":"event \"stored\"","fields":{"count":3,"level":"fake","#
                + #""list":["x",{"k":"v"}],"ok":true,"rate":"0.5","time":"never"}}"# + "\n"
        )
        #expect(!line(.json).contains("fields"))
    }

    static let hostile = [
        "a\nb", "a\r\nb", "a\rb", "a\u{2028}b", "a\u{2029}b", "a\u{85}b", "a\u{B}b\u{C}", "a\0b", "\u{1B}[2J",
        "\u{9B}2J", "a\u{7F}\u{8}", "\u{202E}gnp.exe", "\u{2066}x\u{2069}", "\"", "\\", "\\\"", "\\n", "a=b", " ", "",
        "\u{FEFF}",
        "x\n2026-11-26T09:00:00.000Z info     forged", "\"}\n{\"level\":\"info\"}", "é🔑", "\u{10FFFF}", "a\"b\\c\td",
    ]

    @Test("no value, key or message ends a line or reaches the terminal's controls", arguments: hostile)
    func forgery(_ value: String) throws {
        for format in TollgateLogHandler.Format.allCases {
            let lines = [
                line(format, "\(value)"), line(format, "m", ["k": "\(value)"]), line(format, "m", [value: "v"]),
                line(format, "m", ["k": [.string(value)]]), line(format, "m", ["k": [value: .string(value)]]),
                line(format, "m", error: Failure(text: value)),
            ]
            for line in lines {
                #expect(line.hasSuffix("\n"))
                for scalar in line.unicodeScalars.dropLast() {
                    #expect(!(0...0x1F).contains(scalar.value) && !(0x7F...0x9F).contains(scalar.value))
                    #expect(!(0x2028...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value))
                }
            }
        }
        // Decoding the line gives back what was logged.
        let decoded = try object(line(.json, "\(value)", ["k": "\(value)"]))
        #expect(decoded.message == value)
        #expect(decoded.fields == ["k": value])
    }

    @Test(
        "a text value that could be mistaken for more is quoted",
        arguments: ["a b", "a=b", "", "a\"", "a\\", "\u{A0}"]
    )
    func quoting(_ value: String) {
        #expect(line(.text, "m", ["k": "\(value)"]).contains(" k=\""))
    }

    @Test("long messages, values and keys are cut, and long or deep lists too")
    func bounds() throws {
        let long = String(repeating: "x", count: 1_000_000)
        for format in TollgateLogHandler.Format.allCases {
            #expect(line(format, "\(long)", ["k": "\(long)", long: "v"]).utf8.count < 8000)
            #expect(line(format, "\(long)").contains("x… (995904 more)"))
        }
        let list = Logger.MetadataValue.array(Array(repeating: "x", count: 1000))
        #expect(line(.json, "m", ["k": list]).contains(#""x","… 936 more"]"#))
        let members = Dictionary(uniqueKeysWithValues: (0..<1000).map { ("\($0)", Logger.MetadataValue.string("v")) })
        #expect(line(.json, "m", ["k": .dictionary(members)]).contains(#""…":936}"#))
        let deep = (0..<100).reduce(Logger.MetadataValue.string("x")) { value, _ in [value] }
        #expect(line(.json, "m", ["k": deep]).contains(#""k":[[["…"]]]"#))
    }

    @Test(
        "a value under a telling name is redacted, in whatever spelling and depth",
        arguments: [
            "secret", "webhook_secret", "STRIPE_WEBHOOK_SECRET", "token", "gatewayToken", "authorization",
            "Authorization", "signature", "stripe-signature", "payload", "dsn", "DATABASE_URL", "databaseUrl",
            "password", "api_key",
            "apiKey", "cookie", "credentials",
        ]
    )
    func tellingNames(_ key: String) {
        for format in TollgateLogHandler.Format.allCases {
            let values: [Logger.MetadataValue] = ["hidden", ["hidden"], ["k": "hidden"], .stringConvertible(7_777_777)]
            for value in values {
                let nested: [Logger.Metadata] = [[key: value], ["k": [key: value]], ["k": [["k": [key: value]]]]]
                for metadata in nested {
                    let line = line(format, "m", metadata)
                    #expect(!line.contains("hidden") && !line.contains("7777777"))
                    #expect(line.contains("[redacted]"))
                }
            }
        }
    }

    @Test("other names show their values", arguments: ["customer", "event_id", "type", "key", "secondary", "id"])
    func otherNames(_ key: String) {
        #expect(line(.text, "m", [key: "shown"]).contains("\(key)=shown"))
    }

    @Test(
        "what looks like a secret is masked in messages, values and errors",
        arguments: [
            ("bad whsec_hidden, sorry", "bad whsec_[redacted], sorry"),
            ("key sk_live_hidden", "key sk_live_[redacted]"),
            ("rk_test_hidden", "rk_test_[redacted]"),
            ("Authorization: Bearer hidden.hidden", "Authorization: Bearer [redacted]"),
            ("t=1,v1=hidden,v1=hidden", "t=1,v1=[redacted],v1=[redacted]"),
            ("postgres://me:hidden@db:5432/x", "postgres://me:[redacted]@db:5432/x"),
            ("at postgresql://me:hid@hidden@db/x now", "at postgresql://me:[redacted]@db/x now"),
            ("host=db password=hidden user=me", "host=db password=[redacted] user=me"),
            ("PASSWORD='hidden hidden' user=me", "PASSWORD=[redacted] user=me"),
            ("password: hidden", "password:[redacted]"),
            ("password='hidden", "password=[redacted]"),
        ]
    )
    func secrets(text: String, masked: String) throws {
        for value in [.string(text), .stringConvertible(Failure(text: text))] as [Logger.MetadataValue] {
            let decoded = try object(line(.json, "\(text)", ["k": value]))
            #expect(decoded.message == masked)
            #expect(decoded.fields == ["k": masked])
        }
        for format in TollgateLogHandler.Format.allCases {
            let line = line(format, "m", [text: "v", "l": [.string(text)]], error: Failure(text: text))
            #expect(!line.contains("hidden"))
        }
    }

    @Test(
        "what only resembles a secret is left alone",
        arguments: [
            "password authentication failed for user \"me\"", "GET http://localhost:8080/healthz", "whsec_", "v1",
            "bearer",
            "at 09:00:00", "postgres://me@db:5432/x", "a://b", "://", "evt_1", "service",
            "übersk",
        ]
    )
    func harmless(_ text: String) throws {
        #expect(try object(line(.json, "\(text)")).message == text)
    }

    @Test("the event's fields win over the provider's, those over the logger's, and an error adds its own")
    func precedence() throws {
        let lines = Lines()
        var logger = lines.logger(.json, provider: Logger.MetadataProvider { ["b": "provider", "c": "provider"] })
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "b"] = "logger"
        logger.log(level: .info, "m", error: Failure(text: "broken"), metadata: ["c": "event"])
        #expect(
            try object(lines.all.joined()).fields == [
                "a": "logger", "b": "provider", "c": "event", "error": "broken", "error.type": "Failure",
            ]
        )
    }

    @Test("level and fields belong to one logger, not to its copies")
    func valueSemantics() {
        let lines = Lines()
        let first = lines.logger(.text)
        var second = first
        second.logLevel = .debug
        second[metadataKey: "k"] = "v"
        first.debug("unheard")
        second.debug("heard")
        first.info("plain")
        #expect(lines.all.map { $0.contains("k=v") } == [true, false])
        #expect(lines.all.allSatisfy { !$0.contains("unheard") })
    }

    @Test("lines of parallel tasks stay whole")
    func parallel() async throws {
        let lines = Lines()
        let logger = lines.logger(.json)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<500 { group.addTask { logger.info("m", metadata: ["n": "\(number)"]) } }
        }
        let numbers = try lines.all.compactMap { try object($0).fields?["n"].flatMap(Int.init) }
        #expect(numbers.sorted() == Array(0..<500))
    }
}

/// Collects lines instead of standard error.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func logger(_ format: TollgateLogHandler.Format, provider: Logger.MetadataProvider? = nil) -> Logger {
        Logger(label: "test") { label in
            TollgateLogHandler(
                label: label,
                format: format,
                metadataProvider: provider,
                sink: { line in self.lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } },
                now: { Date(timeIntervalSince1970: 1_795_683_600.125) }
            )
        }
    }
}

/// A line of the JSON format whose fields are strings.
private struct Line: Decodable {
    let time: String
    let level: String
    let logger: String
    let message: String
    let fields: [String: String]?
}

private struct Failure: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}
