// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import StripeSetup

/// From what there is and what is wanted to what is done.
@Suite struct EndpointPlanTests {
    private static let url = "https://h/webhooks/stripe"
    private static let (old, new) = ("2024-06-20", "2025-09-30.clover")

    private func wish(version: String? = nil, connect: Bool = false, exact: Bool = false) throws -> EndpointWish {
        EndpointWish(
            address: try #require(EndpointAddress(Self.url)), types: ["a", "b"], version: version,
            standardVersion: "2025-01-01", isConnect: connect, isExact: exact)
    }

    private func endpoint(
        _ id: String, _ types: Set<String> = ["a", "b"], url: String = url, enabled: Bool = true,
        version: String? = old, connect: Bool = false, prepared: Bool = false, setup: String? = nil, created: Int64 = 1
    ) -> WebhookEndpoint {
        WebhookEndpoint(
            id: id, url: url, types: types, isEnabled: enabled, version: version, isConnect: connect,
            isPrepared: prepared, setup: setup, created: created)
    }

    // MARK: One version

    @Test func `where there is none, one is made, with the standard version`() throws {
        let others = [endpoint("we_1", url: "https://other/webhooks/stripe"), endpoint("we_2", connect: true)]
        let plan = EndpointPlan(others, try wish())
        let creation = EndpointCreation(
            url: Self.url, types: ["a", "b"], version: "2025-01-01", isConnect: false, isPrepared: false)
        #expect(plan.steps == [.create(creation)])
        #expect(plan.present == [])
    }

    @Test(
        arguments: [
            (["a", "b"] as Set, false, nil), (["a"], false, ["a", "b"]), (["a", "c"], false, ["a", "b", "c"]),
            (["a", "b", "c"], false, nil), (["*"], false, nil), (["a", "b"], true, nil),
            (["a", "b", "c"], true, ["a", "b"]),
            (["*"], true, ["a", "b"]), (["c"], true, ["a", "b"]),
        ] as [(Set<String>, Bool, Set<String>?)])
    func `missing types are added, and others removed only if that is asked for`(
        _ types: Set<String>, _ exact: Bool, _ expected: Set<String>?
    ) throws {
        let present = endpoint("we_1", types)
        let plan = EndpointPlan([present], try wish(exact: exact))
        #expect(plan.steps == (expected.map { [.mend(present, types: $0)] } ?? []))
    }

    @Test func `one that is disabled is enabled, unless another one delivers`() throws {
        let (first, second) = (
            endpoint("we_1", enabled: false, created: 1), endpoint("we_2", enabled: false, created: 2)
        )
        #expect(EndpointPlan([first, second], try wish()).steps == [.mend(second, types: ["a", "b"])])
        #expect(EndpointPlan([endpoint("we_0"), first, second], try wish()).steps == [])
    }

    @Test func `the endpoint of connected accounts is another one`() throws {
        let account = endpoint("we_1")
        let plan = EndpointPlan([account], try wish(connect: true))
        #expect(plan.creation?.isConnect == true)
        #expect(plan.creation?.form.contains { $0 == ("connect", "true") } == true)
        let connect = endpoint("we_2", connect: true)
        #expect(EndpointPlan([account, connect], try wish(connect: true)).steps == [])
    }

    @Test func `the version of an endpoint is left alone where none is asked for`() throws {
        #expect(EndpointPlan([endpoint("we_1", version: nil)], try wish()).steps == [])
    }

    // MARK: Another version

    @Test func `another version is prepared beside the old one, then enabled before that is disabled`() throws {
        let wish = try wish(version: Self.new)
        let old = endpoint("we_1", ["a", "c"])
        let first = EndpointPlan([old], wish)
        let creation = try #require(first.creation)
        #expect(first.steps == [.prepare(creation)])
        #expect(creation.url == "\(Self.url)?version=\(Self.new)" && creation.version == Self.new)
        #expect(creation.types == ["a", "b", "c"])
        #expect(first.isHalfOfMove)

        let new = endpoint(
            "we_2", ["a", "b", "c"], url: creation.url, enabled: false, version: Self.new, prepared: true)
        let second = EndpointPlan([old, new], wish)
        #expect(second.steps == [.mend(new, types: ["a", "b", "c"]), .retire(old)])
        #expect(second.creation == nil && !second.isHalfOfMove)

        let moved = endpoint("we_2", ["a", "b", "c"], url: creation.url, version: Self.new)
        let disabled = endpoint("we_1", ["a", "c"], enabled: false)
        #expect(EndpointPlan([disabled, moved], wish).steps == [])
        // And without a version neither comes back.
        #expect(EndpointPlan([disabled, moved], try self.wish()).steps == [])
    }

    @Test func `a preparation that was interrupted is finished before anything is retired`() throws {
        let old = endpoint("we_1")
        let new = endpoint("we_2", url: "\(Self.url)?version=\(Self.new)", version: Self.new, prepared: true)
        let plan = EndpointPlan([old, new], try wish(version: Self.new))
        #expect(plan.steps == [.setAside(new)] && plan.isHalfOfMove)
    }

    @Test func `a move that was interrupted in its middle is finished`() throws {
        let old = endpoint("we_1")
        let new = endpoint("we_2", url: "\(Self.url)?version=\(Self.new)", version: Self.new)
        #expect(EndpointPlan([old, new], try wish(version: Self.new)).steps == [.retire(old)])
    }

    @Test func `the way back is the same`() throws {
        let old = endpoint("we_1", enabled: false)
        let new = endpoint("we_2", url: "\(Self.url)?version=\(Self.new)", version: Self.new)
        let plan = EndpointPlan([old, new], try wish(version: Self.old))
        #expect(plan.steps == [.mend(old, types: ["a", "b"]), .retire(new)])
    }

    /// Plays every plan to its end, and to every place where it may be interrupted.
    @Test func `at no step of any plan there is none that delivers where there was one`() throws {
        let version = [Self.old, Self.new]
        var states: [[WebhookEndpoint]] = [[]]
        for number in 1...2 {
            for isEnabled in [true, false] {
                for version in version {
                    for prepared in [true, false] {
                        let one = endpoint("we_\(number)", enabled: isEnabled, version: version, prepared: prepared)
                        states += states.filter { $0.count == number - 1 }.map { $0 + [one] }
                    }
                }
            }
        }
        for state in states where state.contains(where: \.isEnabled) {
            for wish in [try wish(), try wish(version: Self.old), try wish(version: Self.new)] {
                var enabled = Set(state.filter(\.isEnabled).map(\.id))
                for step in EndpointPlan(state, wish).steps {
                    switch step {
                    case .create: enabled.insert("new")
                    case .prepare: break
                    case .mend(let endpoint, _): enabled.insert(endpoint.id)
                    case .setAside(let endpoint), .retire(let endpoint): enabled.remove(endpoint.id)
                    }
                    #expect(!enabled.isEmpty, "\(state) \(wish.version ?? "")")
                }
            }
        }
    }

    // MARK: Interrupted calls

    @Test func `an endpoint whose secret was not kept is made again, as the same`() throws {
        let wish = try wish()
        let setup = try #require(EndpointPlan([], wish).creation?.setup)
        let made = endpoint("we_1", version: "2025-01-01", setup: setup, created: 100)
        #expect(EndpointPlan([made], wish).steps == [])
        #expect(EndpointPlan.repeating([made], wish, since: 100)?.creation?.setup == setup)
        // Stripe has forgotten: it would make a second one.
        #expect(EndpointPlan.repeating([made], wish, since: 101) == nil)
        // Another wish.
        #expect(EndpointPlan.repeating([made], try self.wish(connect: true), since: 0) == nil)
        #expect(EndpointPlan.repeating([endpoint("we_1")], wish, since: 0) == nil)
    }

    @Test func `the same wish has the same key, and each other one another`() throws {
        func key(_ wish: EndpointWish) -> String? { EndpointPlan([], wish).creation?.setup }
        #expect(key(try wish()) == key(try wish()))
        let keys = [key(try wish()), key(try wish(version: Self.new)), key(try wish(connect: true))]
        #expect(Set(keys).count == keys.count)
    }
}
