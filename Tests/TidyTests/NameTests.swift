// SPDX-License-Identifier: Apache-2.0

import Testing

/// Names that say what a thing is.
@Suite struct NameTests {
    /// Words that fit any type, and so say nothing.
    private static let empty = [
        "Manager", "Helper", "Util", "Utils", "Utilities", "Misc", "Common", "Base", "Impl",
    ]

    /// With the reason.
    private static let excepted: [String: String] = [
        "ServiceManager": "systemd's own word for what starts and stops a service"
    ]

    /// `AccessCache` consists of the words Access and Cache.
    private static func words(of name: String) -> [String] {
        name.matches(of: /[A-Z][a-z0-9]*|[A-Z]+(?![a-z])/).map { String($0.0) }
    }

    @Test func `no type or file has a name of empty words`() {
        for file in SourceTree.swift {
            for name in file.declarations.typeNames + [file.subject] {
                if Self.excepted.keys.contains(where: { name == $0 || name == "\($0)Tests" }) { continue }
                let bad = Self.words(of: name).filter(Self.empty.contains)
                #expect(bad.isEmpty, "\(file.path): \(name) says nothing by \(bad.joined(separator: ", "))")
            }
        }
    }

    @Test func `a file is named after its one type that others may use`() {
        for file in SourceTree.sources where OneTypeExceptions.reasons[file.path] == nil {
            let types = file.declarations.types.filter { !$0.isPrivate }.map(\.name)
            if file.name.contains("+") {
                #expect(types.isEmpty, "\(file.path) extends \(file.subject) and declares \(types) as well")
            } else if !types.isEmpty {
                #expect(types == [file.subject], "\(file.path)")
            }
        }
        for path in OneTypeExceptions.reasons.keys {
            let file = SourceTree.sources.first { $0.path == path }
            let types =
                file.map { $0.declarations.types.filter { !$0.isPrivate }.map(\.name) }
                ?? []
            #expect(
                types.count > 1 || types != [file?.subject ?? ""], "\(path) is in order now: strike it off")
        }
    }

    @Test func `no name that was given up comes back`() {
        for file in SourceTree.swift where !file.path.hasPrefix("Tests/TidyTests/") {
            for name in file.swift.names.union([file.subject]) {
                if let better = RetiredNames.better[name] {
                    Issue.record("\(file.path) says \(name), which is called \(better) now")
                }
            }
        }
    }

    /// One of two with the same name would take the place of the other in the OpenAPI document.
    @Test func `no two schemas of the API have one name`() {
        var places: [String: [String]] = [:]
        for file in SourceTree.sources where file.path.hasPrefix("Sources/API/Resources/") {
            for line in file.lines {
                guard let name = line.firstMatch(of: /ObjectForm\("(\w+)"/)?.1 else { continue }
                places[String(name), default: []].append(file.path)
            }
        }
        #expect(places.count > 50)
        for (name, files) in places where files.count > 1 { Issue.record("\(name): \(files)") }
    }
}
