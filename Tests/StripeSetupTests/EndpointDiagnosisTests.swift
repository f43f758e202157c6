// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import StripeSetup

@Suite struct EndpointDiagnosisTests {
    private static let url = "https://h/webhooks/stripe"

    private func endpoint(
        _ id: String, _ types: Set<String> = ["a", "b"], url: String = url, enabled: Bool = true,
        version: String? = "2025-09-30.clover", connect: Bool = false, prepared: Bool = false
    ) -> WebhookEndpoint {
        WebhookEndpoint(
            id: id, url: url, types: types, isEnabled: enabled, version: version, isConnect: connect,
            isPrepared: prepared, created: 1)
    }

    /// The state of each check, by name: ok, fault, ?; with `!` where there is advice though nothing is wrong.
    private func states(
        _ endpoints: [WebhookEndpoint], at address: String? = nil, connect: Bool = false
    ) -> [String: String] {
        let diagnosis = EndpointDiagnosis(
            endpoints, at: address.flatMap { EndpointAddress($0) }, wanting: ["a", "b"], version: "2025-09-30.clover",
            needsConnect: connect)
        return Dictionary(
            uniqueKeysWithValues: diagnosis.checks.map { check in
                let state = check.isOK.map { $0 ? check.advice == nil ? "ok" : "ok!" : "fault" } ?? "?"
                return (check.name.text, state)
            })
    }

    @Test func `an endpoint that is in order has no fault`() {
        #expect(Set(states([endpoint("we_1"), endpoint("we_2", [], url: "https://h/other")]).values) == ["ok"])
        #expect(Set(states([endpoint("we_1", ["*"])], at: "HTTPS://h:443/webhooks/stripe").values) == ["ok"])
        // While it moves to another version.
        let new = endpoint("we_2", url: "\(Self.url)?version=2025-09-30.clover", enabled: false)
        #expect(Set(states([endpoint("we_1"), new]).values) == ["ok"])
    }

    @Test func `a move that is half done is told`() {
        let new = endpoint("we_2", url: "\(Self.url)?version=2025-09-30.clover", enabled: false, prepared: true)
        #expect(states([endpoint("we_1"), new])["endpoint_move"] == "ok!")
    }

    @Test func `fewer secrets than endpoints of one place are a fault`() {
        func state(_ endpoints: [WebhookEndpoint], _ labels: [String?]) -> Bool? {
            EndpointDiagnosis(
                endpoints, at: nil, wanting: ["a", "b"], version: "2025-09-30.clover", needsConnect: false
            ).secrets(labels).isOK
        }
        let connect = endpoint("we_2", connect: true)
        #expect(state([endpoint("we_1")], []) == nil && state([endpoint("we_1")], [nil]) == true)
        #expect(state([endpoint("we_1"), connect], [nil]) == false)
        #expect(state([endpoint("we_1"), connect], [nil, "connect"]) == true)
        #expect(state([endpoint("we_1"), endpoint("we_3", url: "https://i/webhooks/stripe")], [nil]) == true)
    }

    @Test func `what is pasted into a shell stays one word`() {
        let strange = endpoint("we_1", ["a"], url: "https://h/webhooks/stripe?a=';touch")
        let diagnosis = EndpointDiagnosis(
            [strange], at: nil, wanting: ["a", "b"], version: "2025-09-30.clover", needsConnect: false)
        let advice = diagnosis.checks.compactMap(\.advice)
        #expect(advice.count == 1 && advice[0].contains("--url 'https://h/webhooks/stripe?a='\\'';touch'"))
    }

    @Test func `the password of a URL is not told`() {
        let diagnosis = EndpointDiagnosis(
            [endpoint("we_1", url: "https://me:hunter2@h/webhooks/stripe?a=b@c")], at: nil, wanting: ["a"],
            version: "2025-09-30.clover", needsConnect: false)
        #expect(diagnosis.checks[0].detail.hasSuffix("; we_1 is at https://…@h/webhooks/stripe?a=b@c"))
        #expect(!diagnosis.checks.contains { $0.detail.contains("hunter2") || $0.advice?.contains("hunter2") == true })
    }

    @Test func `what an endpoint of connected accounts delivers counts for those that are named`() {
        let both = [endpoint("we_1"), endpoint("we_2", connect: true)]
        #expect(states(both)["endpoint_connect"] == "ok!" && states(both, connect: true)["endpoint_connect"] == "ok")
    }

    @Test func `each fault is told where it is`() {
        #expect(states([])["endpoint"] == "fault" && states([])["endpoint_enabled"] == "?")
        #expect(states([endpoint("we_1")], at: "https://elsewhere/webhooks/stripe")["endpoint"] == "fault")
        let disabled = states([endpoint("we_1", enabled: false)])
        #expect(disabled["endpoint_enabled"] == "fault" && disabled["endpoint_events"] == "?")
        #expect(states([endpoint("we_1", ["a", "c"])])["endpoint_events"] == "fault")
        // Each that delivers must be complete: they may be of several receivers.
        let two = states([endpoint("we_1"), endpoint("we_2", ["a"], url: "https://i/webhooks/stripe")])
        #expect(two["endpoint_events"] == "fault" && two["endpoint"] == "ok!")
        #expect(states([endpoint("we_1", version: nil)])["endpoint_version"] == "ok!")
        #expect(states([endpoint("we_1", version: "2026-01-01")])["endpoint_version"] == "ok!")
        #expect(states([endpoint("we_1", version: "2022-11-15")])["endpoint_version"] == "ok")
    }

    @Test func `connected accounts take an endpoint of their own`() {
        let own = endpoint("we_1")
        #expect(states([own], connect: true)["endpoint_connect"] == "fault")
        #expect(
            states([own, endpoint("we_2", enabled: false, connect: true)], connect: true)["endpoint_connect"] == "fault"
        )
        #expect(states([own, endpoint("we_2", ["a"], connect: true)], connect: true)["endpoint_connect"] == "fault")
        #expect(states([own, endpoint("we_2", connect: true)], connect: true)["endpoint_connect"] == "ok")
        // It does not stand in for the account's own.
        #expect(states([endpoint("we_2", connect: true)], connect: true)["endpoint"] == "fault")
    }
}
