// SPDX-License-Identifier: Apache-2.0

import Testing

/// Every file names its licence, so that it can be copied alone.
@Suite struct LicenseTests {
    private static let line = "SPDX-License-Identifier: Apache-2.0"

    /// Only a line that a tool needs first may come before it: `#!`, the manifest's version, a migration's `--!`.
    static func names(_ text: String) -> Bool {
        let lines = text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
        guard let first = lines.first else { return false }
        let comesFirst =
            ["#!", "// swift-tools-version:", "--!"].contains { first.hasPrefix($0) }
        let named = comesFirst ? lines.dropFirst().first : first
        return ["// ", "-- ", "# "].contains { named == $0 + line }
    }

    @Test func `every file of code names its licence in its first line`() {
        let code = SourceTree.files.filter { file in
            [".swift", ".sql", ".c", ".h", ".modulemap", ".yaml", ".service", "Dockerfile"]
                .contains { file.path.hasSuffix($0) }
        }
        #expect(code.count > 500)
        for file in code + SourceTree.scripts {
            #expect(Self.names(file.text), "\(file.path) begins without \(Self.line)")
        }
    }

    @Test func `only a line that must come first may come before it`() {
        #expect(Self.names("// \(Self.line)\n\nimport Testing\n"))
        #expect(Self.names("#!/usr/bin/env bash\n# \(Self.line)\n"))
        #expect(Self.names("--! breaking-change\n-- \(Self.line)\n"))
        #expect(!Self.names("import Testing\n// \(Self.line)\n"))
        #expect(!Self.names("// Apache-2.0\n"))
        #expect(!Self.names(""))
    }
}
