// SPDX-License-Identifier: Apache-2.0

import Store
import Testing

@testable import Processing

/// When a worker claims, rests and waits, step by step.
@Suite struct WorkerPacingTests {
    private static let start = ContinuousClock.now
    private static let own = Partition(0, of: 3)
    private static let spare = Partition(1, of: 3)

    typealias Turn = WorkerPacing.Turn
    typealias Step = WorkerPacing.Step

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var partition = WorkerPacingTests.own
        /// The milliseconds since the start, the turn, and the step that follows.
        let turns: [(Int, WorkerPacing.Turn, WorkerPacing.Step)]
    }

    /// A batch that took 10 ms, with the counts of the inbox's batches and of their events so far.
    private static func batch(_ handled: Int, more: Bool = false, arrived: Int = 0, batches: Int = 1) -> Turn {
        .claimed(
            WorkerPacing.Batch(
                handled: handled, took: .milliseconds(10), leavesMore: more,
                inbox: BatchCounts(batches: batches, items: arrived)))
    }

    private static let poll = Step.waitForWork(atMost: .milliseconds(250))
    private static let timid = Step.claimSuspect(withCrashesAtMost: 1)

    static let cases = [
        Case(
            testDescription: "where nothing is due it looks for a suspect once a second, and waits",
            turns: [
                (0, .none, .claim(.whole)), (0, batch(0), timid), (0, .claimedSuspect(handled: 0), poll),
                (250, .waited, .claim(.whole)), (250, batch(0), poll), (999, .waited, .claim(.whole)),
                (999, batch(0), poll), (1000, .waited, .claim(.whole)), (1000, batch(0), timid),
            ]),
        Case(
            testDescription: "a worker that is not the first takes no suspects, and waits for longer", partition: spare,
            turns: [
                (0, .none, .claim(.whole)), (0, batch(0), .waitForWork(atMost: .seconds(1))),
                (1000, .waited, .claim(.whole)), (1000, batch(5), .waitForWork(atMost: .seconds(1))),
            ]),
        Case(
            testDescription: "while there is more it keeps to its partition, and then looks at all once more",
            partition: spare,
            turns: [
                (0, .none, .claim(.whole)), (0, batch(9, more: true), .claim(spare)),
                (0, batch(9, more: true), .claim(spare)), (0, batch(3), .claim(.whole)),
                (0, batch(0), .waitForWork(atMost: .seconds(1))),
            ]),
        Case(
            testDescription: "one suspect follows another, and none waits behind a wait",
            turns: [
                (0, .none, .claim(.whole)), (0, batch(0), timid), (5, .claimedSuspect(handled: 1), .claim(.whole)),
                (5, batch(0), timid), (9, .claimedSuspect(handled: 0), poll),
            ]),
        Case(
            testDescription: "a process that has lived for ten seconds takes every suspect",
            turns: [
                (0, .none, .claim(.whole)), (9_999, batch(0), timid), (9_999, .claimedSuspect(handled: 0), poll),
                (11_000, .waited, .claim(.whole)),
                (11_000, batch(0), .claimSuspect(withCrashesAtMost: .max)),
            ]),
        Case(
            testDescription: "while much arrives it rests after each batch, and then goes on as without",
            partition: spare,
            turns: [
                (0, .none, .claim(.whole)), (0, batch(9, more: true, arrived: 16), .rest(.milliseconds(190))),
                (190, .rested, .claim(spare)),
                // Since then 8 events per batch of the inbox.
                (190, batch(9, arrived: 32, batches: 3), .rest(.milliseconds(10))), (200, .rested, .claim(.whole)),
                (200, batch(0, arrived: 64, batches: 4), .waitForWork(atMost: .seconds(1))),
            ]),
        Case(
            testDescription: "trouble is waited out for longer and longer, and a batch ends that",
            turns: [
                (0, .none, .claim(.whole)), (0, .failed(random: 1), .rest(.milliseconds(100))),
                (100, .rested, .claim(.whole)), (100, .failed(random: 0.5), .rest(.milliseconds(100))),
                (200, .rested, .claim(.whole)), (200, .failed(random: 1), .rest(.milliseconds(400))),
                (600, .rested, .claim(.whole)), (600, batch(1), timid),
                (600, .failed(random: 1), .rest(.milliseconds(100))),
            ]),
        Case(
            testDescription: "what is over at once is tried again at once, in the same partition", partition: spare,
            turns: [
                (0, .none, .claim(.whole)), (0, batch(9, more: true), .claim(spare)), (0, .interrupted, .claim(spare)),
                (0, batch(9), .claim(.whole)),
            ]),
    ]

    @Test(arguments: cases)
    func `a worker's next step follows from how the last one went`(_ one: Case) {
        var pacing = WorkerPacing(one.partition, startedAt: Self.start, inbox: BatchCounts())
        for (index, (milliseconds, turn, step)) in one.turns.enumerated() {
            #expect(pacing.next(after: turn, at: Self.start + .milliseconds(milliseconds)) == step, "\(index)")
        }
    }
}
