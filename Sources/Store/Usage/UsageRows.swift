// SPDX-License-Identifier: Apache-2.0

import Billing
import Metering
import Notation
import Postgres

/// Reported calls in one transaction: each is found to be known, or is priced, charged and kept.
struct UsageRows {
    /// A report of before.
    private enum Before {
        case charged(digest: [UInt8], Metering.Receipt)
        case quarantined
        case discarded(digest: [UInt8])
    }

    private let policies: UsageStore.Policies
    private var balances: LockedBalances
    private var before: [String: Before] = [:]
    private var accounts: [String: UsageAccount] = [:]
    private var prices: [String: [String]] = [:]
    private var charged: [StoredUsage] = []
    private var quarantined: [String: StoredQuarantine] = [:]
    private var wasQuarantined: Set<String> = []
    private var sums = UsageSums()

    private init(_ policies: UsageStore.Policies, _ balances: LockedBalances) {
        self.policies = policies
        self.balances = balances
    }

    /// - Parameter timeout: how long to wait for accounts that somebody else has locked; nil for not at all.
    /// - Returns: what came of each, in order; nil for those that were not waited for.
    static func record(
        _ batch: [ReportedUsage], _ policies: UsageStore.Policies, _ tariffs: TariffReader, _ changes: Announcements,
        _ connection: Connection, waitingFor timeout: Duration?
    ) throws -> [Result<UsageOutcome, any Error>?] {
        let perform = { (batch: [ReportedUsage]) in
            try AccountBatch.perform(batch, connection) { batch, connection in
                try record(batch, policies, tariffs, changes, connection, timeout)
            }
        }
        return try zip(batch, perform(batch)).map { reported, result in
            // Another process was faster with the same id, for another customer: now it can be seen.
            guard case .failure(let error as PostgresError) = result, error.isUniqueViolation else { return result }
            return try perform([reported])[0]
        }
    }

    private static func record(
        _ batch: [ReportedUsage], _ policies: UsageStore.Policies, _ tariffs: TariffReader, _ changes: Announcements,
        _ connection: Connection, _ timeout: Duration?
    ) throws -> [UsageOutcome?] {
        // Whoever approves rates waits for this, and this sees the rates of whoever came before: what is charged by older
        // ones is there when it is looked for.
        try connection.execute("LOCK TABLE tollgate.rate IN ROW EXCLUSIVE MODE")
        let owners = try KeyOwners(of: batch, livemode: policies.access.livemode, connection)
        let customers = Set(batch.compactMap { owners.customer(of: $0.report) })
        let holds = batch.compactMap { reported in
            owners.customer(of: reported.report).flatMap { customer in
                reported.report.hold.map { LockedBalances.Named(customer: customer, id: $0) }
            }
        }
        var balances = LockedBalances(connection, telling: changes, policy: policies.access)
        try balances.lock(customers, holds: holds, debits: [], waitingFor: timeout)
        try balances.create(customers)
        var rows = UsageRows(policies, balances)
        try rows.load(batch, customers, connection)
        let tariff = try tariffs.tariff(connection)
        let outcomes = try batch.map { reported in try rows.record(reported, owners, tariff) }
        try rows.save()
        return outcomes
    }

    // MARK: Loading

    private mutating func load(_ batch: [ReportedUsage], _ customers: Set<String>, _ connection: Connection) throws {
        let ids = batch.map(\.report.id)
        let (charged, quarantined) = try connection.pipeline { pipeline in
            (
                pipeline.execute(
                    "SELECT \(StoredUsage.receiptColumns) FROM tollgate.usage_record u WHERE u.id = ANY (\(ids))"),
                pipeline.execute(
                    """
                    SELECT id, status, digest FROM tollgate.usage_quarantine
                    WHERE id = ANY (\(ids)) AND status <> 'recorded'
                    """)
            )
        }
        for row in try charged.rows {
            before[try row["id"]] = .charged(digest: try row["digest"], try StoredUsage.receipt(row))
        }
        for row in try quarantined.rows {
            let (id, status): (String, String) = (try row["id"], try row["status"])
            wasQuarantined.insert(id)
            before[id] = status == "discarded" ? .discarded(digest: try row["digest"]) : .quarantined
        }
        accounts = try StoredUsageAccount.load(
            customers, months: Set(batch.map(\.report.at.startOfMonth)), connection)
        prices = try TariffReader.prices(of: customers.sorted(), connection)
    }

    // MARK: Charging

    /// - Returns: nil if somebody else has the account locked.
    private mutating func record(
        _ reported: ReportedUsage, _ owners: KeyOwners, _ tariff: Tariff
    ) throws -> UsageOutcome? {
        let report = reported.report
        let customer = owners.customer(of: report)
        if let customer, balances.lockedOut.contains(customer) { return nil }
        switch before[report.id] {
        case .charged(let digest, let receipt): return digest == reported.digest ? .duplicate(receipt) : .conflict
        case .discarded(let digest) where digest == reported.digest: return .discarded
        case .discarded, .quarantined, nil: break
        }
        do throws(UsageFault) {
            let charge = try charge(report, of: try owners.owner(of: report), by: tariff)
            let stored = StoredUsage(
                customer: charge.customer, reported: reported, charge: charge.charge,
                livemode: policies.access.livemode, recordedAt: balances.now)
            charged.append(stored)
            quarantined[report.id] = nil
            before[report.id] = .charged(digest: reported.digest, charge.charge.receipt)
            return .recorded(charge.charge.receipt)
        } catch {
            quarantined[report.id] = StoredQuarantine(
                reported: reported, customer: customer, fault: error, at: balances.now)
            before[report.id] = .quarantined
            return .quarantined(reason: error.reason.rawValue, error: error.description)
        }
    }

    /// - Throws: `UsageFault`; then nothing has changed.
    private mutating func charge(
        _ report: UsageReport, of customer: String, by tariff: Tariff
    ) throws(UsageFault) -> (customer: String, charge: UsageCharge) {
        var account = accounts[customer] ?? UsageAccount(customer: customer)
        let now = balances.now
        let charge = try account.charge(
            report, by: tariff, prices: prices[customer] ?? [], policy: policies.charges, at: now)
        do throws(BalanceOverflow) {
            _ = try balances.change(customer) { (balance: inout Balance) throws(BalanceOverflow) in
                let entries = balance.newEntries.count
                try balance.charge(charge.receipt.credits, usage: report.id, hold: report.hold, at: now)
                return ((), balance.newEntries.count == entries ? nil : .usage(report.id))
            }
        } catch {
            throw .balance
        }
        sums.add(charge, of: customer)
        accounts[customer] = account
        return (customer, charge)
    }

    // MARK: Saving

    private mutating func save() throws {
        let (charged, quarantined, sums) = (charged, quarantined, sums)
        let resolved = charged.filter { wasQuarantined.contains($0.charge.report.id) }
        let last = Dictionary(charged.map { ($0.customer, $0.charge) }) { $1 }.sorted { $0.key < $1.key }.map {
            StoredUsageAccount(customer: $0.key, number: $0.value.number, carried: $0.value.receipt.remainder)
        }
        try balances.save { pipeline in
            if !charged.isEmpty {
                let rows = StoredUsage.rows
                pipeline.execute(
                    """
                    INSERT INTO tollgate.usage_record (\(rows.columns))
                    SELECT \(rows.columns) FROM \(rows.table(charged))
                    """)
                StoredUsageAccount.save(last, pipeline)
                sums.save(pipeline)
            }
            StoredQuarantine.resolve(resolved, pipeline)
            StoredQuarantine.save(quarantined.values.sorted { $0.reported.report.id < $1.reported.report.id }, pipeline)
        }
    }
}
