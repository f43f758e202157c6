// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Store

@Suite struct OutageLogTests {
    enum Step: Sendable {
        case fails(Outages.Part, Trouble, count: Int = 1)
        case tellsOfFailure(Outages.Part, Trouble)
        case works(Outages.Part)
        case spools
        case tick
    }

    struct Story: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The second, what happens then, and the lines logged for it.
        let steps: [(Double, Step, [OutageLog.Line])]
    }

    private static let start = ContinuousClock.now

    static let stories: [Story] = [
        Story(
            testDescription: "an outage that many parts meet",
            steps: [
                (0, .tick, []),
                (1, .fails(.inbox, .connection, count: 20), [.began(.connection, .inbox, error: "1")]),
                (1.1, .fails(.processing, .connection), []),
                (1.2, .fails(.sweeper, .connection), []),
                (2, .spools, []),
                (60, .fails(.processing, .connection), []),
                (
                    61, .tick,
                    [
                        .lasts(
                            .seconds(60), failures: [.inbox: 20, .processing: 2, .sweeper: 1], spooled: 1, error: "60")
                    ]
                ),
                (62, .tick, []),
                (90, .spools, []),
                (100, .works(.processing), []),
                (101, .works(.sweeper), []),
                (102, .works(.replays), []),
                (
                    103, .works(.inbox),
                    [
                        .ended(
                            after: .seconds(99), failures: [.inbox: 20, .processing: 2, .sweeper: 1], spooled: 2)
                    ]
                ),
                (104, .works(.inbox), []),
                (200, .tick, []),
            ]),
        Story(
            testDescription: "one kind of trouble turns into another and back",
            steps: [
                (0, .fails(.processing, .connection), [.began(.connection, .processing, error: "0")]),
                (10, .fails(.processing, .privileges), [.began(.privileges, .processing, error: "10")]),
                (11, .fails(.processing, .connection), []),
                (13, .works(.processing), [.ended(after: .seconds(13), failures: [.processing: 3], spooled: 0)]),
                (20, .fails(.processing, .privileges), [.began(.privileges, .processing, error: "20")]),
            ]),
        Story(
            testDescription: "a success in between is no end of it",
            steps: [
                (0, .fails(.processing, .privileges), [.began(.privileges, .processing, error: "0")]),
                (1, .works(.processing), []),
                (2, .fails(.processing, .privileges), []),
                (4, .works(.processing), []),
                (7, .works(.processing), [.ended(after: .seconds(4), failures: [.processing: 2], spooled: 0)]),
            ]),
        Story(
            testDescription: "whoever has said it himself is not repeated",
            steps: [
                (0, .tellsOfFailure(.schema, .connection), []),
                (1, .fails(.processing, .connection), []),
                (2, .tellsOfFailure(.schema, .connection), []),
                (3, .works(.schema), []),
                (
                    4, .works(.processing),
                    [
                        .ended(after: .seconds(3), failures: [.schema: 2, .processing: 1], spooled: 0)
                    ]
                ),
            ]),
        Story(
            testDescription: "until the schema was brought up to date nobody else has a word to say of it",
            steps: [
                (0, .tellsOfFailure(.schema, .connection), []),
                (1, .fails(.processing, .schema), []),
                (2, .tellsOfFailure(.schema, .connection), []),
                (3, .fails(.sweeper, .schema), []),
                (4, .works(.schema), [.ended(after: .seconds(4), failures: [.schema: 2], spooled: 0)]),
                (5, .fails(.processing, .schema), [.began(.schema, .processing, error: "5")]),
            ]),
        Story(
            testDescription: "who asked before the schema was ready, and hears of it after, has no word to say of it",
            steps: [
                (0, .tellsOfFailure(.schema, .connection), []),
                (1, .works(.schema), [.ended(after: .seconds(1), failures: [.schema: 1], spooled: 0)]),
                (1.5, .fails(.inbox, .schema), []),
                (1.6, .tick, []),
                (2, .fails(.inbox, .schema), [.began(.schema, .inbox, error: "2")]),
            ]),
        Story(
            testDescription: "a request that failed to reach the database does not hold back the end of it",
            steps: [
                (0, .fails(.inbox, .connection), [.began(.connection, .inbox, error: "0")]),
                (0.5, .fails(.requests, .connection), []),
                (1, .fails(.registry, .connection), []),
                (1.5, .works(.inbox), []),
                (
                    2, .works(.inbox),
                    [
                        .ended(
                            after: .milliseconds(1500), failures: [.inbox: 1, .requests: 1, .registry: 1], spooled: 0)
                    ]
                ),
                (3, .tick, []),
            ]),
        Story(
            testDescription: "nobody else's success is one for a request that was refused a right",
            steps: [
                (0, .fails(.requests, .privileges), [.began(.privileges, .requests, error: "0")]),
                (6, .works(.processing), []),
                (10, .tick, [.ended(after: .seconds(10), failures: [.requests: 1], spooled: 0)]),
            ]),
        Story(
            testDescription: "an outage ends with the first success and not once that is believed",
            steps: [
                (0, .fails(.inbox, .connection), [.began(.connection, .inbox, error: "0")]),
                (1, .fails(.processing, .connection), []),
                (1.5, .works(.processing), []),
                (2, .fails(.processing, .connection), []),
                (2.5, .works(.inbox), []),
                (
                    4, .works(.processing),
                    [.ended(after: .milliseconds(2500), failures: [.inbox: 1, .processing: 2], spooled: 0)]
                ),
            ]),
        Story(
            testDescription: "who asks once has no success to tell of",
            steps: [
                (0, .fails(.requests, .connection), [.began(.connection, .requests, error: "0")]),
                (9, .tick, []),
                (10, .tick, [.ended(after: .seconds(10), failures: [.requests: 1], spooled: 0)]),
            ]),
        Story(
            testDescription: "locks that come and go are not worth a line",
            steps: [
                (0, .fails(.locks, .locks), []),
                (5, .fails(.locks, .locks), []),
                (15, .tick, []),
                (16, .fails(.locks, .locks), []),
                (22, .fails(.locks, .locks), []),
                (26, .fails(.locks, .locks), [.began(.locks, .locks, error: "26")]),
                (36, .tick, [.ended(after: .seconds(20), failures: [.locks: 3], spooled: 0)]),
            ]),
        Story(
            testDescription: "changes of access are heard again by one success",
            steps: [
                (0, .fails(.listening, .connection), [.began(.connection, .listening, error: "0")]),
                (0.5, .works(.listening), [.ended(after: .milliseconds(500), failures: [.listening: 1], spooled: 0)]),
            ]),
    ]

    @Test(arguments: stories) func `once when it begins, once a minute, and once when it ends`(_ story: Story) {
        var log = OutageLog()
        for (second, step, expected) in story.steps {
            let now = Self.start + .milliseconds(Int(second * 1000))
            let error = "\(second == second.rounded() ? "\(Int(second))" : "\(second)")"
            let lines: [OutageLog.Line]
            switch step {
            case .fails(let part, let trouble, let count):
                lines = log.failed(part, trouble, error, count: count, at: now)
            case .tellsOfFailure(let part, let trouble):
                lines = log.failed(part, trouble, error, isReported: true, at: now)
            case .works(let part): lines = log.worked(part, at: now)
            case .spools:
                log.spooled()
                lines = []
            case .tick: lines = log.tick(at: now)
            }
            #expect(lines == expected, "second \(second)")
        }
    }
}
