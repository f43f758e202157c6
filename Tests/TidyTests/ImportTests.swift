// SPDX-License-Identifier: Apache-2.0

import Testing

/// Imports go downwards only.
@Suite struct ImportTests {
    private static func module(_ file: SourceTree.File) -> String {
        file.target == "sql" ? "Schema" : String(file.target.dropFirst("Sources/".count))
    }

    /// Which of our modules each module imports, and the first file that does.
    private static let imports: [String: [String: String]] = {
        let ours = Set(SourceTree.sources.map(module)).union(["CLibPQ", "COpenSSL"])
        var imports: [String: [String: String]] = [:]
        for file in SourceTree.sources {
            for name in file.declarations.imports where ours.contains(name) {
                imports[module(file), default: [:]].merge([name: file.path]) { first, _ in first }
            }
        }
        return imports
    }()

    @Test func `a module imports only what the table allows it`() {
        #expect(Self.imports.count > 5)
        for (module, imported) in Self.imports {
            guard let allowed = ImportTable.allowed[module] else {
                Issue.record("\(module) is not in ImportTable.allowed: say there what it may import")
                continue
            }
            for (name, file) in imported where !allowed.contains(name) {
                Issue.record("\(file) imports \(name), which ImportTable does not allow \(module)")
            }
        }
    }

    /// Otherwise the build succeeds only if the module was built for another target before. `.ci/run` checks this with
    /// the compiler, but takes as long as a build.
    @Test func `a target declares each of our modules that it imports`() throws {
        let manifest = try #require(SourceTree.files.first { $0.path == "Package.swift" })
        var declared: [String: Set<Substring>] = [:]
        for target in manifest.text.split(separator: /[tT]arget\(/).dropFirst() {
            let words = target.matches(of: /"(\w+)"/).map(\.1)
            if let name = words.first { declared[String(name), default: []].formUnion(words.dropFirst()) }
        }
        let ours = Set(SourceTree.sources.map(Self.module))
        for file in SourceTree.swift where file.target != "sql" {
            let target = file.target.split(separator: "/").last.map(String.init) ?? ""
            for name in file.declarations.imports where ours.contains(name) {
                let isDeclared = declared[target]?.contains(name[...]) == true
                #expect(isDeclared, "\(file.path) imports \(name), which \(target) does not declare in Package.swift")
            }
        }
    }

    @Test func `the table allows only what some file imports`() {
        for (module, allowed) in ImportTable.allowed {
            let idle = allowed.subtracting(Self.imports[module, default: [:]].keys)
            #expect(idle.isEmpty, "no file of \(module) imports \(idle.sorted()): strike it off ImportTable")
        }
    }

    @Test func `no chain of imports that the table allows leads back to where it began`() {
        func reaches(_ start: String, _ goal: String, _ seen: inout Set<String>) -> Bool {
            for next in ImportTable.allowed[start] ?? [] where seen.insert(next).inserted {
                if next == goal || reaches(next, goal, &seen) { return true }
            }
            return false
        }
        for module in ImportTable.allowed.keys {
            var seen: Set<String> = []
            #expect(!reaches(module, module, &seen), "\(module) may import itself")
        }
    }
}
