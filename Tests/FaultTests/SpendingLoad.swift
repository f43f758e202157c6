// SPDX-License-Identifier: Apache-2.0

import Notation
import Synchronization
import TestSupport

/// Spending as of gateways: debits, records of calls, holds that are settled for less or more than they keep, that are given back, and that
/// stay open. Of what was not confirmed, half is sent again until it is.
final class SpendingLoad: Sendable {
    /// Few enough that many spend from one balance at once.
    static let customers = (1...5).map { "cus_spending_\($0)" }
    /// Of two lots: the first lapses one day, and is used up under the load.
    static let granted: Int64 = 1_000_000_000
    private static let lapsing: Int64 = 500
    private static let hold: Int64 = 10

    struct Figures: Sendable {
        /// What each step was answered.
        var acknowledged: [SpendingStep: JSON] = [:]
        /// Everything that was sent.
        var sent: Set<SpendingStep> = []
        /// Answers that said that nobody knows.
        var unconfirmed = 0
        /// Answers that none of these steps may get.
        var wrong: [String] = []
        var slowest: Duration = .zero
    }

    private let gateway: SpendingGateway
    private let state = Mutex((figures: Figures(), next: 0, isOver: false))

    private init(_ gateway: SpendingGateway) {
        self.gateway = gateway
    }

    var figures: Figures { state.withLock(\.figures) }

    /// Waits until this many more steps have been acknowledged, so that a fault meets work and not an idle server.
    func advances(by count: Int) async throws {
        let goal = figures.acknowledged.count + count
        try await eventually("\(goal) acknowledged steps") { figures.acknowledged.count >= goal ? true : nil }
    }

    /// Gives the customers their credits. The server runs.
    static func prepare(_ gateway: SpendingGateway) async throws {
        try await gateway.approve(SpendingStep.rates)
        for customer in customers {
            try await gateway.grant(lapsing, to: customer, key: "\(customer)-1", expiresAt: "2099-01-01T00:00:00Z")
            try await gateway.grant(granted - lapsing, to: customer, key: "\(customer)-2", expiresAt: nil)
        }
    }

    /// Spends until `body` is done.
    static func on(
        _ gateway: SpendingGateway, senders: Int = 8, _ body: (SpendingLoad) async throws -> Void
    ) async throws -> Figures {
        let load = SpendingLoad(gateway)
        let spending = Task {
            await withTaskGroup(of: Void.self) { group in
                for sender in 0..<senders { group.addTask { await load.spend(seed: UInt64(sender)) } }
            }
        }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(load))
        } catch {
            result = .failure(error)
        }
        load.state.withLock { $0.isOver = true }
        await spending.value
        try result.get()
        return load.figures
    }

    private var isOver: Bool { state.withLock(\.isOver) }

    private func spend(seed: UInt64) async {
        var random = SeededRandom(seed)
        while !isOver {
            let number = state.withLock { state in
                state.next += 1
                return state.next
            }
            let customer = Self.customers[number % Self.customers.count]
            func step(_ act: SpendingStep.Act, _ amount: Int64) -> SpendingStep {
                SpendingStep(act: act, customer: customer, id: "id_\(number)", amount: amount)
            }
            guard !random.one(in: 3) else {
                _ = await send(step(random.one(in: 2) ? .debit : .usage, random.within(1...5)), &random)
                continue
            }
            guard await send(step(.hold, Self.hold), &random) else { continue }
            switch random.within(1...10) {
            case 1: continue
            case 2: _ = await send(step(.release, 0), &random)
            case 3...6: _ = await send(step(.settle, random.within(1...Self.hold + 2)), &random)
            default: _ = await send(step(.usageOfHold, random.within(1...Self.hold + 2)), &random)
            }
        }
    }

    /// - Returns: whether it was acknowledged.
    private func send(_ step: SpendingStep, _ random: inout SeededRandom) async -> Bool {
        state.withLock { _ = $0.figures.sent.insert(step) }
        let isRepeated = random.one(in: 2)
        repeat {
            let start = ContinuousClock.now
            let answer = await gateway.send(step)
            let took = start.duration(to: .now)
            state.withLock { state in
                state.figures.slowest = max(state.figures.slowest, took)
                switch answer {
                case .done(let body): state.figures.acknowledged[step] = body
                case .unknown(let isAnswer): state.figures.unconfirmed += isAnswer ? 1 : 0
                case .wrong(let answer): state.figures.wrong.append(answer)
                }
            }
            if case .done = answer { return true }
            // No server is listening, or its database is away: a gateway would not hammer it either.
            try? await Task.sleep(for: .milliseconds(20))
            if case .wrong = answer { return false }
        } while isRepeated && !isOver
        return false
    }
}
