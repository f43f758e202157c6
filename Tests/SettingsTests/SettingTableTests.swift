// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Settings

/// The table of settings, and its documentation.
@Suite struct SettingTableTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private struct Row {
        let file: String
        let name: String
        let standard: String
        let meaning: String
    }

    /// The rows of the tables headed `| variable | default | meaning |`, in the README or below `docs/`.
    private static func documentedRows() throws -> [Row] {
        let folder = root.appending(path: "docs")
        // The folder may be missing.
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
        let pages = names.filter { $0.hasSuffix(".md") }.map { folder.appending(path: $0) }
        let files = [root.appending(path: "README.md")] + pages
        var rows: [Row] = []
        for file in files {
            var isInTable = false
            for line in try String(contentsOf: file, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            {
                if line.hasPrefix("| variable | default | meaning") {
                    isInTable = true
                } else if !line.hasPrefix("|") {
                    isInTable = false
                } else if isInTable, !line.hasPrefix("|---") {
                    let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
                    // A row may document several similar variables.
                    for name in cells[0].split(separator: ",") {
                        rows.append(
                            Row(
                                file: file.lastPathComponent, name: name.trimmingCharacters(in: ["`", " "]),
                                standard: cells[1], meaning: cells.dropFirst(2).joined(separator: "|")))
                    }
                }
            }
        }
        return rows
    }

    @Test func `the documentation lists every setting once, with its default and its meaning, and nothing else`() throws
    {
        let rows = try Self.documentedRows()
        #expect(rows.map(\.name).sorted() == SettingTable.all.map(\.name).sorted())
        for setting in SettingTable.all {
            for row in rows where row.name == setting.name {
                #expect(row.standard.hasPrefix(setting.documentedDefault), "\(row.file): \(row.name)")
                #expect(row.meaning.hasPrefix(setting.meaning), "\(row.file): \(row.name)")
            }
        }
    }

    @Test func `the files that set variables set none that is not read`() throws {
        let known = Set(SettingTable.all.flatMap(\.names))
        for path in ["docker/compose.yaml", "scripts/tollgate.service"] {
            let text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
            let names = text.matches(of: /\b(?:TOLLGATE_[A-Z_]+|STRIPE_[A-Z_]+|DATABASE_URL[A-Z_]*)\b/).map {
                String($0.output)
            }
            #expect(!names.isEmpty)
            for name in names { #expect(known.contains(name), "\(path): \(name)") }
        }
    }

    @Test func `every default is one that its own form takes, for every command`() throws {
        for profile in Profile.allCases {
            for logsToTerminal in [false, true] {
                let circumstances = SettingCircumstances(profile: profile, logsToTerminal: logsToTerminal)
                for setting in SettingTable.all {
                    #expect(
                        setting.reading(of: EnvironmentVariables([:]), circumstances).fault == nil, "\(setting.name)")
                }
            }
        }
    }

    @Test func `names are told apart, and what is needed says how to get it`() {
        let names = SettingTable.all.flatMap(\.names)
        #expect(Set(names).count == names.count)
        #expect(SettingTable.all.first?.name == "DATABASE_URL" && SettingTable.all.last?.name == "TOLLGATE_LOG_FORMAT")
        for setting in SettingTable.all {
            #expect(setting.neededBy.isEmpty == (setting.example == nil), "\(setting.name)")
            #expect(!setting.meaning.contains("\n"), "\(setting.name)")
        }
    }

    @Test func `what a command cannot do without is read off the table`() {
        #expect(
            Profile.serve.neededNames
                == "DATABASE_URL, STRIPE_WEBHOOK_SECRET, TOLLGATE_GATEWAY_TOKEN and TOLLGATE_ADMIN_TOKEN")
        #expect(Profile.serveWorkerOnly.neededNames == "DATABASE_URL")
        #expect(Profile.listSpool.neededNames == "nothing")
    }
}
