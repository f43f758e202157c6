// SPDX-License-Identifier: Apache-2.0

import Console
import Notation
import Postgres
import Settings
import Store
import StripeSetup

/// The database as the doctor asks it. A check that fails harms no other.
struct DiagnosedInbox: Sendable {
    /// Why nothing was learned.
    struct Reason: Error, CustomStringConvertible {
        let description: String
        /// Whether there is a database, without Tollgate's tables.
        var lacksSchema = false
    }

    /// For what a ping takes from Stripe into the inbox.
    private static let pingTime: Duration = .seconds(6)
    private static let pause: Duration = .milliseconds(200)

    private let store: DiagnosisStore
    private let configuration: Configuration
    private var accounts: [String] { BackfillStore.accounts(besides: configuration.connectedAccounts) }

    init(_ store: DiagnosisStore, _ configuration: Configuration) {
        self.store = store
        self.configuration = configuration
    }

    /// - Returns: whether it answers, and the checks.
    func lookAtDatabase(stripe: ClockDiagnosis.Reading?) async -> (isThere: Bool, checks: [DoctorCheck]) {
        // The first one opens the session.
        if case .failure(let reason) = await ask({ try await $0.now() }) {
            let rest: [DoctorCheck.Name] = [.databaseClock, .deliveries, .missed, .ping]
            let fault = DoctorCheck.fault(.database, reason.description, advice: "see DATABASE_URL")
            return (false, [fault] + rest.map { .unchecked($0, "PostgreSQL does not answer") })
        }
        if case .failure(let reason) = await newestDelivery(), reason.lacksSchema {
            let fault = DoctorCheck.fault(
                .database, "PostgreSQL answers, but Tollgate's schema is not in this database",
                advice: "see whether DATABASE_URL names the right one; if so, run tollgate migrate")
            let rest: [DoctorCheck.Name] = [.databaseClock, .deliveries, .missed, .ping]
            return (false, [fault] + rest.map { .unchecked($0, "the schema is not there") })
        }
        let there = DoctorCheck.good(.database, "PostgreSQL answers")
        let start = WallClock.now
        switch await ask({ try await $0.now() }) {
        case .success(let time):
            let reading = ClockDiagnosis.Reading(time, from: start, to: WallClock.now)
            return (true, [there, ClockDiagnosis.database(reading, stripe: stripe)])
        case .failure(let reason): return (true, [there, .unchecked(.databaseClock, reason.description)])
        }
    }

    func newestDelivery() async -> Result<Timestamp?, Reason> { await ask { try await $0.newestDelivery() } }

    func delivered(_ events: [String]) async -> Result<Set<String>, Reason> {
        await ask { try await $0.delivered(events) }
    }

    func lookAtMissed(now: Timestamp) async -> DoctorCheck {
        switch await ask({ [accounts] in try await $0.missed(of: accounts) }) {
        case .success(let missed):
            DeliveryDiagnosis.missed(
                missed.count, unprocessed: missed.unprocessed, foundAt: missed.foundAt,
                deliveredAt: missed.deliveredAt, comparedAt: missed.comparedAt, now: now)
        case .failure(let reason): .unchecked(.missed, reason.description)
        }
    }

    /// - Parameter event: the id of the event that the ping sends.
    func awaitPing(_ event: String, of destination: String) async -> DoctorCheck {
        let end = ContinuousClock.now + Self.pingTime
        while ContinuousClock.now < end {
            switch await ask({ try await $0.holds(event) }) {
            case .success(true): return .good(.ping, "a ping of \(destination) arrived in the inbox")
            case .success(false): break
            case .failure(let reason): return .unchecked(.ping, reason.description)
            }
            // Cancelled, it ends at once; the doctor is ended by its process.
            try? await Task.sleep(for: Self.pause)
        }
        return .fault(
            .ping, "a ping of \(destination) did not arrive within \(Self.pingTime.components.seconds) s",
            advice: "look at its deliveries in Workbench, and whether its secret is in STRIPE_WEBHOOK_SECRET")
    }

    private func ask<Value: Sendable>(
        _ body: (DiagnosisStore) async throws -> Value
    ) async -> Result<Value, Reason> {
        do {
            return .success(try await body(store))
        } catch let error as PostgresError {
            let words = UnreachableDatabase(error, configuration).map { "\($0)" } ?? error.loggable
            // The table, or its schema, does not exist.
            return .failure(Reason(description: words, lacksSchema: ["42P01", "3F000"].contains(error.sqlState)))
        } catch {
            return .failure(Reason(description: "\(error)"))
        }
    }
}
