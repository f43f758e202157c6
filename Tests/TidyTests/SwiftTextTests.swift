// SPDX-License-Identifier: Apache-2.0

import Testing

/// The parser that the other tests use.
@Suite struct SwiftTextTests {
    @Test func `comments and literals are not code`() {
        let text = SwiftText(
            ##"""
            let a = "one // \(two("x\"y")) {" // { "three"
            /* { /* } */ { */ let b = #"raw \(no) \#(yes) "q" "#
            """##)
        #expect(
            String(decoding: text.code, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(
                separator: " ")
                == "let a = let b =")
        #expect(text.literals.contains("one //  {"))
        #expect(text.literals.contains(#"raw \(no)  "q" "#))
        #expect(!text.literals.contains("three"))
    }

    @Test func `types, functions and imports are found`() {
        let declared = Declarations(
            SwiftText(
                """
                import A
                @testable import B
                import struct C.D

                private struct Hidden {}
                package struct Shown: P {
                    enum Inner { case one }
                    init(
                        a: Int = [1].map { $0 }[0]
                    ) throws(E) -> Self where A == B {
                        self.init()
                        if true {
                        }
                    }
                }
                protocol P {
                    func required(_ a: Int) -> Int
                    var other: Int { get }
                }
                @Suite struct Tests {
                    @Test func `a sentence { with }`() {
                    }
                }
                """))
        #expect(declared.imports == ["A", "B", "C"])
        #expect(declared.types.map(\.name) == ["Hidden", "Shown", "P", "Tests"])
        #expect(declared.types.map(\.isPrivate) == [true, false, false, false])
        #expect(declared.types.map(\.isEntry) == [false, false, false, true])
        #expect(declared.typeNames.contains("Inner"))
        #expect(declared.functions.map(\.name) == ["init", "`a sentence { with }`"])
        #expect(declared.functions.map(\.length) == [7, 2])
    }
}
