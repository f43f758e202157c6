// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import Ingest
import Metering
import Notation
import Store
import Stripe
import TestSupport
import Testing

@testable import Server

/// The server does what the contract declares.
@Suite(.serialized) struct ContractTests {
    private static func answered(_ paths: KnownPaths) -> Set<String> {
        Set(
            paths.all.flatMap { template, methods in
                methods.filter { $0 != .head }.map { "\($0.rawValue) \(template)" }
            })
    }

    private static func declared(_ side: Endpoint.Side) -> Set<String> {
        Set(
            Contract.endpoints.filter { $0.sides.contains(side) }.map { "\($0.method.rawValue) \($0.path)" })
    }

    @Test func `each listener answers what the contract declares, and nothing else`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            #expect(Self.answered(server.publicPaths) == Self.declared(.public))
            #expect(Self.answered(server.privatePaths) == Self.declared(.private))
        }
    }

    @Test func `an operation is declared once`() {
        let endpoints = Contract.endpoints
        #expect(endpoints.count > 20)
        #expect(Set(endpoints.map(\.id)).count == endpoints.count)
        // The body limit that a listener allows is the one of its routes.
        let others = [
            "showAccessOfMany": 512 * 1024, "showAccess": 0, "createHold": 512 * 1024, "createDebit": 512 * 1024,
            "createDebits": 1024 * 1024, "proposeRates": 4 * 1024 * 1024, "recordUsage": 4 * 1024 * 1024,
        ]
        for endpoint in endpoints where ![.anybody, .client].contains(endpoint.caller) {
            #expect(endpoint.bodyLimit == others[endpoint.id] ?? BodyLimit.document.bytes, "\(endpoint.id)")
        }
        #expect(Set(endpoints.map { "\($0.method) \($0.path)" }).count == endpoints.count)
    }

    @Test func `the document is open to whoever reaches the private listener, and always the same`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let answer = try await server.inside("GET", "/openapi.json")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/json")
            let document = try answer.json
            #expect(document["openapi"] == "3.1.0")
            #expect(document.at("info.version")?.string?.isEmpty == false)
            #expect(try await server.inside("GET", "/openapi.json").body == answer.body)
            #expect(answer.body == OpenAPIDocument(version: document.at("info.version")?.string ?? "").json.bytes)
            #expect(try await server.outside("GET", "/openapi.json").status == 404)
        }
    }

    @Test func `every path says where it is served, and every operation whose token opens it`() {
        let document = OpenAPIDocument(version: "1").json
        for endpoint in Contract.endpoints {
            let path = document["paths"]?[endpoint.path]
            #expect(path?["servers"]?.array?.count == endpoint.sides.count, "\(endpoint.path)")
            let operation = path?[endpoint.method.rawValue.lowercased()]
            #expect(operation?["operationId"]?.string == endpoint.id)
            let schemes = operation?["security"]?.array?.map { $0.object?.keys.sorted() ?? [] } ?? []
            switch endpoint.caller {
            case .anybody: #expect(schemes.isEmpty, "\(endpoint.id)")
            case .gateway: #expect(schemes == [["gateway"]], "\(endpoint.id)")
            case .admin: #expect(schemes == [["admin"]], "\(endpoint.id)")
            case .client:
                #expect(
                    schemes == [["client", "gatewayToken"], ["clientKey", "gatewayToken"], ["clientKey", "gateway"]])
            }
        }
    }

    @Test func `the words of the contract are those of the domain`() {
        func expect<Word: CaseIterable & RawRepresentable<String>>(_ words: Word.Type, _ domain: [String]) {
            #expect(Set(Word.allCases.map(\.rawValue)) == Set(domain), "\(words)")
        }
        expect(EventsAPI.StatusWord.self, EventState.allCases.map(\.rawValue))
        expect(ReplaysAPI.StatusWord.self, ReplayStatus.allCases.map(\.rawValue))
        expect(AccessAPI.ReasonWord.self, Reason.allCases.map(\.rawValue))
        expect(CustomersAPI.LedgerWord.self, CreditEntry.Kind.allCases.map(\.rawValue))
        expect(PurchasesAPI.ObjectWord.self, PurchaseFacts.Part.Kind.allCases.map(\.rawValue))
        expect(PurchasesAPI.RefundWord.self, Refund.Status.allCases.map(\.rawValue))
        expect(PurchasesAPI.DisputeWord.self, Dispute.Standing.allCases.map(\.rawValue))
        expect(HoldsAPI.StatusWord.self, Hold.Status.allCases.map(\.rawValue))
        expect(HoldsAPI.ExpiryWord.self, Hold.OnExpiry.allCases.map(\.rawValue))
        expect(BalanceAPI.LotWord.self, Lot.Kind.allCases.map(\.rawValue))
        expect(RatesAPI.FindingKind.self, RateFinding.Kind.allCases.map(\.rawValue))
        expect(PlansAPI.BillWord.self, Metering.Plan.Bill.allCases.map(\.rawValue))
        expect(UsageAPI.StatusWord.self, UsageRecord.Status.allCases.map(\.rawValue))
        expect(UsageAPI.DialectWord.self, UsageRecord.Dialect.allCases.map(\.rawValue))
        expect(UsageAPI.QuarantineWord.self, QuarantineRecord.Status.allCases.map(\.rawValue))
        expect(WebhookAPI.OutcomeWord.self, Receipt.allCases.map(\.rawValue))
        #expect(PricesAPI.credits.upperBound == CreditOffer.limit)
    }

    @Test func `an id of the contract is one of Stripe's`() {
        let (customer, price) = (CustomersAPI.Path.form.content.customer, PricesAPI.Path.form.content.price)
        let characters = (0...0x17F).compactMap(Unicode.Scalar.init).map { "a\($0)" }
        for id in characters + ["", String(repeating: "a", count: 255), String(repeating: "a", count: 256)] {
            #expect(customer.admits(id) == ID.isValid(id), "\(id)")
            #expect(price.admits(id) == ID.isPrice(id), "\(id)")
        }
    }

    @Test func `an answer that the contract does not know would be noticed`() {
        let conformance = OpenAPIConformance(OpenAPIDocument(version: "1").json)
        func fault(_ target: String, _ status: Int, _ body: String, type: String = "application/json") -> String? {
            conformance.fault(
                "GET", target, status: status, headers: ["content-type": type], body: Array(body.utf8))
        }
        let access = #""customer":"cus_1","allowed":true,"reason":"credits","until":null,"credits":1"#
        let path = "/v1/customers/cus_1/access"
        #expect(fault(path, 200, "{\(access),\"version\":1}") == nil)
        #expect(fault(path, 200, "{\(access)}") == "$.version is missing")
        #expect(fault(path, 200, "{\(access),\"version\":1,\"more\":1}") == "$.more is not documented")
        #expect(fault(path, 200, "{\(access),\"version\":\"1\"}") != nil)
        #expect(fault(path, 204, "") == "the status is not documented")
        #expect(fault(path, 200, "x", type: "text/plain") == "the media type text/plain is not documented")
        #expect(fault("/nowhere", 204, "") == nil)
        let problem = #"{"type":"about:blank","title":"x","status":401,"detail":"x","code":"invalid_key"}"#
        let wanted = "the header WWW-Authenticate is missing"
        #expect(fault("/v1/authorize", 401, problem, type: "application/problem+json") == wanted)
    }
}
