// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The links and anchors of a documentation page.
struct Page {
    struct Link: Hashable {
        let line: Int
        let target: String
    }

    /// The anchors of its headings, as GitHub makes them.
    private(set) var anchors: Set<String> = []
    private(set) var links: [Link] = []

    init(_ text: String) {
        var isCode = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("```") { isCode.toggle() }
            if isCode { continue }
            if let heading = line.firstMatch(of: /^#{1,6} +(.+)$/) { addAnchor(of: heading.1) }
            // Text between backticks is not a link.
            let prose = line.replacing(/`[^`]*`/, with: "")
            for link in prose.matches(of: /\]\(([^)\s]+)\)/) {
                links.append(Link(line: index + 1, target: String(link.1)))
            }
        }
    }

    private mutating func addAnchor(of heading: Substring) {
        let text = heading.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
        let anchor = text.replacing(" ", with: "-")
        var unique = anchor
        var number = 0
        while anchors.contains(unique) {
            number += 1
            unique = "\(anchor)-\(number)"
        }
        anchors.insert(unique)
    }
}
