// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import Notation
import Store

/// Customers as the gateway and the admin API show them.
enum CustomerDocument {
    /// The gateway's answer.
    /// - Parameter isStale: whether it comes from memory because the database is unavailable.
    static func access(_ answer: AccessAnswer, isStale: Bool = false) -> JSON {
        Object<AccessAPI.Access> {
            $0.set(answer)
            $0.customer = answer.customer
            $0.stale = isStale ? true : nil
        }.json
    }

    static func page(_ answers: [AccessAnswer], hasMore: Bool) -> Object<CustomersAPI.Page> {
        Object {
            $0.data = answers.map { answer in
                Object {
                    $0.set(answer)
                    $0.customer = answer.customer
                    $0.changedAt = answer.changedAt
                }
            }
            $0.hasMore = hasMore
        }
    }

    static func statement(
        _ statement: CustomerStatement,
        _ balance: BalanceRecord,
        policy: Policy
    ) -> Object<CustomersAPI.Statement> {
        let subscriptions = Dictionary(statement.subscriptions.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        return Object {
            $0.customer = statement.answer.customer
            $0.decision = Object {
                $0.set(statement.answer)
                $0.changedAt = statement.answer.changedAt
            }
            $0.held = balance.held
            $0.available = balance.available
            $0.lots = balance.lots.map(BalanceDocument.lot)
            $0.deleted = statement.isDeleted
            $0.override = statement.override.map(override)
            $0.subscriptions = statement.subscriptions.map(subscription)
            $0.invoices = statement.invoices.map { invoice($0, subscriptions, policy) }
            $0.invoicesHasMore = statement.hasMoreInvoices
            $0.purchases = statement.purchases.map { PurchaseDocument.purchase($0) }
            $0.purchasesHasMore = statement.hasMorePurchases
            $0.ledger = statement.ledger.map(ledger)
            $0.ledgerHasMore = statement.hasMoreLedger
            $0.timeline = statement.timeline.map(timeline)
            $0.timelineHasMore = statement.hasMoreTimeline
        }
    }

    /// The answer to an override.
    /// - Parameter isNew: whether nothing had named the customer before: a typing error must be visible.
    static func overridden(_ answer: AccessAnswer, isNew: Bool) -> Object<CustomersAPI.Overridden> {
        Object {
            $0.set(answer)
            $0.customer = answer.customer
            $0.created = isNew ? true : nil
        }
    }

    /// The answer to an override's end.
    static func cleared(_ answer: AccessAnswer, wasSet: Bool) -> Object<CustomersAPI.Cleared> {
        Object {
            $0.set(answer)
            $0.customer = answer.customer
            $0.cleared = wasSet
        }
    }

    static func grant(_ grant: CreditGrant) -> Object<CustomersAPI.Grant> {
        Object {
            $0.customer = grant.customer
            $0.amount = grant.amount
            $0.reason = grant.reason
            $0.balance = grant.balance
            $0.number = grant.number
            $0.at = grant.at
            $0.expiresAt = grant.expiresAt
            $0.created = grant.isOfNewCustomer ? true : nil
        }
    }

    /// - Parameter entries: the newest first.
    static func ledger(_ entries: [LedgerEntry], hasMore: Bool) -> Object<CustomersAPI.Ledger> {
        Object {
            $0.data = entries.map(ledger)
            $0.hasMore = hasMore
        }
    }

    static func ledger(_ line: LedgerEntry) -> Object<CustomersAPI.LedgerLine> {
        Object {
            $0.customer = line.customer
            $0.number = line.entry.number
            $0.amount = line.entry.amount
            $0.balance = line.entry.balance
            $0.kind = line.entry.kind.rawValue
            $0.businessKey = line.entry.businessKey
            $0.at = line.at
            $0.event = nil
            $0.operator = nil
            $0.reason = nil
            $0.hold = nil
            $0.debit = nil
            $0.usage = nil
            $0.expiresAt = line.entry.expiresAt
            $0.lots = line.entry.lots.sorted { $0.key < $1.key }.map { id, amount in
                Object {
                    $0.id = id
                    $0.amount = amount
                }
            }
            switch line.entry.cause {
            case .event(let id): $0.event = id
            case .operator(let name, let note):
                $0.operator = name
                $0.reason = note
            case .hold(let id): $0.hold = id
            case .debit(let id): $0.debit = id
            case .usage(let id): $0.usage = id
            case .time, .configuration: break
            }
        }
    }

    static func timeline(_ line: TimelineEntry) -> Object<CustomersAPI.Change> {
        Object {
            $0.at = line.change.at
            $0.customer = line.customer
            $0.allowed = line.change.decision.allowed
            $0.reason = line.change.decision.reason.rawValue
            $0.until = line.change.decision.until
            $0.version = line.change.version
            $0.cause = cause(line.change.cause)
        }
    }

    private static func cause(_ cause: Cause) -> Object<CustomersAPI.Cause> {
        Object {
            switch cause {
            case .event(let id):
                $0.kind = CustomersAPI.CauseWord.event.rawValue
                $0.event = id
            case .operator(let name, let note):
                $0.kind = CustomersAPI.CauseWord.operator.rawValue
                $0.operator = name
                $0.note = note
            case .hold(let id):
                $0.kind = CustomersAPI.CauseWord.hold.rawValue
                $0.hold = id
            case .debit(let id):
                $0.kind = CustomersAPI.CauseWord.debit.rawValue
                $0.debit = id
            case .usage(let id):
                $0.kind = CustomersAPI.CauseWord.usage.rawValue
                $0.usage = id
            case .time: $0.kind = CustomersAPI.CauseWord.time.rawValue
            case .configuration: $0.kind = CustomersAPI.CauseWord.configuration.rawValue
            }
        }
    }

    private static func override(_ override: Override) -> Object<CustomersAPI.Override> {
        Object {
            $0.allowed = override.allowed
            $0.reason = override.reason
            $0.until = override.until
            $0.operator = override.operator
            $0.createdAt = override.setAt
        }
    }

    private static func subscription(_ subscription: Billing.Subscription) -> Object<CustomersAPI.Subscription> {
        Object {
            $0.id = subscription.id
            $0.status = subscription.status?.rawValue
            $0.paid = !subscription.payments.isEmpty
            $0.paidThrough = subscription.payments.coverage?.end
            $0.paidPeriodEndsAt = subscription.paidPeriodEnd
            $0.suspended = subscription.history?.suspension != nil
            $0.resumesAt = subscription.history?.suspension?.resumesAt
        }
    }

    private static func invoice(
        _ invoice: Billing.Invoice,
        _ subscriptions: [String: Billing.Subscription],
        _ policy: Policy
    ) -> Object<CustomersAPI.Invoice> {
        let isInGrace = invoice.status < .void && invoice.hasFailed(among: subscriptions)
        return Object {
            $0.id = invoice.id
            $0.status = invoice.status.rawValue
            $0.subscription = invoice.subscription
            $0.billingReason = invoice.billingReason
            $0.collectionMethod = invoice.collectionMethod?.rawValue
            $0.firstFailedAt = invoice.firstFailedAt
            $0.graceEndsAt = isInGrace ? invoice.graceEnd(policy) : nil
            $0.isDebt = invoice.isDebt(among: subscriptions, policy)
        }
    }
}
