// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The links and names in the documentation are valid.
@Suite struct PageTests {
    @Test func `every link between pages leads to a file and an anchor that are there`() {
        let pages = SourceTree.pages
        let anchors = Dictionary(uniqueKeysWithValues: pages.map { ($0.path, Page($0.text).anchors) })
        #expect(pages.count > 10)
        for page in pages {
            let folder = page.path.split(separator: "/").dropLast().joined(separator: "/")
            for link in Page(page.text).links where !link.target.contains("://") {
                let parts = link.target.split(
                    separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let path = parts[0].isEmpty ? page.path : Self.resolve(String(parts[0]), in: folder)
                #expect(SourceTree.exists(path), "\(page.path):\(link.line) links to \(link.target)")
                guard parts.count > 1 else { continue }
                let isThere = anchors[path]?.contains(String(parts[1])) ?? false
                #expect(isThere, "\(page.path):\(link.line) links to the anchor \(link.target)")
            }
        }
    }

    private static func resolve(_ path: String, in folder: String) -> String {
        var parts = folder.split(separator: "/")
        for part in path.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }

    @Test func `anchors are made as GitHub makes them`() {
        let page = Page(
            """
            # HTTP API
            ## To add …
            ## `serve` & "more": 2 a.m.
            ## To add …
            ```sh
            # no heading
            [no](link)
            ```
            [one](a.md#b), `[two](c)` and [three](https://x.invalid)
            """)
        #expect(page.anchors == ["http-api", "to-add-", "serve--more-2-am", "to-add--1"])
        #expect(
            page.links == [.init(line: 9, target: "a.md#b"), .init(line: 9, target: "https://x.invalid")])
    }

    @Test func `every page is reached from the README`() {
        var reached: Set<String> = ["README.md"]
        var next = ["README.md"]
        while let path = next.popLast() {
            guard let page = SourceTree.pages.first(where: { $0.path == path }) else { continue }
            let folder = path.split(separator: "/").dropLast().joined(separator: "/")
            for link in Page(page.text).links
            where !link.target.contains("://") && !link.target.hasPrefix("#") {
                let target = Self.resolve(String(link.target.prefix { $0 != "#" }), in: folder)
                if reached.insert(target).inserted { next.append(target) }
            }
        }
        for page in SourceTree.pages {
            #expect(reached.contains(page.path), "nothing links to \(page.path)")
        }
    }

    @Test func `the README is short, and every page under docs says for whom it is`() throws {
        let readme = try #require(SourceTree.pages.first { $0.path == "README.md" })
        #expect(readme.lines.count <= 150)
        for page in SourceTree.pages where page.path.hasPrefix("docs/") {
            #expect(page.lines.count > 3 && page.lines[2].hasPrefix("For whoever "), "\(page.path)")
        }
    }

    @Test func `pages and scripts that are named anywhere exist`() {
        for file in SourceTree.files where !file.path.hasPrefix("Tests/TidyTests/") && file.path != "CHANGELOG.md" {
            // Most files name none, and a search by a pattern takes long.
            guard file.text.contains("docs/") || file.text.contains("scripts/") else { continue }
            for name in file.text.matches(of: /\b(?:docs\/[a-z-]+\.md|scripts\/[a-z-]+(?:\.service)?)\b/) {
                #expect(SourceTree.exists(String(name.0)), "\(file.path) names \(name.0)")
            }
        }
    }
}
