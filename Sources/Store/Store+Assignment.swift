import Billing
import Notation
import Postgres

extension Store {
    /// What became of an operator's wish to assign a purchase.
    package enum AssignmentResult: Sendable {
        /// As it is now, by this request or one before; and whose it was, where this request took it from somebody.
        case assigned(PurchaseRecord, takenFrom: Taking?)
        /// No event has named the object.
        case unknown
        /// Stripe's objects say that it is another customer's.
        case isOf(String)
        /// Nothing says how many credits it buys.
        case noCredits
        /// Its money has not come.
        case unpaid
        case overflow(BalanceOverflow)
    }

    /// What a purchase's move to another customer did to the one whose it was.
    package struct Taking: Sendable {
        /// How many credits of it the ledger held for that customer.
        package let credits: Int64
        /// That customer's answer since.
        package let access: AccessAnswer
    }

    /// Makes a purchase a customer's, and where `credits` is given says how many it buys. An operator's word stands above
    /// what Stripe's objects say later. Repeated, it changes nothing; with another customer the later word counts, and the
    /// one before loses the credits.
    /// - Parameters:
    ///   - object: any payment intent, charge, Checkout session or invoice of it.
    ///   - credits: 1 to 10^15; nil where its objects say how many.
    package func assign(
        _ object: String,
        to customer: String,
        credits: Int64?,
        reason: String,
        operator name: String,
        policy: Policy
    ) async throws -> AssignmentResult {
        try await reads.transaction { [accessChanges] connection in
            // Purchases stay for good: what is there now is there when it is locked. Locking alone would make one.
            guard try Self.purchase(of: object, connection) != nil else { return .unknown }
            var purchases = PurchaseRows(connection)
            var books = try purchases.lock([object])
            let now = try connection.execute("SELECT clock_timestamp()").first?.decode(Timestamp.self)
            guard let now, let purchase = books.purchase(of: object) else { return .unknown }
            let assignment: PurchaseFacts.Assignment
            switch purchase.facts.judge(
                customer: customer, credits: credits, reason: reason, operator: name, at: now)
            {
            case .assign(let fitting): assignment = fitting
            case .unchanged:
                return try Self.purchase(of: object, connection).map { .assigned($0, takenFrom: nil) } ?? .unknown
            case .isOf(let other): return .isOf(other)
            case .noCredits: return .noCredits
            case .unpaid: return .unpaid
            }
            var accounts = AccountRows(connection, telling: accessChanges)
            books.open(
                try accounts.lock(books.customers(concernedBy: assignment, of: object)).values)
            do throws(BalanceOverflow) {
                try books.assign(object, assignment, at: accounts.now, policy: policy)
            } catch {
                return .overflow(error)
            }
            try accounts.save(books.accounts.values)
            try purchases.save(books)
            var taking: Taking?
            if let former = purchase.facts.customer, former != customer {
                taking = try AccessReader.answers(of: [former], connection)[former].map {
                    Taking(credits: purchase.given[former] ?? 0, access: $0)
                }
            }
            return try Self.purchase(of: object, connection).map { .assigned($0, takenFrom: taking) } ?? .unknown
        }
    }
}
