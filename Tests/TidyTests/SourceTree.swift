// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The checkout that these tests were built from, read as text.
enum SourceTree {
    struct File: Sendable, Hashable {
        /// From the root of the checkout, such as `Sources/Billing/Invoice.swift`.
        let path: String
        let text: String

        var name: String { path.split(separator: "/").last.map(String.init) ?? path }

        /// `Invoice` of `Sources/Billing/Invoice+Debt.swift`: what the file is about.
        var subject: String { String(name.prefix { $0 != "." && $0 != "+" }) }

        /// The folder of its target, such as `Sources/Billing`; `sql` for the schema.
        var target: String {
            let parts = path.split(separator: "/")
            return parts.first == "sql" ? "sql" : parts.prefix(2).joined(separator: "/")
        }

        /// Empty if it is not a Swift file.
        var swift: SwiftText { SourceTree.texts[path] ?? SwiftText("") }
        var declarations: Declarations { SourceTree.declarations[path] ?? Declarations(SwiftText("")) }

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardized

    /// Files of the checkout, in order of their paths, without built, installed or hidden ones.
    static let files: [File] = {
        let kept = ["Sources", "Tests", "sql", "scripts", "docs", "docker", ".ci"]
        let folders = kept.flatMap { folder in
            ((try? FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path))
                ?? [])
                .map { "\(folder)/\($0)" }
        }
        let top = ((try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? [])
            .filter { $0.hasSuffix(".md") || $0 == "Package.swift" }
        return (folders + top).sorted().compactMap { path in
            guard !path.hasPrefix("docker/secrets"),
                let data = FileManager.default.contents(atPath: root.appending(path: path).path),
                let text = String(data: data, encoding: .utf8)
            else { return nil }
            return File(path: path, text: text)
        }
    }()

    static let swift = files.filter { $0.path.hasSuffix(".swift") && $0.path != "Package.swift" }
    /// Parsed once, for all tests.
    static let texts = Dictionary(uniqueKeysWithValues: swift.map { ($0.path, SwiftText($0.text)) })
    static let declarations = texts.mapValues(Declarations.init)

    static let sources = swift.filter { $0.path.hasPrefix("Sources/") || $0.path.hasPrefix("sql/") }
    static let pages = files.filter { $0.path.hasSuffix(".md") }
    static let sql = files.filter { $0.path.hasSuffix(".sql") }

    /// Shell scripts, which may have no suffix.
    static let scripts = files.filter {
        $0.text.hasPrefix("#!") && $0.text.prefix { $0 != "\n" }.contains("bash")
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }
}
