// SPDX-License-Identifier: Apache-2.0

/// The state of one connection and what follows from each event on it: HTTP/1.1's rules for one request after another,
/// without a channel, a clock or bytes. `ConnectionHandler` reports every event and does what it returns.
struct ConnectionState: Hashable {
    enum Phase: Hashable {
        /// Between two requests.
        case idle
        /// Some bytes of a request came, but not yet the end of its head.
        case head(isLast: Bool)
        /// The head of a request was passed on, but not its end.
        case body(Connection)
        /// Nothing more of the request is passed on; its answer is not yet written.
        case answer(Connection)
        /// The last answer is on its way out.
        case lastAnswer
        /// Nothing more is sent; what still comes in is dropped.
        case lingering
    }

    /// What happens to the connection after an answer.
    enum Connection: Hashable {
        case kept
        /// The client speaks HTTP/1.0 and wants the connection kept: it must be told that it is.
        case keptAndTold
        case closed

        /// The value of the answer's `Connection` header.
        var option: String? {
            switch self {
            case .kept: nil
            case .keptAndTold: "keep-alive"
            case .closed: "close"
            }
        }
    }

    enum Action: Hashable {
        /// Pass it on.
        case pass
        /// Drop it.
        case drop
        /// A request begins.
        /// - Parameter invites: whether to tell the client first to send its body.
        case begin(RequestSlices.Body, invites: Bool)
        /// Read and forget what the client still sends.
        case discard
        /// Answer with this instead of a route, as the connection's last answer.
        case refuse(ProblemDetails)
        /// Report this to whoever reads the body, who then answers. Read and forget what the client still sends.
        case abandon(ProblemDetails)
        /// Pass on the head of an answer with this.
        /// - Parameter discards: as `discard`.
        case answer(Connection, discards: Bool)
        /// Pass on the end of an answer; the next request may come.
        case proceed
        /// Pass on the end of the last answer; once it is written, call `lastAnswerWritten`.
        case finish
        /// There is nothing to say: close the connection once the earlier answers are written.
        case closeWhenWritten
        /// Tell the client that nothing more comes, and read and forget what it sends for a while: closing a socket
        /// with unread data resets the connection, and the client would lose the answer.
        case linger
        case close
    }

    private(set) var phase = Phase.idle

    var isReadingBody: Bool {
        if case .body = phase { true } else { false }
    }

    var isBetweenRequests: Bool {
        switch phase {
        case .idle, .head: true
        case .body, .answer, .lastAnswer, .lingering: false
        }
    }

    // MARK: Inbound

    /// - Parameters:
    ///   - framing: the framing of the head that was read.
    ///   - largestBody: the most that the listener takes, in bytes: no client is invited to send more.
    /// - Returns: `begin`, `refuse`, `discard` or `drop`.
    mutating func received(_ framing: RequestFraming, largestBody: Int) -> Action {
        switch phase {
        case .idle:
            return begin(framing, isLast: false, largestBody)
        case .head(let isLast):
            return begin(framing, isLast: isLast, largestBody)
        case .body, .answer:
            // No second request reaches the parser; if one does all the same, the connection ends with this one.
            endWithAnswer()
            return .discard
        case .lastAnswer, .lingering:
            return .drop
        }
    }

    private mutating func begin(_ framing: RequestFraming, isLast: Bool, _ largestBody: Int) -> Action {
        if let problem = framing.problem { return refuse(problem) }
        let isClosed = isLast || framing.endsParsing || !framing.isKeepAlive
        phase = .body(isClosed ? .closed : framing.isVersion10 ? .keptAndTold : .kept)
        let invites = framing.asksToContinue && framing.contentLength ?? 0 <= largestBody
        return .begin(framing.body, invites: invites)
    }

    /// - Returns: `pass`, or `drop` for a part of a body that is already answered or refused.
    func receivedBody() -> Action {
        isReadingBody ? .pass : .drop
    }

    /// - Returns: `pass` or `drop`.
    mutating func receivedEnd() -> Action {
        guard case .body(let connection) = phase else { return .drop }
        phase = .answer(connection)
        return .pass
    }

    /// The request in progress is the connection's last.
    mutating func endWithAnswer() {
        switch phase {
        case .body: phase = .body(.closed)
        case .answer: phase = .answer(.closed)
        case .head: phase = .head(isLast: true)
        case .idle, .lastAnswer, .lingering: break
        }
    }

    /// Everything that was read has been passed on.
    /// - Parameter isInHead: whether that ended within a head.
    mutating func readCompleted(isInHead: Bool) {
        if phase == .idle, isInHead { phase = .head(isLast: false) }
    }

    /// What was sent cannot be parsed.
    /// - Returns: `refuse`, `abandon` or, for bytes that nobody waits for, `drop`.
    mutating func failed(_ problem: @autoclosure () -> ProblemDetails) -> Action {
        switch phase {
        case .idle, .head:
            return refuse(problem())
        case .body:
            phase = .answer(.closed)
            return .abandon(problem())
        case .answer, .lastAnswer, .lingering:
            return .drop
        }
    }

    /// The client has closed its side: the requests it sent before that are still answered.
    /// - Returns: `closeWhenWritten` or `drop`.
    mutating func inputClosed() -> Action {
        switch phase {
        case .idle, .head:
            phase = .lastAnswer
            return .closeWhenWritten
        case .body, .answer, .lastAnswer, .lingering:
            endWithAnswer()
            return .drop
        }
    }

    private mutating func refuse(_ problem: ProblemDetails) -> Action {
        phase = .lastAnswer
        return .refuse(problem)
    }

    // MARK: Outbound

    /// - Returns: `answer`, or `drop` after the connection's last answer.
    mutating func answerBegins() -> Action {
        switch phase {
        case .body:
            // Answered before the body was read to its end: all that follows belongs to it, however much that is.
            phase = .answer(.closed)
            return .answer(.closed, discards: true)
        case .answer(let connection):
            return .answer(connection, discards: false)
        case .idle, .head, .lastAnswer, .lingering:
            return .drop
        }
    }

    /// - Returns: `pass` or `drop`, for what is neither the head nor the end of an answer.
    func answerContinues() -> Action {
        switch phase {
        case .body, .answer: .pass
        case .idle, .head, .lastAnswer, .lingering: .drop
        }
    }

    /// - Returns: `proceed`, `finish` or `drop`.
    mutating func answerEnds() -> Action {
        switch phase {
        case .body(.closed), .answer(.closed):
            phase = .lastAnswer
            return .finish
        case .body, .answer:
            phase = .idle
            return .proceed
        case .idle, .head, .lastAnswer, .lingering:
            return .drop
        }
    }

    /// - Returns: `linger`.
    mutating func lastAnswerWritten() -> Action {
        phase = .lingering
        return .linger
    }

    // MARK: Closing

    /// The server is stopping.
    /// - Returns: `closeWhenWritten` or `drop`.
    mutating func quiesce() -> Action {
        guard phase == .idle else {
            endWithAnswer()
            return .drop
        }
        phase = .lastAnswer
        return .closeWhenWritten
    }

    /// Whoever answers has nothing more to send.
    /// - Returns: `linger`, or `drop` while an answer is in flight, which lingers by itself.
    mutating func outputClosed() -> Action {
        switch phase {
        case .idle, .head:
            phase = .lingering
            return .linger
        case .body, .answer, .lastAnswer, .lingering:
            return .drop
        }
    }

    // MARK: Time limits

    enum Limit: Hashable {
        case start(ConnectionTimer.Wait)
        case stop
        /// Leave a limit that is already running.
        case keep
    }

    /// The limit for what is now waited for.
    /// - Parameter isWritable: whether the client reads its answers.
    func limit(isWritable: Bool) -> Limit {
        switch phase {
        case .lastAnswer, .lingering: .keep
        case _ where !isWritable: .start(.reader)
        case .idle: .start(.request)
        case .head: .start(.headers)
        case .body: .start(.body)
        case .answer: .stop
        }
    }

    /// - Returns: `close`, `refuse`, `abandon` or `drop`.
    mutating func expired(_ wait: ConnectionTimer.Wait) -> Action {
        switch wait {
        case .request, .reader, .close: .close
        case .headers: failed(.requestTimeout(detail: "The headers did not come in time."))
        case .body: failed(.requestTimeout(detail: "The body did not come in time."))
        }
    }
}
