// SPDX-License-Identifier: Apache-2.0

import Testing

/// There is no unused code or file.
@Suite struct DeadCodeTests {
    /// By name, with the reason.
    private static let unused: [String: String] = [:]

    @Test func `every source file is in a target`() throws {
        let manifest = try #require(SourceTree.files.first { $0.path == "Package.swift" })
        let pattern = /(?:[tT]arget|systemLibrary)\(\s*name: "(\w+)"/
        let targets = Set(manifest.text.matches(of: pattern).map { String($0.1) })
        #expect(targets.count > 10)
        let compiled = SourceTree.files.filter { $0.path.hasPrefix("Sources/") || $0.path.hasPrefix("Tests/") }
        for file in compiled + SourceTree.swift.filter({ $0.target == "sql" }) {
            let name =
                file.target == "sql"
                ? "Schema" : file.target.split(separator: "/").last.map(String.init) ?? ""
            #expect(targets.contains(name), "\(file.path) is in no target of Package.swift")
            let isSource = file.path.split(separator: "/").count > (file.target == "sql" ? 1 : 2)
            #expect(isSource, "\(file.path) lies beside the targets")
        }
        for target in targets where target != "Schema" {
            let folders = ["Sources/\(target)", "Tests/\(target)"].filter(SourceTree.exists)
            #expect(folders.count == 1, "the target \(target) has no folder of its own")
        }
    }

    /// Which files contain each name.
    private static func users(among files: [SourceTree.File]) -> [String: Set<String>] {
        var users: [String: Set<String>] = [:]
        for file in files {
            for name in file.swift.names { users[name, default: []].insert(file.path) }
        }
        return users
    }

    @Test func `what a source file is named after is used by another source file`() {
        let users = Self.users(among: SourceTree.sources)
        var dead: Set<String> = []
        for file in SourceTree.sources {
            for type in file.declarations.types where type.name == file.subject && !type.isEntry {
                if users[type.name]?.subtracting([file.path]).isEmpty ?? true {
                    dead.insert(type.name)
                    #expect(
                        Self.unused[type.name] != nil,
                        "\(file.path): nothing uses \(type.name) but tests at most")
                }
            }
        }
        let stale = Set(Self.unused.keys).subtracting(dead)
        #expect(stale.isEmpty, "used now, or gone: strike off \(stale)")
    }

    @Test func `every fixture of the tests is used by another file of theirs`() {
        let tests = SourceTree.swift.filter { $0.path.hasPrefix("Tests/") }
        let users = Self.users(among: tests)
        for file in tests {
            let types = file.declarations.types.filter { !$0.isPrivate }
            guard !types.isEmpty, !types.contains(where: \.isEntry) else { continue }
            let isUsed = types.contains { users[$0.name]?.subtracting([file.path]).isEmpty == false }
            #expect(isUsed, "\(file.path) is used by no test")
        }
    }

    @Test func `every script is named by another file`() {
        for script in SourceTree.files
        where script.path.hasPrefix("scripts/") || script.path.hasPrefix("docker/") {
            let isNamed = SourceTree.files.contains {
                $0.path != script.path && $0.text.contains(script.path)
            }
            // Lists of packages are named by what they are for: `scripts/install build`.
            let isList = script.path.hasPrefix("scripts/packages/")
            #expect(isNamed || isList, "\(script.path) is named nowhere")
        }
    }
}
