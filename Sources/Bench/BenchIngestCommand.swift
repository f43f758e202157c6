// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import EventForge

struct BenchIngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Post signed events as fast as they are answered.",
        discussion: """
            The events are customer.subscription.updated, each with an id of its own, of the customers \
            cus_bench00000001 and on, created over the last month. They are signed before the time measured begins. \
            Answers are counted by status and outcome, those of the warm-up included: as many events are in the \
            database as were accepted.

            Any receiver of Stripe's webhooks can be measured: --url http://127.0.0.1:3000/stripe. The processors of a \
            server given so are counted where --private-url is given too.

            Exit code 0 when requests were answered with 2xx, else 1.
            """
    )

    /// Each takes a hundred-odd bytes of memory.
    private static let most = 10_000_000

    @Option(help: ArgumentHelp("How many customers the events are about, each in turn.", valueName: "number"))
    var customers = 100_000

    @Option(
        help: ArgumentHelp(
            "Post at most this many events, including the warm-up's.",
            discussion: "Default: as many as the warm-up shows to be enough.",
            valueName: "number"
        )
    )
    var events: Int?

    @OptionGroup var post: PostOptions
    @OptionGroup var phase: PhaseOptions
    @OptionGroup var options: BenchOptions

    func validate() throws {
        guard (1...99_999_999).contains(customers) else {
            throw ValidationError("--customers \(customers) is out of range; give 1 to 99999999.")
        }
        if let events, !(1...Self.most).contains(events) {
            throw ValidationError("--events \(events) is out of range; give 1 to \(Self.most).")
        }
    }

    func run() async throws {
        try await ExitReport.reporting {
            let settings = try ClientSettings(readsDatabase: true)
            let target = try post.target(settings)
            let (duration, warmUp) = try phase.times()
            // The server's processors are only known if both addresses come from the same place.
            let knowsPrivate = options.privateUrl != nil || post.url == nil
            let privateBase = knowsPrivate ? try options.privateBase(settings) : nil
            let meter = try await options.meter(settings, privateBase: privateBase)
            let generator = try post.generator(
                [("customer.subscription.updated", nil)], settings, to: target, customers: customers)
            var queue = SignedEventQueue(generator, signsOnDemand: events == nil)
            if let events { queue = try await BenchProgress.signing(events, queue) }

            let measurement = Measurement(
                target: target, connections: options.connections, meter: meter, warmUp: warmUp, duration: duration)
            let before = try await measurement.warmUp(with: queue)
            if events != nil {
                queue.skip(before.requests)
                guard queue.count > 0 else {
                    throw ValidationError("The warm-up took all events; give more --events, or a shorter --warm-up.")
                }
            } else {
                // The warm-up signs on demand, which slows it down, and a server gets faster: allow for twice its pace.
                let needed = min(Self.most, Int(before.rate * 2 * (duration / .seconds(1))) + 10_000)
                var later = generator
                later.skip(before.requests)
                queue = try await BenchProgress.signing(needed, SignedEventQueue(later))
            }
            let report = try await measurement.measure(queue, after: before)
            options.show(report.json, as: report.lines)
            if report.tally.successes == 0 { throw ExitCode.failure }
        }
    }
}
