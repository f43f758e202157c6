// SPDX-License-Identifier: Apache-2.0

import Testing

/// Names of metrics are spelled once, and documented.
@Suite struct MetricTests {
    /// Names that begin like a metric's but are something else, with the reason.
    private static let others: [String: String] = [
        "tollgate_reader": "a role of the database",
        "tollgate_access": "a channel of the database's notifications",
        "tollgate_keys": "a channel of the database's notifications",
        "tollgate_demo": "a part of a customer's id",
    ]

    /// The files that contain each name in a literal, once per occurrence.
    private static let spelled: [String: [String]] = {
        var spelled: [String: [String]] = [:]
        for file in SourceTree.sources {
            for literal in file.swift.literals {
                let names = literal.matches(of: /\b(?:tollgate|process)_[a-z_]+[a-z]\b/).map {
                    String($0.0)
                }
                for name in names where others[name] == nil { spelled[name, default: []].append(file.path) }
            }
        }
        return spelled
    }()

    @Test func `a metric's name is spelled in one place`() {
        #expect(Self.spelled.count > 10)
        for (name, files) in Self.spelled {
            #expect(files.count == 1, "\(name) is spelled in \(files)")
        }
    }

    @Test func `the page on metrics lists those that there are`() throws {
        let page = try #require(SourceTree.pages.first { $0.path == "docs/api.md" })
        let table = page.text.split(separator: "## Metrics").last ?? ""
        let listed = Set(table.matches(of: /`((?:tollgate|process)_[a-z_]+[a-z])/).map { String($0.1) })
        #expect(Set(Self.spelled.keys) == listed)
    }
}
