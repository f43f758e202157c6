// SPDX-License-Identifier: Apache-2.0

import API
import Notation
import Testing

@testable import Console

@Suite struct ReportTests {
    private static let plain = Terminal(isColoured: false)

    private func customer(_ members: JSON) throws -> [String] {
        CustomerReport.show(try Filled.object(CustomersAPI.Statement.self, members), Self.plain)
    }

    private func event(_ members: JSON) throws -> [String] {
        EventReport.show(try Filled.object(EventsAPI.Detail.self, members), Self.plain)
    }

    private func events(_ lines: JSON) throws -> [String] {
        EventReport.list(try Filled.object(EventsAPI.Page.self, ["data": lines]).data, Self.plain)
    }

    @Test func `a blocked customer's report begins with why`() throws {
        let answer: JSON = [
            "customer": "cus_1",
            "decision": [
                "allowed": false, "reason": "payment_overdue", "until": .null, "credits": 0, "version": 7,
                "changed_at": "2026-11-26T09:00:00Z",
            ],
            "override": .null,
            "subscriptions": [["id": "sub_1", "status": "past_due"]],
            "invoices": [
                [
                    "id": "in_1", "status": "open", "is_debt": true, "first_failed_at": "2026-11-23T09:00:00Z",
                    "grace_ends_at": "2026-11-26T09:00:00Z",
                ]
            ],
            "ledger": [
                ["number": 2, "amount": -500, "balance": 0, "kind": "refund", "at": "2026-11-21T09:00:00Z"],
                ["number": 1, "amount": 500, "balance": 500, "kind": "purchase", "at": "2026-11-20T09:00:00Z"],
            ],
            "timeline": [
                [
                    "at": "2026-11-23T09:00:00Z", "allowed": true, "reason": "grace_period",
                    "until": "2026-11-26T09:00:00Z", "cause": ["kind": "event", "event": "evt_1"],
                ],
                [
                    "at": "2026-11-26T09:00:00Z", "allowed": false, "reason": "payment_overdue",
                    "cause": ["kind": "time"],
                ],
            ],
        ]
        #expect(
            try customer(answer) == [
                "cus_1  BLOCKED  payment_overdue  since 2026-11-26T09:00:00Z",
                "  credits  0",
                "  version  7",
                "",
                "Invoices that count",
                "ID    STATUS  DEBT  FIRST FAILED          GRACE ENDS",
                "in_1  open    yes   2026-11-23T09:00:00Z  2026-11-26T09:00:00Z",
                "",
                "Subscriptions",
                "ID     STATUS",
                "sub_1  past_due",
                "",
                "Credits",
                "#  AT                    AMOUNT  BALANCE  KIND",
                "1  2026-11-20T09:00:00Z  +500    500      purchase",
                "2  2026-11-21T09:00:00Z  -500    0        refund",
                "",
                "Timeline",
                "AT                    ACCESS   REASON           UNTIL                 CAUSE  BY",
                "2026-11-23T09:00:00Z  allowed  grace_period     2026-11-26T09:00:00Z  event  evt_1",
                "2026-11-26T09:00:00Z  BLOCKED  payment_overdue                        time",
            ])
    }

    @Test func `money is written in its currency, credits as credits`() throws {
        for (amount, currency, text) in [
            (2500, "usd", "25.00 usd"), (7, "eur", "0.07 eur"), (2500, "jpy", "2500 jpy"), (5120, "kwd", "5.120 kwd"),
            (500, "isk", "5.00 isk"), (-5, "usd", "-0.05 usd"), (.min, "usd", "-92233720368547758.08 usd"),
            (5, nil, "5 (smallest unit)"),
        ] as [(Int64, String?, String)] {
            #expect(Money.text(amount, currency) == text)
        }
        let purchase: JSON = [
            "id": "pi_1", "customer": "cus_1", "credits": 500, "given": 300, "paid": 2500, "share": 2500, "taken": 1000,
            "currency": "usd",
            "objects": ["pi_1": ["kind": "payment_intent", "paid": 2500, "currency": "usd"]],
            "refunds": ["re_1": ["status": "succeeded", "amount": 1000, "currency": "usd"]],
            "assignment": [
                "customer": "cus_1", "reason": "ticket", "operator": "alice", "at": "2026-11-26T09:00:00.5Z",
            ],
        ]
        #expect(
            PurchaseReport.show(try Filled.object(PurchasesAPI.Purchase.self, purchase), Self.plain) == [
                "pi_1  cus_1", "  buys               500 credits", "  given              300 credits",
                "  paid               25.00 usd", "  of it for credits  25.00 usd", "  taken back         10.00 usd",
                "  assigned to        cus_1", "  by                 alice", "  reason             ticket",
                "  at                 2026-11-26T09:00:00Z",
                "", "Objects at Stripe", "ID    KIND            PAID", "pi_1  payment_intent  25.00 usd",
                "", "Refunds", "ID    STATUS     AMOUNT", "re_1  succeeded  10.00 usd",
            ])
    }

    @Test func `a customer's report shows what is held, the lots, and which hold or debit spent`() throws {
        let answer: JSON = [
            "customer": "cus_1",
            "decision": [
                "allowed": true, "reason": "credits", "until": .null, "credits": 30, "version": 2,
                "changed_at": "2026-11-26T09:00:00Z",
            ],
            "held": 20, "available": 10,
            "lots": [
                [
                    "id": "grant_1", "kind": "grant", "remaining": 20, "held": 20,
                    "expires_at": "2026-12-01T00:00:00.5Z",
                ],
                ["id": "pi_1", "kind": "purchase", "remaining": 10, "held": 0],
            ],
            "ledger": [
                [
                    "number": 4, "amount": -3, "balance": 30, "kind": "debit", "at": "2026-11-21T09:00:00Z",
                    "debit": "d1",
                ],
                [
                    "number": 3, "amount": -7, "balance": 33, "kind": "settlement", "at": "2026-11-21T09:00:00Z",
                    "hold": "h1",
                ],
                [
                    "number": 1, "amount": 20, "balance": 20, "kind": "grant", "at": "2026-11-20T09:00:00Z",
                    "expires_at": "2026-12-01T00:00:00.5Z", "reason": "hi", "operator": "alice",
                ],
            ],
            "ledger_has_more": true,
            "timeline": [
                [
                    "at": "2026-11-23T09:00:00Z", "allowed": false, "reason": "credits_exhausted",
                    "cause": ["kind": "hold", "hold": "h1"],
                ],
                [
                    "at": "2026-11-24T09:00:00Z", "allowed": false, "reason": "credits_exhausted",
                    "cause": ["kind": "debit", "debit": "d1"],
                ],
            ],
        ]
        let none = ["", "Invoices that count", "  none", "", "Subscriptions", "  none", "", "Purchases", "  none"]
        #expect(
            try customer(answer).filter { !none.contains($0) } == [
                "cus_1  ALLOWED  credits  since 2026-11-26T09:00:00Z",
                "  credits    30",
                "  held       20",
                "  available  10",
                "  version    2",
                "Lots, in the order in which they are spent",
                "LOT      KIND      REMAINING  HELD  LAPSES",
                "grant_1  grant     20         20    2026-12-01T00:00:00Z",
                "pi_1     purchase  10",
                "Credits",
                "#  AT                    AMOUNT  BALANCE  KIND        LAPSES                REASON  BY",
                "1  2026-11-20T09:00:00Z  +20     20       grant       2026-12-01T00:00:00Z  hi      alice",
                "3  2026-11-21T09:00:00Z  -7      33       settlement                                h1",
                "4  2026-11-21T09:00:00Z  -3      30       debit                                     d1",
                "older entries: tollgate customers ledger cus_1",
                "Timeline",
                "AT                    ACCESS   REASON             CAUSE  BY",
                "2026-11-23T09:00:00Z  BLOCKED  credits_exhausted  hold   h1",
                "2026-11-24T09:00:00Z  BLOCKED  credits_exhausted  debit  d1",
            ])
    }

    @Test func `what a report leaves out is told, with how to see it`() throws {
        let answer: JSON = [
            "customer": "cus_1", "decision": ["changed_at": "2026-11-26T09:00:00.123456Z"],
            "purchases": [["id": "pi_1", "currency": "usd"]], "purchases_has_more": true,
            "invoices": [["id": "in_1"]], "invoices_has_more": true,
        ]
        let lines = try customer(answer)
        #expect(lines.contains("older purchases: --limit 500"))
        #expect(lines.contains("older invoices: --limit 500"))
        #expect(lines[0].hasSuffix("since 2026-11-26T09:00:00Z"))
    }

    @Test func `a subscription whose invoices Stripe voids says until when it counts`() throws {
        let end: JSON = "2026-12-01T00:00:00Z"
        let subscriptions: JSON = [
            ["id": "sub_1", "status": "active", "suspended": true, "paid_period_ends_at": end, "resumes_at": .null],
            ["id": "sub_2", "status": "active", "suspended": true, "paid_period_ends_at": .null, "resumes_at": end],
            ["id": "sub_3", "status": "active", "suspended": false, "paid_period_ends_at": end, "resumes_at": .null],
        ]
        #expect(
            try customer(["customer": "cus_1", "subscriptions": subscriptions]).suffix(4) == [
                "ID     STATUS  SUSPENDED AFTER       RESUMES",
                "sub_1  active  2026-12-01T00:00:00Z",
                "sub_2  active  at once               2026-12-01T00:00:00Z",
                "sub_3  active",
            ])
    }

    @Test func `an override stands right under the decision`() throws {
        let answer: JSON = [
            "customer": "cus_1", "decision": ["allowed": true, "reason": "override_allow"],
            "override": ["allowed": true, "reason": "on trial", "operator": "alice", "until": .null],
        ]
        #expect(
            try customer(answer) == [
                "cus_1  ALLOWED  override_allow  since 2026-11-26T09:00:00Z", "  credits  0", "  version  0",
                "", "Override", "  allowed by alice", "  reason   on trial", "  created  2026-11-26T09:00:00Z",
            ])
    }

    @Test func `a list says what went wrong`() throws {
        let answer: JSON = [
            [
                "id": "evt_2", "type": "invoice.paid", "status": "processed", "attempts": 1, "customer": "cus_1",
                "source": "webhook",
                "received_at": "2026-11-26T09:00:00.123456Z",
            ],
            [
                "id": "evt_1", "type": "a.b", "status": "failed", "attempts": 3,
                "error": "data.object.id: is missing", "source": "backfill",
            ],
        ]
        #expect(
            try events(answer) == [
                "ID     TYPE          STATUS     RECEIVED              CUSTOMER  SOURCE    ATTEMPTS  NOTE",
                "evt_2  invoice.paid  processed  2026-11-26T09:00:00Z  cus_1               1",
                "evt_1  a.b           failed     2026-11-26T09:00:00Z            backfill  3         data.object.id: is missing",
            ])
        #expect(try events([]) == ["no events"])
    }

    @Test func `an event's report ends with its payload`() throws {
        let members: JSON = [
            "id": "evt_1", "type": "a.b", "status": "failed", "error": "no id", "attempts": 1, "payload": ["a": 1],
            "source": "backfill",
            "history": [["number": 1, "outcome": "failed", "message": "no id"]],
            "changes": [["customer": "cus_1", "allowed": true, "reason": "credits"]],
            "ledger": [
                ["customer": "cus_2", "number": 1, "amount": 5, "balance": 5, "kind": "top_up"],
                ["customer": "cus_1", "number": 2, "amount": -5, "balance": 0, "kind": "refund"],
            ],
        ]
        #expect(
            try event(members) == [
                "evt_1  a.b  failed", "  error     no id", "  received  2026-11-26T09:00:00Z", "  source    backfill",
                "  attempts  1",
                "", "Attempts", "#  STARTED               FINISHED              OUTCOME  NOTE",
                "1  2026-11-26T09:00:00Z  2026-11-26T09:00:00Z  failed   no id",
                "", "Changed", "AT                    CUSTOMER  ACCESS   REASON",
                "2026-11-26T09:00:00Z  cus_1     allowed  credits",
                "", "Credits", "CUSTOMER  #  AT                    AMOUNT  BALANCE  KIND",
                "cus_1     2  2026-11-26T09:00:00Z  -5      0        refund",
                "cus_2     1  2026-11-26T09:00:00Z  +5      5        top_up",
                "", "Payload", "{", "  \"a\" : 1", "}",
            ])
        #expect(try event(["payload": .null]).last == "no longer kept")
        #expect(try event(["payload_base64": "/w=="]).last == "/w==")
    }

    @Test func `a terminal does not obey what an event carries`() throws {
        #expect(TerminalSafe.text("a\u{1B}[31m\nb\u{202E}c é") == "a\\u{1B}[31m\\nb\\u{202E}c é")
        let lines = try events([["id": "evt_1", "type": "evt_\u{1B}]0;x\u{7}"]])
        #expect(lines.joined().unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }

    @Test func `JSON for people is the same JSON, and no terminal obeys or hides a part of it`() throws {
        let value: JSON = ["a": "x\u{9B}31m\u{202E}y\u{200B}\u{7F}\u{E0041}\u{1B} é\n\u{2028}😀"]
        let text = PrettyJSON.text(value)
        #expect(try JSON(bytes: Array(text.utf8)) == value)
        for hidden in ["\\u009b", "\\u202e", "\\u200b", "\\u007f", "\\udb40\\udc41", "\\u2028", "é", "😀"] {
            #expect(text.contains(hidden), "\(hidden) in \(text)")
        }
        let isHarmless = text.unicodeScalars.allSatisfy {
            $0 == "\n" || ![.control, .format, .lineSeparator].contains($0.properties.generalCategory)
        }
        #expect(isHarmless)
    }

    @Test func `a table fits a terminal, and a pipe gets everything, times to the second`() {
        var table = TextTable("ID", "AT", "NOTE")
        table.add("evt_1", "2026-11-26T09:00:00.123456Z", String(repeating: "n", count: 100))
        let whole = table.lines(Self.plain)
        #expect(whole[1] == "evt_1  2026-11-26T09:00:00Z  " + String(repeating: "n", count: 100))
        let narrow = table.lines(Terminal(isColoured: false, columns: 80))
        #expect(narrow.allSatisfy { $0.count <= 80 })
        #expect(narrow[1].hasPrefix("evt_1  2026-11-26T09:00:00Z  nnn"))
        #expect(narrow[1].hasSuffix("n…"))
    }

    @Test func `colours are for terminals`() throws {
        let answer = try Filled.object(CustomersAPI.Statement.self, ["customer": "cus_1"])
        #expect(!CustomerReport.headline(answer, Self.plain).contains("\u{1B}"))
        #expect(CustomerReport.headline(answer, Terminal(isColoured: true)).contains("\u{1B}[31mBLOCKED"))
    }

    @Test func `what is not ready is named, and why`() {
        let body = #"""
            {"status":"unready","postgresql":{"state":"down","cause":"unreachable","detail":"nothing answers"},
             "spool":{"state":"full","records":5,"bytes":9}}
            """#
        #expect(
            HealthReport.fault(body) == "unready: postgresql down (unreachable: nothing answers), spool full")
        let worker =
            #"{"status":"unready","postgresql":{"state":"up"},"processing":{"state":"blocked","cause":"schema"}}"#
        #expect(HealthReport.fault(worker) == "unready: postgresql up, processing blocked (schema)")
        #expect(HealthReport.fault("<html>") == nil)
    }

    @Test func `a refusal is one readable line`() {
        let problem = #"{"status":404,"title":"Not Found","code":"unknown_customer","detail":"cus_1 was never seen"}"#
        let error = ServiceError.refused(request: "GET /x", status: 404, body: problem)
        #expect("\(error)" == "GET /x: 404 unknown_customer: cus_1 was never seen")
        let page = ServiceError.refused(request: "GET /x", status: 502, body: "<html>\n<title>Bad</title>")
        #expect("\(page)" == "GET /x: 502: Bad")
        #expect("\(ServiceError.refused(request: "GET /x", status: 503, body: ""))" == "GET /x: 503")
    }
}
