// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Metering
import Notation
import Store

/// `/admin/v1/rates`: propose what models cost, look at it, and approve it.
struct RateRoutes: Sendable {
    let rates: RateStore

    func register(on routes: OperationRoutes) {
        routes.on(RatesAPI.list) { call in
            RateDocument.list(try await rates.versions(at: call.parameters.at))
        }
        routes.on(RatesAPI.drafts) { _ in RateDocument.drafts(try await rates.drafts()) }
        routes.on(RatesAPI.propose, or: RatesAPI.Preview.self) { call in
            let draft = try Self.draft(call.body.rates)
            guard call.body.dryRun != true else {
                return .other(RateDocument.preview(draft, after: try await rates.state()))
            }
            let record = try await rates.propose(draft, operator: call.caller)
            return .usual(RateDocument.draft(record, draft, after: try await rates.state()))
        }
        routes.on(RatesAPI.show) { call in
            guard let (record, draft, state) = try await rates.find(call.parameters.id) else {
                throw ProblemDetails.unknownDraft
            }
            return RateDocument.draft(record, draft, after: state)
        }
        routes.on(RatesAPI.approve) { call in
            switch try await rates.approve(call.parameters.id, operator: call.caller) {
            case .approved(let record, let added): return RateDocument.approval(record, added: added)
            case .unknown: throw ProblemDetails.unknownDraft
            case .over(let record):
                let when = record.approvedAt.map { " at \($0)" } ?? ""
                throw ProblemDetails(
                    .draftApproved, "\(record.approvedBy ?? "Somebody") has approved this draft\(when).")
            }
        }
    }

    private static func draft(_ rates: [JSON]) throws(ProblemDetails) -> RateDraft {
        do throws(FieldError) {
            return try RateDraft(tollgate: ["rates": .array(rates)])
        } catch {
            throw ProblemDetails(.invalidField, RouteProblem.words(for: error))
        }
    }
}
