// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import EventForge
import Telemetry

struct BenchProcessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "process",
        abstract: "Post events of many kinds, and wait until all of them are processed.",
        discussion: """
            Each customer has a failed renewal, its payment, a subscription that goes on, credits bought by Checkout, \
            and a refund of these. Processed events count from the start of the posting where a worker runs already, \
            else from the first that is no longer pending. The queue's depth is read from /metrics every 100 ms.

            To measure a backlog, post it with --no-wait to 'serve --only http', then start 'serve --only worker' and \
            watch with --no-post. A queue that does not get shorter for a minute ends the bench.

            Exit code 0 when the queue is empty, else 1.
            """
    )

    /// Longer than any sensible posting, and shorter than a signature is valid.
    private static let postingLimit: Duration = .seconds(240)

    @Option(help: ArgumentHelp("How many events.", valueName: "number"))
    var events = 20_000

    @Option(help: ArgumentHelp("How many customers they are about.", valueName: "number"))
    var customers = 10_000

    @Flag(help: "Post nothing; watch the backlog that is there.")
    var noPost = false

    @Flag(help: "Post only; do not wait for the processing.")
    var noWait = false

    @OptionGroup var post: PostOptions
    @OptionGroup var options: BenchOptions

    func validate() throws {
        guard (1...10_000_000).contains(events) else {
            throw ValidationError("--events \(events) is out of range; give 1 to 10000000.")
        }
        guard (1...99_999_999).contains(customers) else {
            throw ValidationError("--customers \(customers) is out of range; give 1 to 99999999.")
        }
        if noPost, noWait { throw ValidationError("--no-post with --no-wait does nothing; leave one of them out.") }
    }

    func run() async throws {
        try await ExitReport.reporting {
            let settings = try ClientSettings(readsDatabase: true)
            let base = try options.privateBase(settings)
            let meter = try await options.meter(settings, privateBase: base)
            let queue = noPost ? nil : try await signed(settings)
            let watch = QueueWatch(base: base)
            do {
                let before = try await watch.depth()
                let scrape = try await Scrape.read(base)
                let first = await meter.read()
                let posting = ContinuousClock.now
                var posted: LoadTally?
                if let queue { posted = try await send(queue.events, to: queue.target) }
                var (processed, elapsed) = (0, Duration.zero)
                if !noWait {
                    let fall = try await watch.untilEmpty()
                    let accepted = posted?.kinds.reduce(0) { $0 + ($1.isAccepted ? $1.count : 0) } ?? 0
                    // Fewer than if nothing had been processed: a worker was running all along.
                    let isAlong = posted != nil && fall.depth < before + accepted
                    processed = isAlong ? before + accepted : fall.depth
                    elapsed = (isAlong ? posting : fall.start).duration(to: fall.end)
                }
                let use = ProcessorMeter.use(from: first, to: await meter.read())
                let outcomes = Self.outcomes(from: scrape, to: try await Scrape.read(base))
                let report = ProcessReport(
                    posted: posted, processed: processed, elapsed: elapsed, outcomes: outcomes, use: use)
                options.show(report.json, as: report.lines)
                if let posted, posted.successes < posted.requests { throw ExitCode.failure }
            } catch let fault as QueueWatch.Fault {
                ExitReport.say("tollgate: \(fault)")
                throw ExitCode.failure
            }
        }
    }

    private func signed(_ settings: ClientSettings) async throws -> (events: SignedEventQueue, target: BenchTarget) {
        let target = try post.target(settings)
        let generator = try post.generator(
            EventGenerator.story, settings, to: target, customers: customers, total: events)
        return (try await BenchProgress.signing(events, SignedEventQueue(generator)), target)
    }

    private func send(_ queue: SignedEventQueue, to target: BenchTarget) async throws -> LoadTally {
        let loop = ClosedLoop(target: target, connections: options.connections)
        let (total, progress) = (events, loop.progress)
        let line: @Sendable () -> String = {
            "\(ProgressBar.text(Double(progress.answers) / Double(total)))  posting  \(progress.answers) of \(total)"
        }
        return try await BenchProgress.showing(line) { try await loop.run(queue, for: Self.postingLimit) }
    }

    /// What that server's own worker has made of the events; nothing if it has none.
    private static func outcomes(from first: Scrape, to last: Scrape) -> [(name: String, count: Int)] {
        ["processed", "ignored", "failed", "quarantined"].compactMap { name in
            let label = "outcome=\"\(name)\""
            let metric = Metric.eventsProcessed.name
            guard let end = last.value(metric, label: label) else { return nil }
            let count = Scrape.count(end - (first.value(metric, label: label) ?? 0)) ?? 0
            return count > 0 ? (name, count) : nil
        }
    }
}

extension LoadTally.Kind {
    /// Only events that are new in the inbox become pending.
    fileprivate var isAccepted: Bool { status == 200 && outcome.elementsEqual("accepted".utf8) }
}
