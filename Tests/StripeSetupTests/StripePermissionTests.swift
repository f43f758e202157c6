// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import StripeSetup

@Suite struct StripePermissionTests {
    @Test func `docs/stripe.md has the link that makes a key, and the reason of each permission`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let page = try String(contentsOf: root.appending(path: "docs/stripe.md"), encoding: .utf8)
        #expect(page.contains(StripePermission.link))
        for permission in StripePermission.all {
            #expect(page.contains("| `\(permission.permission)` | \(permission.reason) |"), "\(permission.name)")
        }
        let rows = page.matches(of: /\| `(rak_\w+)` \|/).map { String($0.1) }
        #expect(Set(rows).count == rows.count && Set(rows) == Set(StripePermission.all.map(\.permission)))
    }

    @Test func `the link ticks each permission once`() {
        let names = StripePermission.link.matches(of: /permissions\[(\d+)\]=(\w+)/)
        #expect(names.map { String($0.1) } == names.indices.map(String.init))
        #expect(Set(names.map(\.2)).count == names.count)
        #expect(Set(names.map { String($0.2) }) == Set(StripePermission.all.map(\.permission)))
        #expect(names.filter { $0.2.hasSuffix("_write") }.map { String($0.2) } == ["rak_webhook_write"])
    }
}
