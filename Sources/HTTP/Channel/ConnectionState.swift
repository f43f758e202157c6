// SPDX-License-Identifier: Apache-2.0

/// Where one connection stands, and what follows from what happens on it: HTTP/1.1's rules for one request after the other,
/// without a channel, a clock or bytes. `ConnectionHandler` tells it all and does what it answers.
struct ConnectionState: Hashable {
    enum Phase: Hashable {
        /// Between two requests.
        case idle
        /// Bytes of a request came, but not yet the end of its head.
        case head(isLast: Bool)
        /// The head of a request was passed on, its end was not.
        case body(Connection)
        /// Nothing more of the request is passed on; its answer is not yet written.
        case answer(Connection)
        /// The last answer is on its way out.
        case lastAnswer
        /// Nothing more is said; what still comes is dropped.
        case lingering
    }

    /// What becomes of the connection after an answer.
    enum Connection: Hashable {
        case kept
        /// The request speaks HTTP/1.0 and wants it kept: it must be told.
        case keptAndTold
        case closed

        /// The value of the answer's header.
        var option: String? {
            switch self {
            case .kept: nil
            case .keptAndTold: "keep-alive"
            case .closed: "close"
            }
        }
    }

    enum Action: Hashable {
        /// What was told is passed on.
        case pass
        /// What was told is dropped.
        case drop
        /// A request begins.
        /// - Parameter invites: the client is told first to send its body.
        case begin(RequestSlices.Body, invites: Bool)
        /// What the client still sends is read and forgotten.
        case discard
        /// This is answered in the place of a route, as the connection's last answer.
        case refuse(ProblemDetails)
        /// Whoever reads the body hears of this, and answers. What the client still sends is read and forgotten.
        case abandon(ProblemDetails)
        /// The head of an answer is passed on with this.
        /// - Parameter discards: as `discard`.
        case answer(Connection, discards: Bool)
        /// The end of an answer is passed on, and the next request may come.
        case proceed
        /// The end of the last answer is passed on; once it is written, `lastAnswerWritten`.
        case finish
        /// There is nothing to say; once the answers before are written, the connection is closed.
        case closeWhenWritten
        /// The client is told that nothing more comes, and what it sends is read and forgotten for a while: closing a
        /// socket with unread data resets the connection, and the client would lose the answer.
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

    // MARK: What the client sends

    /// - Parameters:
    ///   - framing: of a head that was read.
    ///   - largestBody: that the listener takes, in bytes: no client is invited to send more.
    /// - Returns: `begin`, `refuse`, `discard` or `drop`.
    mutating func received(_ framing: RequestFraming, largestBody: Int) -> Action {
        switch phase {
        case .idle:
            return begin(framing, isLast: false, largestBody)
        case .head(let isLast):
            return begin(framing, isLast: isLast, largestBody)
        case .body, .answer:
            // No second request is let through to the parser; were that wrong, the connection ends with this one.
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

    /// - Returns: `pass` or `drop`, for a part of a body that is already answered, or refused.
    func receivedBody() -> Action {
        isReadingBody ? .pass : .drop
    }

    /// - Returns: `pass` or `drop`.
    mutating func receivedEnd() -> Action {
        guard case .body(let connection) = phase else { return .drop }
        phase = .answer(connection)
        return .pass
    }

    /// The request that is under way is the connection's last.
    mutating func endWithAnswer() {
        switch phase {
        case .body: phase = .body(.closed)
        case .answer: phase = .answer(.closed)
        case .head: phase = .head(isLast: true)
        case .idle, .lastAnswer, .lingering: break
        }
    }

    /// All that was read is passed on.
    /// - Parameter isInHead: that ended within a head.
    mutating func readCompleted(isInHead: Bool) {
        if phase == .idle, isInHead { phase = .head(isLast: false) }
    }

    /// What was sent cannot be read.
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

    /// The client has closed its side: all requests before that are answered.
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

    // MARK: What is answered

    /// - Returns: `answer`, or `drop` after the connection's last answer.
    mutating func answerBegins() -> Action {
        switch phase {
        case .body:
            // Answered before its end was read: what follows is part of it, however much that is.
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

    // MARK: How it ends

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

    /// Whoever answers has nothing more to say.
    /// - Returns: `linger` or, while an answer is on its way, which lingers by itself, `drop`.
    mutating func outputClosed() -> Action {
        switch phase {
        case .idle, .head:
            phase = .lingering
            return .linger
        case .body, .answer, .lastAnswer, .lingering:
            return .drop
        }
    }

    // MARK: How long it may take

    enum Limit: Hashable {
        case start(ConnectionTimer.Wait)
        case stop
        /// One that already runs goes on.
        case keep
    }

    /// The limit of what is now waited for.
    /// - Parameter isWritable: the client reads its answers.
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
