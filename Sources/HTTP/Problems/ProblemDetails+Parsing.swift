// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

extension ProblemDetails {
    static var brokenOff: ProblemDetails {
        .malformedRequest(detail: "The body was cut off before its end.")
    }

    /// What the client is told about an error that occurred while its body was read.
    init(ofBody error: any Error) {
        switch error {
        case let problem as ProblemDetails: self = problem
        case let error as HTTPParserError: self.init(error)
        // Anything else is an error of the connection: it was reset, or closed by a shutdown.
        default: self = .brokenOff
        }
    }

    /// What the client is told about the parser's error.
    init(_ error: HTTPParserError) {
        if case .headerOverflow = error {
            self = .headersTooLarge
        } else {
            self = .malformedRequest(detail: "This is not an HTTP/1.1 request: \(error.debugDescription).")
        }
    }

    /// What the client is told about what was found wrong before the parser saw it.
    init(_ refusal: RequestPacer.Refusal) {
        switch refusal {
        case .headMemory:
            self = .serviceUnavailable(detail: "Too many large headers at once.", retryAfter: 1)
        case .tooMuchAhead:
            self = .serviceUnavailable(
                detail: "Too much was sent ahead of its answers; this and what follows was dropped.", retryAfter: 1)
        case .headTooLarge:
            self = .headersTooLarge
        case .tooManyLineEnds:
            self = .malformedRequest(detail: "There are too many line ends before the request.")
        case .malformedChunks:
            self = .malformedRequest(detail: "The chunks of the body are malformed.")
        case .chunkExtrasTooLarge:
            self = .chunkExtrasTooLarge
        case .unclearEnd:
            self = .malformedRequest(detail: "It is unclear where the request ends.")
        }
    }
}
