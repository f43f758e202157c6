// SPDX-License-Identifier: Apache-2.0

import Billing
import HTTP
import HTTPTypes
import Hummingbird
import Notation
import Store
import Stripe

/// `/admin/v1/customers`: list them, show one, override the flag, grant credits.
struct CustomerRoutes: Sendable {
    let customers: CustomerStore
    let events: EventStore
    let operators: OperatorStore
    let policy: Policy
    let now: @Sendable () -> Timestamp

    /// Of the ledger and of the timeline.
    private static let mostLines = 500

    private struct OverrideRequest: BodyContent {
        static let fields: Set = ["allowed", "reason", "until"]

        let allowed: Bool
        let reason: String
        let until: String?

        init(_ body: BodyObject) throws(ProblemDetails) {
            allowed = try body.bool("allowed")
            reason = try body.string("reason")
            until = try body.optionalString("until")
        }
    }

    private struct CreditsRequest: BodyContent {
        static let fields: Set = ["amount", "reason"]

        let amount: Int64
        let reason: String

        init(_ body: BodyObject) throws(ProblemDetails) {
            amount = try body.integer("amount")
            reason = try body.string("reason")
        }
    }

    func register(on routes: AdminRoutes) {
        routes.get(
            "/admin/v1/customers", parameters: ["allowed", "reason", "changed_after", "limit", "starting_after"]
        ) { request, _ in try await list(Query(request)) }
        routes.get("/admin/v1/customers/{customer}", parameters: ["limit"]) { request, context in
            let customer = try context.id("customer")
            let limit = try Query(request).limit(Self.mostLines) ?? Self.mostLines
            guard let statement = try await customers.statement(of: customer, latest: limit) else {
                throw try await unknown(customer)
            }
            return Response.document(CustomerDocument.statement(statement, policy: policy))
        }
        routes.put("/admin/v1/customers/{customer}/override", body: .json) { request, context in
            try await setOverride(request, context)
        }
        routes.delete("/admin/v1/customers/{customer}/override") { _, context in
            let customer = try context.id("customer")
            let answer = try await operators.clearOverride(
                of: customer,
                operator: context.operatorLabel,
                policy: policy
            )
            guard let answer else { throw try await unknown(customer) }
            return Response.document(CustomerDocument.cleared(answer.access, wasSet: answer.wasSet))
        }
        routes.post("/admin/v1/customers/{customer}/credits", body: .json) { request, context in
            try await grantCredits(request, context)
        }
    }

    private func unknown(_ customer: String) async throws -> ProblemDetails {
        .unknownCustomer(customer, namedBy: try await events.outcomes(naming: customer))
    }

    private func list(_ query: Query) async throws -> Response {
        let filter = CustomerFilter(
            allowed: try query.value("allowed", "true or false", Bool.init),
            reason: try query.value(
                "reason", "one of \(Reason.allCases.map(\.rawValue).joined(separator: ", "))", Reason.init),
            changedAfter: try query.value("changed_after", EventCriteria.timeForm, EventCriteria.time),
            startingAfter: try query.value("starting_after", "an id") { ID.isValid($0) ? $0 : nil }
        )
        let (page, hasMore) = try await customers.list(filter, limit: try query.limit)
        return .document(["data": .array(page.map(CustomerDocument.line)), "has_more": .bool(hasMore)])
    }

    private func setOverride(_ request: Request, _ context: AdminContext) async throws -> Response {
        let customer = try context.id("customer")
        let wanted = try await request.decodeBody(OverrideRequest.self)
        let until = try wanted.until.map { text throws(ProblemDetails) in
            guard let until = Timestamp(rfc3339: text) else {
                throw .invalidField("until", "must be a time such as 2026-11-26T09:00:00Z, or null")
            }
            // One that ends at once is a slip of the pen, not a wish.
            guard until > now() else { throw .invalidField("until", "must lie in the future") }
            return until
        }
        let answer = try await operators.setOverride(
            of: customer,
            allowed: wanted.allowed,
            reason: try ReasonText.check(wanted.reason),
            until: until,
            operator: context.operatorLabel,
            policy: policy
        )
        guard let answer else { throw ProblemDetails.unknownCustomer }
        return .document(CustomerDocument.access(answer.access, isNew: answer.isNew))
    }

    private func grantCredits(_ request: Request, _ context: AdminContext) async throws -> Response {
        let customer = try context.id("customer")
        let key = try Self.idempotencyKey(of: request)
        let wanted = try await request.decodeBody(CreditsRequest.self)
        let limit: Int64 = 1_000_000_000_000_000
        guard wanted.amount != 0, (-limit...limit).contains(wanted.amount) else {
            throw ProblemDetails.invalidField("amount", "must be a whole number from -10^15 to 10^15, and not 0")
        }
        let result = try await operators.grant(
            wanted.amount,
            to: customer,
            reason: try ReasonText.check(wanted.reason),
            key: key,
            operator: context.operatorLabel,
            policy: policy
        )
        switch result {
        case .granted(let grant):
            return .document(CustomerDocument.grant(grant))
        case .keyReused:
            throw ProblemDetails.conflict(
                code: "idempotency_key_reused",
                detail: "This Idempotency-Key stands for another grant: use a new key for a new one."
            )
        case .overflow(let error):
            throw ProblemDetails.conflict(code: "balance_out_of_range", detail: "\(error)")
        }
    }

    private static func idempotencyKey(of request: Request) throws(ProblemDetails) -> String {
        guard let name = HTTPField.Name("Idempotency-Key"), let key = request.headers[name], !key.isEmpty else {
            throw .badRequest(
                code: "missing_idempotency_key",
                detail: "Send an Idempotency-Key header: the same key never grants twice."
            )
        }
        guard key.utf8.count <= 255, key.isVisibleASCII else {
            throw .badRequest(
                code: "invalid_idempotency_key",
                detail: "The Idempotency-Key must be 1 to 255 printable ASCII characters without spaces."
            )
        }
        return key
    }
}
