// SPDX-License-Identifier: Apache-2.0

import Logging
import Postgres
import Synchronization

/// Where all parts of a process report trouble with the database, so that it is logged once and not by each of them.
package final class Outages: Sendable {
    /// Who has the trouble.
    package enum Part: String, Sendable, Hashable, CaseIterable {
        case inbox
        case processing
        /// Some events, while others are processed.
        case events
        /// Events of customers whose rows somebody else holds.
        case locks
        case sweeper
        /// What prices calls again after rates changed for the past.
        case corrections
        case replays
        case retention
        /// What asks Stripe for what did not come.
        case fetching
        case registry
        case listening
        case schema
        case spool
        /// Those of gateways and operators.
        case requests
    }

    /// No turn of a worker takes this long: each of its statements is given up earlier.
    private static let longestTurn: Duration = .seconds(180)

    private let began = ContinuousClock.now
    private let log = Mutex(OutageLog())
    /// Why the last session that could not be opened failed.
    private let connectFailure = Mutex<ConnectFailure?>(nil)
    private let logger: Logger

    package init(logger: Logger) {
        self.logger = logger
    }

    /// - Parameters:
    ///   - count: how much could not be done.
    ///   - isReported: whether the part has already reported it itself, in more detail.
    package func failed(_ part: Part, _ error: any Error, count: Int = 1, isReported: Bool = false) {
        if let failure = (error as? PostgresError)?.connectFailure { connectFailure.withLock { $0 = failure } }
        let text = (error as? PostgresError)?.loggable ?? "\(error)"
        write { $0.failed(part, Blame.trouble(of: error), text, count: count, isReported: isReported, at: .now) }
    }

    package func failed(_ part: Part, _ trouble: Trouble, _ error: String, count: Int = 1) {
        write { $0.failed(part, trouble, error, count: count, at: .now) }
    }

    package func worked(_ part: Part) {
        write { $0.worked(part, at: .now) }
    }

    /// Whether a part that can ask the database should do so now, to learn whether it is back.
    package func isDoubted(by part: Part) -> Bool {
        log.withLock { $0.isDoubted(by: part) }
    }

    /// An event went to the spool instead of the inbox.
    package func spooled() {
        log.withLock { $0.spooled() }
    }

    /// Once a second, from a service.
    package func tick() {
        write { $0.tick(at: .now) }
    }

    /// What keeps pending events from being processed.
    package var blockingProcessing: Set<Trouble> {
        log.withLock { log in Set([Part.processing, .events, .locks].compactMap { log.trouble(of: $0, at: .now) }) }
    }

    /// What keeps all of them from being processed; nil while some are.
    package var stoppingProcessing: Trouble? { log.withLock { $0.trouble(of: .processing, at: .now) } }

    /// Whether no worker has completed anything for minutes.
    package var isProcessingStuck: Bool {
        log.withLock { $0.isSilent(.processing, for: Self.longestTurn, since: began, at: .now) }
    }

    private func write(_ change: (inout OutageLog) -> [OutageLog.Line]) {
        // In the order in which they occurred: two threads must not report the end before the beginning.
        log.withLock { log in
            for line in change(&log) { write(line) }
        }
    }

    private func write(_ line: OutageLog.Line) {
        switch line {
        case .began(let trouble, let part, let error):
            // What is known about the connection says more.
            let failure = connectFailure.withLock { $0 }.flatMap { Trouble($0) == trouble ? $0 : nil }
            let needsOperator = failure?.needsOperator == true
            logger.log(
                level: needsOperator ? .critical : trouble == .locks ? .warning : .error,
                "\(trouble.summary)",
                metadata: [
                    "error": "\(error)", "advice": "\(failure?.advice ?? trouble.advice)", "part": "\(part)",
                ])
        case .lasts(let duration, let failures, let spooled, let error):
            logger.warning(
                "the trouble with the database continues",
                metadata: [
                    "for": "\(Self.seconds(duration))", "failures": "\(Self.text(failures))", "spooled": "\(spooled)",
                    "error": "\(error)",
                ])
        case .ended(let duration, let failures, let spooled):
            // The next one has its own cause.
            connectFailure.withLock { $0 = nil }
            logger.notice(
                "the trouble with the database is over",
                metadata: [
                    "after": "\(Self.seconds(duration))", "failures": "\(Self.text(failures))", "spooled": "\(spooled)",
                ])
        }
    }

    private static func seconds(_ duration: Duration) -> String { "\(duration.components.seconds) s" }

    /// `inbox 12, processing 3`.
    private static func text(_ failures: [Part: Int]) -> String {
        failures.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
