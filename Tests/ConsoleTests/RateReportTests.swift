// SPDX-License-Identifier: Apache-2.0

import API
import Notation
import Testing

@testable import Console

@Suite struct RateReportTests {
    private static let plain = Terminal(isColoured: false)

    private func list(_ versions: JSON) throws -> [String] {
        RateReport.list(try Filled.object(RatesAPI.List.self, ["data": versions]).data, Self.plain)
    }

    @Test func `a rate has its usual prices in columns, and the rest behind them`() throws {
        let rate: JSON = [
            "provider": "anthropic", "model": "m", "effective_at": "2026-01-01T00:00:00Z", "input": "3",
            "cache_read": .number(0.25), "unit:image": "0.04", "batch": "0.5", "geo": ["us": "1.1"],
        ]
        #expect(
            try list([["id": "rate_1", "rate": rate]]) == [
                "PROVIDER   MODEL  SINCE                 INPUT  READ  "
                    + "OTHER                                         VERSION",
                "anthropic  m      2026-01-01T00:00:00Z  3      0.25  "
                    + #"batch 0.5, geo {"us":"1.1"}, unit:image 0.04  rate_1"#,
            ])
        #expect(try list([]) == ["no rates: nothing has a price; see tollgate rates drafts"])
    }

    @Test func `a rate that is none, or writes to terminals, is shown as it is`() throws {
        for rate in [.null, 5, "x", ["model": "\u{1B}[2J", "input": ["a"], "tiers": 5]] as [JSON] {
            let lines = try list([["id": "rate_1", "rate": rate]])
            #expect(lines.count == 2 && lines.allSatisfy { !$0.contains("\u{1B}") })
        }
    }

    @Test func `drafts say who proposed and who approved them`() throws {
        let answer = try Filled.object(
            RatesAPI.DraftList.self,
            [
                "data": [
                    ["id": "rtd_2", "status": "draft", "count": 1, "operator": "bob"],
                    [
                        "id": "rtd_1", "status": "approved", "count": 25, "operator": "tollgate",
                        "approved_by": "alice", "approved_at": "2026-11-26T10:00:00.5Z",
                    ],
                ]
            ])
        #expect(
            RateReport.drafts(answer.data, Self.plain) == [
                "DRAFT  STATUS    RATES  BY        AT                    APPROVED BY  APPROVED AT",
                "rtd_2  draft     1      bob       2026-11-26T09:00:00Z",
                "rtd_1  approved  25     tollgate  2026-11-26T09:00:00Z  alice        2026-11-26T10:00:00Z",
            ])
        #expect(RateReport.drafts([], Self.plain) == ["no drafts"])
    }

    private static let finding: JSON = [
        "kind": "zero", "provider": "a", "model": "m", "pool": "input", "tier_above": 200_000,
        "words": "a price of zero",
    ]
    private static let change: JSON = [
        "provider": "a", "model": "m", "effective_at": "2026-01-01T00:00:00Z", "field": "batch", "after": "0.5",
    ]

    @Test func `a new draft says what to do next`() throws {
        let draft = try Filled.object(
            RatesAPI.Draft.self,
            [
                "id": "rtd_1", "status": "draft", "findings": [Self.finding],
                "rates": [["provider": "a", "model": "m", "effective_at": "2026-01-01T00:00:00Z", "batch": "0.5"]],
                "changes": [Self.change, Self.change],
            ])
        #expect(
            RateReport.draft(draft, Self.plain) == [
                "draft rtd_1: 1 rates, which change 1 models",
                "PROVIDER  MODEL  POOL   TIER          FINDING",
                "a         m      input  above 200000  a price of zero",
                "see: tollgate rates diff rtd_1; then: tollgate rates approve rtd_1",
            ])
    }

    @Test func `a change shows what was and what will be`() throws {
        let preview = try Filled.object(RatesAPI.Preview.self, ["findings": [], "changes": [Self.change]])
        #expect(
            RateReport.changes(preview.changes, Self.plain) == [
                "PROVIDER  MODEL  FROM                  FIELD  BEFORE  AFTER",
                "a         m      2026-01-01T00:00:00Z  batch  none    0.5",
            ])
        #expect(RateReport.changes([], Self.plain) == ["nothing would change"])
        #expect(RateReport.findings([], Self.plain) == ["nothing to point out"])
    }

    @Test func `an approval says what was new`() throws {
        func lines(_ count: Int64, _ added: Int64) throws -> [String] {
            RateReport.approval(
                try Filled.object(
                    RatesAPI.Approval.self,
                    ["id": "rtd_1", "status": "approved", "count": .integer(count), "added": .integer(added)]))
        }
        #expect(try lines(3, 3) == ["rtd_1 is approved: 3 new rates"])
        #expect(try lines(3, 1) == ["rtd_1 is approved: 1 new rates, 2 were in the book already"])
    }

    @Test func `of what was left out, the first are named`() {
        let errors = (1...22).map { FieldError("\"m\($0)\u{1B}\"", "has no price of a token") }
        let lines = RateReport.skipped(errors)
        #expect(lines.count == 22 && lines.first == "left out: 22" && lines.last == "  and 2 more")
        #expect(lines.allSatisfy { !$0.contains("\u{1B}") })
        #expect(RateReport.skipped(Array(errors.prefix(20))).count == 21)
        #expect(RateReport.skipped([]).isEmpty)
    }

    @Test func `a plan is one line`() throws {
        let plan: JSON = [
            "plan": "pro", "version": "plan_1", "markup": "1.33", "bill": "credits", "included": "20",
            "tiers": [["above": "1000", "markup": "1.2"]], "prices": ["price_1", "price_2"], "operator": "alice",
        ]
        let none: JSON = [
            "plan": "default", "version": "plan_0", "markup": "1", "included": "0", "operator": "tollgate",
        ]
        let answer = try Filled.object(PlansAPI.List.self, ["data": [plan, none]])
        #expect(
            PlanReport.list(answer.data, Self.plain) == [
                "PLAN     BILL     MARKUP                INCLUDED  PRICES           SET BY    "
                    + "SINCE                 VERSION",
                "pro      credits  1.33, 1.2 above 1000  20        price_1 price_2  alice     "
                    + "2026-11-26T09:00:00Z  plan_1",
                "default  credits  1                                                tollgate  "
                    + "2026-11-26T09:00:00Z  plan_0",
            ])
        #expect(PlanReport.list([], Self.plain) == ["no plans"])
    }
}
