// SPDX-License-Identifier: Apache-2.0

import API
import Metering
import Store

/// Rates and their drafts as the admin API shows them.
enum RateDocument {
    static func list(_ versions: [RateBook.Version]) -> Object<RatesAPI.List> {
        Object {
            $0.data = versions.map { version in
                Object {
                    $0.id = version.id
                    $0.knownAt = version.knownAt
                    $0.rate = version.rate.json
                }
            }
        }
    }

    static func drafts(_ records: [RateDraftRecord]) -> Object<RatesAPI.DraftList> {
        Object {
            $0.data = records.map { record in
                Object {
                    $0.id = record.id
                    $0.status = status(record)
                    $0.count = Int64(record.count)
                    $0.operator = record.operator
                    $0.createdAt = record.createdAt
                    $0.approvedBy = record.approvedBy
                    $0.approvedAt = record.approvedAt
                }
            }
        }
    }

    static func draft(_ record: RateDraftRecord, _ draft: RateDraft, after state: RateStore.State) -> Object<
        RatesAPI.Draft
    > {
        Object {
            $0.id = record.id
            $0.status = status(record)
            $0.operator = record.operator
            $0.createdAt = record.createdAt
            $0.approvedBy = record.approvedBy
            $0.approvedAt = record.approvedAt
            $0.rates = draft.rates.map(\.json)
            $0.findings = findings(draft, state)
            $0.changes = changes(draft, state.book)
        }
    }

    static func preview(_ draft: RateDraft, after state: RateStore.State) -> Object<RatesAPI.Preview> {
        Object {
            $0.findings = findings(draft, state)
            $0.changes = changes(draft, state.book)
        }
    }

    static func approval(_ record: RateDraftRecord, added: Int) -> Object<RatesAPI.Approval> {
        Object {
            $0.id = record.id
            $0.status = status(record)
            $0.count = Int64(record.count)
            $0.added = Int64(added)
            $0.approvedBy = record.approvedBy ?? ""
            $0.approvedAt = record.approvedAt ?? record.createdAt
        }
    }

    private static func status(_ record: RateDraftRecord) -> RatesAPI.Status {
        record.approvedAt == nil ? .draft : .approved
    }

    private static func findings(_ draft: RateDraft, _ state: RateStore.State) -> [Object<RatesAPI.Finding>] {
        draft.lint(after: state.book, used: state.unpriced).map { finding in
            Object {
                $0.kind = kind(finding.kind)
                $0.provider = finding.provider
                $0.model = finding.model
                $0.pool = finding.pool?.name
                $0.tierAbove = finding.tierAbove
                $0.words = finding.words
            }
        }
    }

    private static func kind(_ kind: RateFinding.Kind) -> RatesAPI.FindingKind {
        switch kind {
        case .negative: .negative
        case .zero: .zero
        case .write1hBelow5m: .write1hBelow5m
        case .readAboveInput: .readAboveInput
        case .outlier: .outlier
        case .missing: .missing
        }
    }

    private static func changes(_ draft: RateDraft, _ book: RateBook) -> [Object<RatesAPI.Change>] {
        draft.changes(from: book).map { change in
            Object {
                $0.provider = change.provider
                $0.model = change.model
                $0.effectiveAt = change.effectiveAt
                $0.field = change.field
                $0.before = change.before ?? .null
                $0.after = change.after ?? .null
            }
        }
    }
}
