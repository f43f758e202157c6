// SPDX-License-Identifier: Apache-2.0

import Testing

/// Files, functions and lines are small enough to read.
@Suite struct SizeTests {
    private static let longestFile = 400
    private static let longestFunction = 70
    private static let longestLine = 140

    /// By path, with the reason.
    private static let longFiles: [String: String] = [
        "Sources/Spool/SpoolFolder.swift": "each act on one folder, beside the table of its files",
        "Tests/BillingTests/PayerTests.swift": "one table of cases",
        "Tests/ServerTests/AdminCustomerTests.swift": "all that operators ask of one resource",
    ]

    /// By path and name, with the reason.
    private static let longFunctions: [String: String] = [:]

    @Test func `no file is too long, but for those that are named here`() {
        for file in SourceTree.swift + SourceTree.sql {
            let count = file.lines.count - 1
            if Self.longFiles[file.path] == nil {
                #expect(count <= Self.longestFile, "\(file.path) has \(count) lines")
            } else {
                #expect(count > Self.longestFile, "\(file.path) is short now: strike it off")
            }
        }
        for path in Self.longFiles.keys {
            #expect(SourceTree.exists(path), "\(path) is gone: strike it off")
        }
    }

    @Test func `no function is too long, but for those that are named here`() {
        var long: Set<String> = []
        for file in SourceTree.swift {
            for function in file.declarations.functions
            where function.length > Self.longestFunction {
                let name = "\(file.path) \(function.name)"
                long.insert(name)
                let isKnown = Self.longFunctions[name] != nil
                #expect(
                    isKnown, "\(file.path):\(function.line) \(function.name) has \(function.length) lines")
            }
        }
        let stale = Set(Self.longFunctions.keys).subtracting(long)
        #expect(stale.isEmpty, "short now, or gone: strike off \(stale)")
    }

    /// swift-format checks Swift's lines.
    @Test func `no line of SQL or of a script is too long`() {
        for file in SourceTree.sql + SourceTree.scripts {
            for (index, line) in file.lines.enumerated() where line.count > Self.longestLine {
                Issue.record("\(file.path):\(index + 1) has \(line.count) characters")
            }
        }
    }
}
