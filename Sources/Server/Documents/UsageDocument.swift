// SPDX-License-Identifier: Apache-2.0

import API
import Metering
import Store

/// What became of reported calls, as gateways and operators see it.
enum UsageDocument {
    /// - Parameter outcome: nil if the database refuses the report itself.
    static func outcome(of report: UsageReport, _ outcome: UsageOutcome?) -> Object<UsageAPI.Outcome> {
        Object {
            $0.id = report.id
            $0.error = nil
            $0.receipt = nil
            switch outcome {
            case .recorded(let receipt)?:
                $0.outcome = .recorded
                $0.receipt = self.receipt(receipt, hold: report.hold)
            case .duplicate(let receipt)?:
                $0.outcome = .duplicate
                $0.receipt = self.receipt(receipt, hold: report.hold)
            case .quarantined(_, let error)?:
                $0.outcome = .quarantined
                $0.error = error
            case .conflict?:
                $0.outcome = .conflict
                $0.error = "the id was charged for another report: ids are never used twice"
            case .discarded?:
                $0.outcome = .duplicate
                $0.error = "an operator has decided that it is never charged"
            case nil:
                $0.outcome = .invalid
                $0.error = "the database refuses it: see Tollgate's log"
            }
        }
    }

    /// - Parameter id: as it was sent.
    static func invalid(_ id: String?, _ error: String?) -> Object<UsageAPI.Outcome> {
        Object {
            $0.id = id.flatMap { UsageAPI.Path.form.content.id.admits($0) ? $0 : nil }
            $0.outcome = .invalid
            $0.error = error
            $0.receipt = nil
        }
    }

    static func receipt(_ receipt: Metering.Receipt, hold: String?) -> Object<UsageAPI.Receipt> {
        Object {
            $0.cost = receipt.cost.description
            $0.charge = receipt.charge.description
            $0.credits = receipt.credits
            $0.remainder = receipt.remainder.description
            $0.rate = receipt.rate
            $0.plan = receipt.plan
            $0.lines = receipt.lines.map { line(of: receipt, $0) }
            $0.hold = hold
        }
    }

    private static func line(of receipt: Metering.Receipt, _ line: ReceiptLine) -> Object<UsageAPI.Line> {
        Object {
            $0.pool = line.pool.name
            $0.quantity = line.quantity
            $0.rate = line.rate.description
            $0.cost = line.cost.description
            $0.factors = line.factors.isEmpty ? nil : line.factors.mapValues(\.description)
            let isOther = line.version != receipt.rate
            $0.model = isOther ? line.model : nil
            $0.version = isOther ? line.version : nil
        }
    }

    static func page(_ found: [QuarantineRecord], limit: Int) -> Object<UsageAPI.Page> {
        Object {
            $0.data = found.prefix(limit).map(quarantined)
            $0.hasMore = found.count > limit
        }
    }

    static func quarantined(_ record: QuarantineRecord) -> Object<UsageAPI.Quarantined> {
        Object {
            $0.id = record.id
            $0.status =
                switch record.status {
                case .quarantined: .quarantined
                case .recorded: .recorded
                case .discarded: .discarded
                }
            $0.customer = record.customer
            $0.key = record.key
            $0.reason = record.reason
            $0.error = record.error
            $0.attempts = record.attempts
            $0.receivedAt = record.receivedAt
            $0.triedAt = record.triedAt
            $0.operator = record.operator
            $0.note = record.note
            $0.report = record.report
        }
    }
}
