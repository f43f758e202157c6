// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Testing

@testable import tollgate

/// Every command that a page shows exists, with the options shown.
@Suite struct DocumentedCommandTests {
    struct Shown: Hashable, CustomStringConvertible {
        let page: String
        let words: [String]

        var description: String { "\(page): tollgate \(words.joined(separator: " "))" }
    }

    private static func pages() throws -> [(name: String, text: String)] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let docs = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "docs").path)
            .filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }
        return try (docs + ["README.md", "SECURITY.md", "CHANGELOG.md"]).sorted().map { name in
            (name, try String(contentsOf: root.appending(path: name), encoding: .utf8))
        }
    }

    /// The calls of the program in code spans and code blocks.
    private static func commands(of page: String, _ text: String) -> [Shown] {
        var isBlock = false
        var code: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isBlock.toggle() } else if isBlock { code.append(line) }
        }
        let prose = text.replacing(/```[\s\S]*?```/, with: "")
        code += prose.matches(of: /`([^`]+)`/).map(\.1)
        return code.compactMap { line in
            // Settings may come before it, or a program that runs it, such as `docker compose exec tollgate`.
            guard let call = line.firstMatch(of: /^(?:[A-Z_]+=\S+ |docker .* exec tollgate )?tollgate (.+)$/) else {
                return nil
            }
            let words = call.1.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
            return Shown(page: page, words: words)
        }
    }

    private static func command(_ words: [String]) -> (command: any ParsableCommand.Type, depth: Int)? {
        var command: any ParsableCommand.Type = Tollgate.self
        var depth = 0
        for word in words where !command.configuration.subcommands.isEmpty {
            if word.hasPrefix("-") { return (command, depth) }
            guard let next = command.configuration.subcommands.first(where: { $0._commandName == word }) else {
                return nil
            }
            command = next
            depth += 1
        }
        return (command, depth)
    }

    @Test func `every documented command has the options that are shown with it`() throws {
        let shown = Set(try Self.pages().flatMap { Self.commands(of: $0.name, $0.text) })
        #expect(shown.count > 30)
        for call in shown {
            guard let (command, depth) = Self.command(call.words) else {
                Issue.record("no such command: \(call)")
                continue
            }
            let help = Tollgate.helpMessage(for: command, includeHidden: true)
            let ofAll = ["--help", "--version", "--generate-completion-script"]
            for word in call.words.dropFirst(depth) where word.hasPrefix("--") && !ofAll.contains(word) {
                let option = word.prefix { $0 != "=" }
                let names = help.matches(of: /--[a-z-]+/).map(\.0)
                #expect(names.contains(option), "no such option \(option): \(call)")
            }
        }
    }
}
