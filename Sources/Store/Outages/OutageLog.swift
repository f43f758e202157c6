// SPDX-License-Identifier: Apache-2.0

/// When to report trouble with the database: once when it begins, once a minute while it lasts, and once when it is
/// over, for the whole process. A value; `Outages` gives it the time and writes what it returns.
struct OutageLog {
    typealias Instant = ContinuousClock.Instant

    enum Line: Hashable {
        /// Once for each kind of trouble.
        case began(Trouble, Outages.Part, error: String)
        case lasts(Duration, failures: [Outages.Part: Int], spooled: Int, error: String)
        case ended(after: Duration, failures: [Outages.Part: Int], spooled: Int)
    }

    private struct Failing {
        let trouble: Trouble
        let since: Instant
        var last: Instant
        var error: String
    }

    /// From the first failure of any part until all parts work again.
    private struct Outage {
        let began: Instant
        var failures: [Outages.Part: Int] = [:]
        var spooled = 0
        var told: Set<Trouble> = []
        var lastLine: Instant?
        var error = ""
        /// The first success since the last failure.
        var worksAgain: Instant?
    }

    /// The time between two lines while it lasts.
    private static let interval: Duration = .seconds(60)
    /// How long after the schema was brought up to date the answers to earlier statements may still arrive.
    private static let inFlight: Duration = .seconds(1)

    private var failing: [Outages.Part: Failing] = [:]
    /// When each part last completed something, successfully or not.
    private var heard: [Outages.Part: Instant] = [:]
    private var outage: Outage?
    private var schemaReadyAt: Instant?

    /// What keeps a part from its work, once that has lasted long enough to be worth reporting.
    func trouble(of part: Outages.Part, at now: Instant) -> Trouble? {
        guard let failing = failing[part], failing.since.duration(to: now) >= failing.trouble.delay else {
            return nil
        }
        return failing.trouble
    }

    /// Whether it is worth asking the database if it is back.
    func isDoubted(by part: Outages.Part) -> Bool {
        failing[part] != nil || failing.values.contains { $0.trouble == .connection }
    }

    /// Whether a part has neither worked nor failed for this long.
    func isSilent(_ part: Outages.Part, for limit: Duration, since start: Instant, at now: Instant) -> Bool {
        (heard[part] ?? start).duration(to: now) > limit
    }

    /// - Parameter isReported: whether the part has already reported it itself, in more detail.
    mutating func failed(
        _ part: Outages.Part,
        _ trouble: Trouble,
        _ error: String,
        count: Int = 1,
        isReported: Bool = false,
        at now: Instant
    ) -> [Line] {
        heard[part] = now
        // Before the schema is up to date, no other part finds it correct.
        if trouble == .schema, part != .schema, isSchemaOutdated(at: now) { return [] }
        var current = outage ?? Outage(began: now)
        current.failures[part, default: 0] += count
        current.error = error
        current.worksAgain = nil
        if isReported, current.told.insert(trouble).inserted { current.lastLine = now }
        outage = current
        let known = failing[part]
        failing[part] = Failing(
            trouble: trouble,
            since: known.map { $0.trouble == trouble ? $0.since : now } ?? now,
            last: now,
            error: error)
        return tick(at: now)
    }

    /// Whether answers that arrive now may still be about the old schema.
    private func isSchemaOutdated(at now: Instant) -> Bool {
        failing[.schema] != nil || schemaReadyAt.map { $0.duration(to: now) < Self.inFlight } ?? false
    }

    /// An event went to the spool instead.
    mutating func spooled() { outage?.spooled += 1 }

    /// Something that the part kept retrying has succeeded. What fails in between continues.
    mutating func worked(_ part: Outages.Part, at now: Instant) -> [Line] {
        heard[part] = now
        if part == .schema { schemaReadyAt = now }
        if outage?.worksAgain == nil, failing[part] != nil || failing.values.allSatisfy({ $0.trouble == .connection }) {
            outage?.worksAgain = now
        }
        let well = failing.filter { other, failing in
            // A part that does not retry takes another's success as proof that the database is reachable.
            other == part || other.asksOnce && failing.trouble == .connection
        }.filter { other, failing in failing.last.duration(to: now) >= other.settling(from: failing.trouble) }
        if well.isEmpty { return [] }
        for other in well.keys { failing[other] = nil }
        return tick(at: now)
    }

    mutating func tick(at now: Instant) -> [Line] {
        failing = failing.filter { part, failing in
            part.expiry.map { failing.last.duration(to: now) < $0 } ?? true
        }
        guard var current = outage else { return [] }
        defer { outage = failing.isEmpty ? nil : current }
        var lines: [Line] = []
        for (part, failing) in failing.sorted(by: { $0.value.since < $1.value.since })
        where failing.since.duration(to: now) >= failing.trouble.delay {
            guard current.told.insert(failing.trouble).inserted else { continue }
            lines.append(.began(failing.trouble, part, error: failing.error))
            current.lastLine = now
        }
        guard let lastLine = current.lastLine else { return lines }
        let duration = current.began.duration(to: now)
        if failing.isEmpty {
            let end = current.worksAgain ?? now
            lines.append(
                .ended(after: current.began.duration(to: end), failures: current.failures, spooled: current.spooled))
        } else if lastLine.duration(to: now) >= Self.interval {
            lines.append(
                .lasts(duration, failures: current.failures, spooled: current.spooled, error: current.error))
            current.lastLine = now
        }
        return lines
    }
}

extension Trouble {
    /// Locks are held briefly all the time: only those that stay are worth a line.
    fileprivate var delay: Duration { self == .locks ? .seconds(10) : .zero }
}

extension Outages.Part {
    /// Whether it fails only for the caller at hand, instead of retrying until it works.
    fileprivate var asksOnce: Bool { [.requests, .registry, .retention].contains(self) }

    /// A part that does not retry has no success to report: it is well once it has not failed for this long.
    fileprivate var expiry: Duration? {
        switch self {
        case .requests, .registry, .retention, .locks, .spool: .seconds(10)
        // Longer than they are left alone.
        case .events: .seconds(20)
        case .inbox, .processing, .sweeper, .corrections, .replays, .fetching, .listening, .schema: nil
        }
    }

    /// How long it must not have failed before a success is believed: its connections do not all break and heal at
    /// once, and if a table refuses writes, work without such writes goes on.
    fileprivate func settling(from trouble: Trouble) -> Duration {
        switch self {
        // One connection, and one success.
        case .listening, .schema: .zero
        default: trouble == .connection || trouble == .readOnly ? .seconds(1) : .seconds(5)
        }
    }
}
