// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import API

@Suite struct OperationTests {
    @Test func `a request's target is its operation's path with its parameters`() {
        let show = EventsAPI.show.target(Object { $0.id = "evt_1" })
        #expect(show == "/admin/v1/events/evt_1")
        #expect(EventsAPI.show.target(Object { $0.id = "a/b ü" }) == "/admin/v1/events/a%2Fb%20%C3%BC")
        let list = EventsAPI.list.target(
            Object {
                $0.status = .failed
                $0.createdAfter = Timestamp(seconds: 0)
                $0.limit = 5
            })
        #expect(list == "/admin/v1/events?status=failed&created_after=1970-01-01T00%3A00%3A00Z&limit=5")
        #expect(PricesAPI.list.target(Object { _ in }) == "/admin/v1/prices")
    }

    @Test func `an id that is a word of another path, or of every path, is not taken for it`() {
        for (id, path) in [("stats", "%73%74%61%74%73"), (".", "%2E"), ("..", "%2E%2E"), ("statistics", "statistics")] {
            #expect(EventsAPI.show.target(Object { $0.id = id }) == "/admin/v1/events/\(path)")
            #expect(EventsAPI.replay.target(Object { $0.id = id }) == "/admin/v1/events/\(path)/replay")
        }
    }

    @Test func `headers are the parameters that stand there`() {
        let headers = CustomersAPI.grant.headers(
            Object {
                $0.customer = "cus_1"
                $0.idempotencyKey = "key-1"
            })
        #expect(headers.map(\.0) == ["Idempotency-Key"])
        #expect(headers.map(\.1) == ["key-1"])
    }

    @Test func `every list that is read by pages says what an unknown place in it means`() {
        var lists = 0
        for endpoint in Contract.endpoints {
            guard let place = endpoint.parameters.first(where: { $0.name == "starting_after" }) else { continue }
            lists += 1
            let schema = place.schema.json
            let words = schema.at("description")?.string ?? schema.at("anyOf")?[0]?["description"]?.string ?? ""
            let isRefused = !endpoint.problems.isDisjoint(with: [.unknownEvent, .unknownKey])
            #expect(words.contains("404") == isRefused, "\(endpoint.id): \(words)")
            #expect(words.contains("need not exist") == !isRefused, "\(endpoint.id): \(words)")
        }
        #expect(lists == 8)
    }

    @Test func `every problem of an operation has a status of its own kind, and every code is somebody's`() {
        let used = Contract.endpoints.reduce(into: Set<ProblemCode>()) { $0.formUnion($1.problems) }
        // Only for paths and methods that are not an operation.
        #expect(Set(ProblemCode.allCases).subtracting(used) == [.notFound, .methodNotAllowed])
        for code in ProblemCode.allCases { #expect((400...599).contains(code.status)) }
    }
}
