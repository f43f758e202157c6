// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import tollgate

@Suite struct UnknownCommandTests {
    @Test(arguments: [
        (["event", "list"], #"there is no command "event"; did you mean events?"#),
        (["events", "lst"], #""events" has no command "lst"; did you mean list?"#),
        (["bogus"], #"there is no command "bogus"; tollgate --help lists them all"#),
        (["events", "list", "x"], nil), (["help", "x"], nil), (["--version"], nil), (["events", "--help"], nil),
        (["trigger", "invoice.payed"], nil), ([], nil),
    ])
    func `a command that is none is told with the one that was meant`(_ arguments: [String], _ complaint: String?) {
        #expect(UnknownCommand.complaint(about: arguments, in: Tollgate.self) == complaint)
    }

    @Test func `the program names itself once where it complains`() async throws {
        let ended = try await Program.run(["bogus"])
        #expect(ended.code == 64)
        #expect(ended.errors == "tollgate: there is no command \"bogus\"; tollgate --help lists them all\n")
    }
}
