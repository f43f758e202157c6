// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1
import Testing

@testable import HTTP

/// The state of one connection, without a channel: tables of steps and the actions that follow.
@Suite struct ConnectionStateTests {
    /// What happens on a connection.
    enum Step: Hashable {
        case head(String)
        case body, end
        /// The end of a request is not where its framing put it.
        case unclearEnd
        /// All bytes of a read have been passed on, and ended within a head or not.
        case read(isInHead: Bool)
        case failed
        case inputClosed, outputClosed, quiesce
        case expired(ConnectionTimer.Wait)
        case answerBegins, answerContinues, answerEnds, lastAnswerWritten
    }

    typealias Table = [(step: Step, follows: ConnectionState.Action?)]

    private static let get = "GET / HTTP/1.1\r\nHost: a"
    private static let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3"
    private static let malformed = ProblemDetails.malformedRequest(detail: "test")
    private static let begin = ConnectionState.Action.begin(.length(0), invites: false)
    private static let beginPost = ConnectionState.Action.begin(.length(3), invites: false)
    private static let noHost = ProblemDetails.malformedRequest(detail: "The Host header is missing.")

    private static let tables: [(name: String, table: Table)] = [
        (
            "requests one after the other",
            [
                (.read(isInHead: false), nil), (.head(get), begin), (.end, .pass),
                (.answerBegins, .answer(.kept, discards: false)), (.answerContinues, .pass), (.answerEnds, .proceed),
                (.head(post), beginPost), (.body, .pass), (.end, .pass),
                (.answerBegins, .answer(.kept, discards: false)), (.answerEnds, .proceed),
            ]
        ),
        (
            "the client asks for the end",
            [
                (.head(get + "\r\nConnection: close"), begin), (.end, .pass),
                (.answerBegins, .answer(.closed, discards: false)), (.answerEnds, .finish), (.head(get), .drop),
                (.lastAnswerWritten, .linger), (.head(get), .drop), (.body, .drop), (.end, .drop),
                (.answerBegins, .drop), (.answerContinues, .drop), (.answerEnds, .drop), (.failed, .drop),
                (.quiesce, .drop), (.inputClosed, .drop), (.outputClosed, .drop), (.expired(.close), .close),
            ]
        ),
        (
            "HTTP/1.0, kept and not",
            [
                (.head("GET / HTTP/1.0\r\nConnection: keep-alive"), begin), (.end, .pass),
                (.answerBegins, .answer(.keptAndTold, discards: false)), (.answerEnds, .proceed),
                (.head("GET / HTTP/1.0"), begin), (.end, .pass),
                (.answerBegins, .answer(.closed, discards: false)), (.answerEnds, .finish),
            ]
        ),
        (
            "no further request is read after an offered upgrade",
            [
                (.head(get + "\r\nUpgrade: h2c"), begin), (.end, .pass),
                (.answerBegins, .answer(.closed, discards: false)), (.answerEnds, .finish),
            ]
        ),
        (
            "nor after CONNECT",
            [
                (.head("CONNECT a:1 HTTP/1.1\r\nHost: a"), begin), (.end, .pass),
                (.answerBegins, .answer(.closed, discards: false)), (.answerEnds, .finish),
            ]
        ),
        (
            "a client that asks before it sends",
            [
                (.head(post + "\r\nExpect: 100-Continue"), .begin(.length(3), invites: true)), (.body, .pass),
                (.end, .pass), (.answerBegins, .answer(.kept, discards: false)), (.answerEnds, .proceed),
                (
                    .head("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\nExpect: 100-continue"),
                    .begin(.length(1001), invites: false)
                ), (.answerBegins, .answer(.closed, discards: true)), (.answerEnds, .finish),
            ]
        ),
        (
            "nobody is invited by HTTP/1.0",
            [
                (
                    .head("POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: keep-alive"),
                    beginPost
                )
            ]
        ),
        (
            "a body in chunks",
            [
                (
                    .head("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nExpect: 100-continue"),
                    .begin(.chunks, invites: true)
                ), (.body, .pass), (.body, .pass), (.end, .pass),
            ]
        ),
        (
            "an answer before the body was read",
            [
                (.head(post), beginPost), (.answerBegins, .answer(.closed, discards: true)), (.body, .drop),
                (.answerContinues, .pass), (.end, .drop), (.failed, .drop), (.answerEnds, .finish),
                (.lastAnswerWritten, .linger),
            ]
        ),
        (
            "a head that nobody can be sure of",
            [
                (.read(isInHead: true), nil), (.head("GET / HTTP/1.1"), .refuse(noHost)), (.end, .drop),
                (.answerBegins, .drop), (.outputClosed, .drop), (.lastAnswerWritten, .linger),
            ]
        ),
        (
            "an end that is not where it was counted",
            [
                (.head(post), beginPost), (.body, .pass), (.unclearEnd, .pass),
                (.answerBegins, .answer(.closed, discards: false)), (.answerEnds, .finish),
            ]
        ),
        (
            "a second request while one is answered",
            [
                (.head(get), begin), (.end, .pass), (.head(get), .discard), (.body, .drop), (.end, .drop),
                (.answerBegins, .answer(.closed, discards: false)), (.answerEnds, .finish),
            ]
        ),
        ("no HTTP between requests", [(.failed, .refuse(malformed)), (.failed, .drop), (.lastAnswerWritten, .linger)]),
        ("no HTTP in a head", [(.read(isInHead: true), nil), (.failed, .refuse(malformed))]),
        (
            "no HTTP in a body",
            [
                (.head(post), beginPost), (.failed, .abandon(malformed)), (.failed, .drop), (.body, .drop),
                (.end, .drop),
                (.answerBegins, .answer(.closed, discards: false)), (.answerEnds, .finish),
            ]
        ),
        (
            "no HTTP behind a request, which is answered all the same",
            [
                (.head(get), begin), (.end, .pass), (.failed, .drop), (.answerBegins, .answer(.kept, discards: false)),
                (.answerEnds, .proceed),
            ]
        ),
        (
            "the headers take too long",
            [
                (.read(isInHead: true), nil),
                (.expired(.headers), .refuse(.requestTimeout(detail: "The headers did not come in time."))),
                (.expired(.reader), .close),
            ]
        ),
        (
            "the body takes too long",
            [
                (.head(post), beginPost),
                (.expired(.body), .abandon(.requestTimeout(detail: "The body did not come in time."))),
                (.answerBegins, .answer(.closed, discards: false)), (.answerEnds, .finish),
            ]
        ),
        ("nothing is asked for too long", [(.expired(.request), .close)]),
        ("the client closes between requests", [(.inputClosed, .closeWhenWritten), (.head(get), .drop)]),
        ("the client closes in a head", [(.read(isInHead: true), nil), (.inputClosed, .closeWhenWritten)]),
        (
            "the client closes behind its request",
            [
                (.head(get), begin), (.end, .pass), (.inputClosed, .drop),
                (.answerBegins, .answer(.closed, discards: false)), (.answerEnds, .finish),
            ]
        ),
        (
            "the server stops between requests",
            [(.quiesce, .closeWhenWritten), (.quiesce, .drop), (.head(get), .drop)]
        ),
        (
            "the server stops in a head, which is still answered",
            [
                (.read(isInHead: true), nil), (.quiesce, .drop), (.read(isInHead: true), nil), (.head(get), begin),
                (.end, .pass), (.answerBegins, .answer(.closed, discards: false)), (.answerEnds, .finish),
            ]
        ),
        (
            "the server stops in a body",
            [
                (.head(post), beginPost), (.quiesce, .drop), (.body, .pass), (.end, .pass),
                (.answerBegins, .answer(.closed, discards: false)), (.answerEnds, .finish),
            ]
        ),
        (
            "whoever answers has no more to say",
            [(.outputClosed, .linger), (.head(get), .drop), (.answerBegins, .drop)]
        ),
        (
            "whoever answers says so too early",
            [
                (.head(get), begin), (.outputClosed, .drop), (.end, .pass),
                (.answerBegins, .answer(.kept, discards: false)), (.answerEnds, .proceed),
            ]
        ),
    ]

    @Test(arguments: tables.indices)
    func `what happens on a connection is followed by what HTTP asks for`(_ index: Int) throws {
        let (name, table) = Self.tables[index]
        var state = ConnectionState()
        for (place, row) in table.enumerated() {
            let action = try Self.take(row.step, &state)
            #expect(action == row.follows, "\(name), \(place): \(row.step)")
        }
    }

    @Test(
        arguments: [
            ([], .start(.request)), ([.read(isInHead: false)], .start(.request)),
            ([.read(isInHead: true)], .start(.headers)),
            ([.head(post)], .start(.body)), ([.head(post), .read(isInHead: false)], .start(.body)),
            ([.head(get), .end], .stop), ([.head(get), .end, .answerBegins], .stop),
            ([.head(get), .end, .answerBegins, .answerEnds], .start(.request)),
            ([.head("GET / HTTP/1.1")], .keep), ([.quiesce], .keep), ([.outputClosed], .keep),
        ] as [([Step], ConnectionState.Limit)])
    func `each wait has its limit, and none moves while the client does not read`(
        _ steps: [Step], _ limit: ConnectionState.Limit
    ) throws {
        var state = ConnectionState()
        for step in steps { _ = try Self.take(step, &state) }
        #expect(state.limit(isWritable: true) == limit)
        #expect(state.limit(isWritable: false) == (limit == .keep ? .keep : .start(.reader)))
    }

    @Test func `no order of steps answers one request twice, or anything after the last answer`() throws {
        let steps: [Step] = [
            .head(Self.get), .head(Self.post), .head("GET / HTTP/1.1"),
            .head("GET / HTTP/1.0\r\nConnection: keep-alive"), .body, .end, .unclearEnd,
            .read(isInHead: true), .failed, .inputClosed, .outputClosed, .quiesce, .expired(.headers), .expired(.body),
            .answerBegins, .answerEnds,
        ]
        // Every state that can be reached, with whether a request is open and whether the last answer was given.
        struct Reached: Hashable {
            var state = ConnectionState()
            var isOpen = false
            var isOver = false
        }
        var seen: Set<Reached> = []
        var next = [Reached()]
        while let reached = next.popLast() {
            guard seen.insert(reached).inserted else { continue }
            for step in steps {
                var now = reached
                let action = try Self.take(step, &now.state)
                switch action {
                case .begin:
                    #expect(!reached.isOpen && !reached.isOver)
                    now.isOpen = true
                case .answer:
                    #expect(reached.isOpen && !reached.isOver)
                case .proceed, .finish:
                    #expect(reached.isOpen && !reached.isOver)
                    now.isOpen = false
                    now.isOver = action == .finish
                case .refuse, .closeWhenWritten:
                    #expect(!reached.isOpen && !reached.isOver)
                    now.isOver = true
                case .linger:
                    #expect(!reached.isOpen && !reached.isOver)
                    now.isOver = true
                case .abandon:
                    #expect(reached.isOpen && !reached.isOver)
                case .pass, .drop, .discard, .close, nil:
                    break
                }
                next.append(now)
            }
        }
        #expect(seen.count == 11)
    }

    private static func take(_ step: Step, _ state: inout ConnectionState) throws -> ConnectionState.Action? {
        switch step {
        case .head(let text): return state.received(try framing(text), largestBody: 1000)
        case .body: return state.receivedBody()
        case .end: return state.receivedEnd()
        case .unclearEnd:
            defer { state.endWithAnswer() }
            return state.receivedEnd()
        case .read(let isInHead):
            state.readCompleted(isInHead: isInHead)
            return nil
        case .failed: return state.failed(malformed)
        case .inputClosed: return state.inputClosed()
        case .outputClosed: return state.outputClosed()
        case .quiesce: return state.quiesce()
        case .expired(let wait): return state.expired(wait)
        case .answerBegins: return state.answerBegins()
        case .answerContinues: return state.answerContinues()
        case .answerEnds: return state.answerEnds()
        case .lastAnswerWritten: return state.lastAnswerWritten()
        }
    }

    private static func framing(_ text: String) throws -> RequestFraming {
        var head = try HTTPRequestHead(text)
        return RequestFraming.read(&head)
    }
}
