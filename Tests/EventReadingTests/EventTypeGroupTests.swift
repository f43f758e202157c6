// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import EventReading

@Suite struct EventTypeGroupTests {
    @Test func `no type is listed twice`() {
        #expect(Interpretation.groups.flatMap(\.types).count == Interpretation.types.count)
    }

    @Test func `docs/stripe.md lists the event types that the rules read, and no others`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let page = try String(contentsOf: root.appending(path: "docs/stripe.md"), encoding: .utf8)
        let start = try #require(page.range(of: "| event type | why |\n|---|---|\n"))
        let rows = page[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
            .prefix { $0.hasPrefix("|") }
        #expect(rows.map(String.init) == Interpretation.groups.map(\.row))
    }
}
