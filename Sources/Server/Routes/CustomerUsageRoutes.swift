// SPDX-License-Identifier: Apache-2.0

import API
import Gateway
import HTTP
import Hummingbird
import Metering
import Notation
import Store

/// `/v1/customers/{customer}/usage` and `…/statement`: what a customer may see of its calls. Operators have the same routes
/// below `/admin`.
struct CustomerUsageRoutes: Sendable {
    let usage: UsageReader
    let reads: GatewayReads
    /// How long the reader of a statement may read nothing.
    let stallTime: Duration
    let now: @Sendable () -> Timestamp
    /// Statements that are being sent: each waits for its turn at the database again and again.
    private let places = FeedPlaces(16)

    init(
        usage: UsageReader, reads: GatewayReads, stallTime: Duration, now: @escaping @Sendable () -> Timestamp
    ) {
        self.usage = usage
        self.reads = reads
        self.stallTime = stallTime
        self.now = now
    }

    func register(on routes: OperationRoutes) {
        register(on: routes, CustomerUsageAPI.sums, CustomerUsageAPI.record, StatementsAPI.show)
    }

    func registerForOperators(on routes: OperationRoutes) {
        register(
            on: routes, CustomerUsageAPI.sumsForOperators, CustomerUsageAPI.recordForOperators,
            StatementsAPI.showForOperators)
    }

    private func register(
        on routes: OperationRoutes,
        _ sums: Operation<CustomerUsageAPI.Parameters, Nothing, CustomerUsageAPI.Usage>,
        _ record: Operation<CustomerUsageAPI.RecordPath, Nothing, CustomerUsageAPI.Record>,
        _ statement: Operation<StatementsAPI.Parameters, Nothing, Nothing>
    ) {
        routes.on(sums) { call in try await self.sums(call.parameters) }
        routes.on(record) { call in
            let wanted = call.parameters
            switch try await reads({ try await usage.record(wanted.id, of: wanted.customer) }) {
            case .record(let record): return CustomerUsageDocument.record(record)
            case .unknownRecord: throw ProblemDetails.unknownUsage
            case .unknownCustomer: throw ProblemDetails.unknownCustomer
            }
        }
        routes.on(raw: statement) { call in
            try await self.statement(call.parameters, accept: AcceptHeader(call.accept), call.client)
        }
    }

    // MARK: Sums

    private func sums(
        _ wanted: Object<CustomerUsageAPI.Parameters>
    ) async throws -> Object<CustomerUsageAPI.Usage> {
        let customer = wanted.customer
        let span = try Self.span(from: wanted.from, to: wanted.to, at: now())
        let grouping: UsageReader.Grouping =
            switch wanted.groupBy {
            case .day: .day
            case .model: .model
            case .key: .key
            }
        let found = try await reads {
            try await usage.usage(
                of: customer, from: span.from, to: span.to, groupedBy: grouping, atMost: CustomerUsageAPI.groupLimit)
        }
        guard let found else { throw ProblemDetails.unknownCustomer }
        return CustomerUsageDocument.sums(
            found.groups, isTruncated: found.isTruncated, of: customer, from: span.from, to: span.to, by: wanted.groupBy
        )
    }

    /// Without an end, until today; without a beginning, since that of the month of the last day.
    private static func span(
        from: Timestamp?, to: Timestamp?, at now: Timestamp
    ) throws(ProblemDetails) -> (from: Timestamp, to: Timestamp) {
        let day = Duration.seconds(86_400)
        let end = to ?? now.startOfDay + day
        let start = from ?? (end - day).startOfMonth
        guard start < end else {
            throw ProblemDetails(.emptySpan, "The day `to`, which is \(end), is not after the day `from`.")
        }
        return (start, end)
    }

    // MARK: Statements

    private func statement(
        _ wanted: Object<StatementsAPI.Parameters>, accept: AcceptHeader, _ client: ClientConnection
    ) async throws -> Response {
        let offers = StatementsAPI.MediaType.allCases.map(\.rawValue)
        guard let type = accept.preferred(of: offers).flatMap(StatementsAPI.MediaType.init) else {
            throw ProblemDetails(.notAcceptable, "This is there as \(offers.joined(separator: ", ")).")
        }
        guard let place = places.take() else {
            throw ProblemDetails.serviceUnavailable(detail: "Too many statements are being sent.", retryAfter: 5)
        }
        let (customer, month) = (wanted.customer, wanted.month ?? UTCMonth(containing: now()))
        let found = try await reads {
            try await usage.statement(of: customer, month, atMost: StatementStream.pageSize)
        }
        guard let found else { throw ProblemDetails.unknownCustomer }
        let stream = StatementStream(
            usage: usage, reads: reads, client: client, stallTime: stallTime, place: place, statement: found.statement)
        switch type {
        case .json: return stream.response(found.lines, as: StatementDocument())
        case .csv: return stream.response(found.lines, as: StatementCSV(found.statement))
        case .html: return stream.response(found.lines, as: StatementPage())
        }
    }
}
