// SPDX-License-Identifier: Apache-2.0

import Testing

/// Which code may use which parts.
@Suite struct CompositionTests {
    /// Takes the parts of the store that requests need, and keeps nothing else.
    private static let opener = "Sources/Server/ListenerStores.swift"

    /// The whole store gives access to everything, so only the program, which wires the parts, may use it.
    @Test func `the whole store is known to the program alone`() {
        var users = 0
        for file in SourceTree.sources where file.path != "Sources/Store/Store.swift" {
            let code = file.swift.lines.filter { !$0.hasPrefix("import ") }
            guard code.contains(where: { $0.contains(/\bStore\b/) }) else { continue }
            users += 1
            if file.path == Self.opener { continue }
            #expect(file.path.hasPrefix("Sources/tollgate/"), "\(file.path) takes the whole Store")
        }
        #expect(users > 1)
    }
}
