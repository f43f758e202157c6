// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import Metering
import Metrics
import Notation
import Store
import Telemetry

/// `/v1/usage` and `/admin/v1/usage`: what calls have used is charged, or waits for somebody to mend what is wrong.
struct UsageRoutes: Sendable {
    let requests: UsageRequests
    let quarantine: QuarantineStore
    private let counters: MetricHandles<UsageAPI.OutcomeWord, Counter>

    init(of stores: ListenerStores, _ policy: Policy, _ charges: ChargePolicy, _ metrics: any MetricsFactory) {
        let words = UsageAPI.OutcomeWord.allCases
        counters = MetricHandles(words) { Metric.usageRecords.counter($0.rawValue, in: metrics) }
        for word in words { counters[word].increment(by: 0) }
        requests = UsageRequests(
            usage: stores.usage, policies: UsageStore.Policies(access: policy, charges: charges),
            outages: stores.outages)
        quarantine = stores.quarantine
    }

    func hot(_ shared: SpendingRoute.Shared) -> LargeBodyRoute {
        LargeBodyRoute(UsageAPI.record, shared, outages: requests.outages) { try await record($0.records) }
    }

    func register(on routes: OperationRoutes) {
        routes.on(UsageAPI.list) { call in
            let wanted = call.parameters
            let found = try await quarantine.list(
                status: wanted.status.flatMap { QuarantineRecord.Status(rawValue: $0.rawValue) },
                customer: wanted.customer, limit: wanted.limit, after: wanted.startingAfter)
            return UsageDocument.page(found, limit: wanted.limit)
        }
        routes.on(UsageAPI.replay) { call in
            guard let record = try await quarantine.find(call.parameters.id) else { throw ProblemDetails.unknownUsage }
            guard record.status == .quarantined else { throw Self.over(record) }
            return try await replay(record, operator: call.caller)
        }
        routes.on(UsageAPI.discard) { call in
            switch try await quarantine.discard(
                call.parameters.id, because: call.body.reason, operator: call.caller)
            {
            case .discarded(let record): return UsageDocument.quarantined(record)
            case .unknown: throw ProblemDetails.unknownUsage
            case .over(let record): throw Self.over(record)
            }
        }
    }

    // MARK: Gateways

    /// Each as if it had come alone.
    private func record(_ items: [JSON]) async throws(ProblemDetails) -> Object<UsageAPI.Outcomes> {
        var reports: [ReportedUsage] = []
        var read: [Result<Void, ProblemDetails>] = []
        for item in items {
            do throws(ProblemDetails) {
                reports.append(try Self.report(item))
                read.append(.success(()))
            } catch {
                read.append(.failure(error))
            }
        }
        let outcomes = try await requests.outcomes(of: reports)
        var rest = zip(reports, outcomes).makeIterator()
        let data: [Object<UsageAPI.Outcome>] = zip(items, read).map { item, result in
            switch result {
            case .failure(let problem): UsageDocument.invalid(item["id"]?.string, problem.detail)
            case .success:
                rest.next().map { UsageDocument.outcome(of: $0.0.report, $0.1) }
                    ?? UsageDocument.invalid(nil, ProblemDetails.internalError.detail)
            }
        }
        for outcome in data { counters[outcome.outcome].increment() }
        return Object { $0.data = data }
    }

    private static func report(_ item: JSON) throws(ProblemDetails) -> ReportedUsage {
        let wanted: Object<UsageAPI.Item> = try RequestReader.element(item)
        guard !wanted.id.hasPrefix(UsageCorrection.idPrefix) else {
            throw ProblemDetails(
                .invalidField, "The field `id` begins with \(UsageCorrection.idPrefix), as corrections do.")
        }
        guard wanted.customer != nil || wanted.key != nil else {
            throw ProblemDetails(.missingField, "One of \"customer\" and \"key\" is missing.")
        }
        guard let reported = ReportedUsage(UsageReport(wanted)) else { throw .internalError }
        return reported
    }

    // MARK: Operators

    private func replay(
        _ record: QuarantineRecord, operator caller: String
    ) async throws(ProblemDetails) -> Object<UsageAPI.Outcome> {
        let report: UsageReport
        do throws(FieldError) {
            report = try UsageReport(record.report)
        } catch {
            throw .internalError
        }
        guard let reported = ReportedUsage(report, replayedBy: caller) else { throw .internalError }
        guard let outcome = try await requests.outcomes(of: [reported]).first else { throw .internalError }
        return UsageDocument.outcome(of: report, outcome)
    }

    private static func over(_ record: QuarantineRecord) -> ProblemDetails {
        let words =
            record.status == .recorded
            ? "It was charged at \(record.triedAt)."
            : "\(record.operator ?? "Somebody") has discarded it."
        return ProblemDetails(.usageNotQuarantined, words)
    }
}

extension UsageReport {
    fileprivate init(_ wanted: Object<UsageAPI.Item>) {
        let dialect: UsageRecord.Dialect =
            switch wanted.dialect {
            case .anthropic: .anthropic
            case .openai: .openai
            case .tokens: .tokens
            }
        let status: UsageRecord.Status =
            switch wanted.status {
            case .ok?, nil: .ok
            case .failed?: .failed
            case .aborted?: .aborted
            case .refused?: .refused
            }
        self.init(
            id: wanted.id, customer: wanted.customer, key: wanted.key,
            call: UsageRecord(
                provider: wanted.provider, dialect: dialect, model: wanted.model, usage: wanted.usage,
                isBatch: wanted.batch ?? false, status: status),
            at: wanted.at, hold: wanted.hold)
        guard let details = wanted.request else { return }
        request.session = details.session
        request.contentLength = details.contentLength
        request.responseLength = details.responseLength
        request.labels = details.labels ?? [:]
    }
}
