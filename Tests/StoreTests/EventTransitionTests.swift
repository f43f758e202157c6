// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Store

@Suite struct EventTransitionTests {
    static let all: [EventTransition] = [
        .processed(), .processed(remark: "x"), .ignored(reason: "x"), .failed(error: "x"), .quarantined(error: "x"),
        .unanswered(error: "x", by: "alice"), .suspected, .crashed(times: 2), .requeued(by: "alice"),
        .dismissed(reason: "x", by: "alice"),
    ]

    /// As the constraints of `event_work` require.
    @Test(arguments: all)
    func `what a row says of an event fits its state`(_ transition: EventTransition) {
        switch transition.target {
        case .pending: #expect(transition.detail == nil && transition.error == nil && transition.attempt == nil)
        case .processed: #expect(transition.error == nil)
        case .ignored: #expect(transition.detail != nil && transition.error == nil)
        case .failed, .quarantined: #expect(transition.detail == nil && transition.error != nil)
        }
        if transition.requestedBy != nil || transition.keepsRequest { #expect(transition.target == .pending) }
        if transition.crashes > 0 || transition.dueAfter != nil { #expect(transition.target == .pending) }
        if transition.target != .pending { #expect(transition.attempt != nil) }
    }

    @Test func `every state is left and reached, but no ended one without an operator`() {
        for state in EventState.allCases {
            #expect(Self.all.contains { $0.sources.contains(state) })
            #expect(Self.all.contains { $0.target == state })
        }
        for transition in Self.all where transition.sources != [.pending] {
            #expect(transition.requestedBy ?? transition.attempt?.operator == "alice")
        }
    }

    @Test(arguments: [
        (0, false, EventTransition.suspected), (0, true, .suspected), (1, false, nil), (3, false, nil),
        (1, true, .crashed(times: 2)), (2, true, .crashed(times: 3)),
    ])
    func `a first death makes a suspect, and those of it alone are counted`(
        _ crashes: Int,
        _ isAlone: Bool,
        _ transition: EventTransition?
    ) {
        #expect(CrashLedger.transition(crashes: crashes, isAlone: isAlone) == transition)
    }

    @Test(arguments: [3, 4])
    func `a suspect that three processes died of fails`(_ crashes: Int) {
        #expect(CrashLedger.transition(crashes: crashes, isAlone: true)?.target == .failed)
    }
}
