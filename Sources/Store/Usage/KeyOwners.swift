// SPDX-License-Identifier: Apache-2.0

import Metering
import Postgres

/// Whose calls were reported: a key is one customer's for ever, also one that is disabled or deleted.
struct KeyOwners {
    private struct Owner {
        let customer: String
        let livemode: Bool
    }

    private let owners: [String: Owner]
    private let livemode: Bool

    /// - Parameter livemode: of this Tollgate.
    init(of batch: [ReportedUsage], livemode: Bool, _ connection: Connection) throws {
        self.livemode = livemode
        let keys = Set(batch.compactMap(\.report.key)).sorted()
        guard !keys.isEmpty else {
            owners = [:]
            return
        }
        let rows = try connection.execute(
            "SELECT id, customer_id, livemode FROM tollgate.api_key WHERE id = ANY (\(keys))")
        var found: [String: Owner] = [:]
        for row in rows {
            found[try row["id"]] = Owner(customer: try row["customer_id"], livemode: try row["livemode"])
        }
        owners = found
    }

    /// Who is charged; nil if nobody can be.
    func customer(of report: UsageReport) -> String? { try? owner(of: report) }

    func owner(of report: UsageReport) throws(UsageFault) -> String {
        guard let key = report.key else {
            guard let customer = report.customer else { throw .unknownKey("") }
            return customer
        }
        guard let owner = owners[key] else { throw .unknownKey(key) }
        guard owner.livemode == livemode else { throw .keyOfOtherMode(key, livemode: owner.livemode) }
        if let customer = report.customer, customer != owner.customer { throw .keyOfAnother(than: customer) }
        return owner.customer
    }
}
