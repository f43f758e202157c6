// SPDX-License-Identifier: Apache-2.0

/// What is to be done so that the endpoints are what is wanted. At no time is there none that delivers: an endpoint keeps its
/// API version for good, so another version takes a second endpoint, which is made, then enabled, before the first one is
/// disabled.
package struct EndpointPlan: Sendable, Hashable {
    /// In this order.
    package let steps: [EndpointStep]
    /// Those that deliver to this place, before the first step.
    package let present: [WebhookEndpoint]
    /// What an earlier call has made already, without keeping its secret.
    package private(set) var earlier: WebhookEndpoint?

    /// - Parameter endpoints: all of the account.
    package init(_ endpoints: [WebhookEndpoint], _ wish: EndpointWish) {
        let present = endpoints.filter {
            $0.isConnect == wish.isConnect && EndpointAddress($0.url)?.place == wish.address.place
        }
        self.present = present
        steps = wish.version.map { Self.moving(present, to: $0, wish) } ?? Self.staying(present, wish)
    }

    /// What is made, if anything is.
    package var creation: EndpointCreation? { steps.lazy.compactMap(\.creation).first }

    /// Whether the same call does the second half of the move to another version.
    package var isHalfOfMove: Bool {
        steps.contains {
            switch $0 {
            case .prepare, .setAside: true
            case .create, .mend, .retire: false
            }
        }
    }

    /// The endpoint whose secret signs what comes after these steps, in place of another's; nil if that does not change.
    package var successor: WebhookEndpoint? {
        var retired: Set<String> = []
        for case .retire(let endpoint) in steps { retired.insert(endpoint.id) }
        for case .mend(let endpoint, _) in steps where endpoint.isPrepared || !retired.isEmpty { return endpoint }
        return retired.isEmpty ? nil : present.first { $0.isEnabled && !retired.contains($0.id) }
    }

    /// Whether nothing has delivered until now, as what is there was disabled.
    package var endsSilence: Bool {
        let enables = steps.contains { if case .mend(let endpoint, _) = $0 { !endpoint.isPrepared } else { false } }
        return enables && !present.contains(where: \.isEnabled)
    }

    /// The plan in which an endpoint that an earlier call has made, and whose secret it has not kept, is made again: Stripe
    /// then answers with the same one.
    /// - Parameter oldest: `created` of the first that Stripe still answers so.
    /// - Returns: nil if there is no such endpoint.
    package static func repeating(
        _ endpoints: [WebhookEndpoint], _ wish: EndpointWish, since oldest: Int64
    ) -> EndpointPlan? {
        for endpoint in endpoints where endpoint.setup != nil && endpoint.created >= oldest {
            var plan = EndpointPlan(endpoints.filter { $0.id != endpoint.id }, wish)
            plan.earlier = endpoint
            if plan.creation?.setup == endpoint.setup { return plan }
        }
        return nil
    }

    // MARK: Cases

    /// Whatever versions there are.
    private static func staying(_ present: [WebhookEndpoint], _ wish: EndpointWish) -> [EndpointStep] {
        let enabled = present.filter(\.isEnabled)
        if !enabled.isEmpty { return enabled.compactMap { mend($0, wish) } }
        if let best = best(present) { return [mend(best, wish)].compactMap(\.self) }
        return [
            .create(
                EndpointCreation(
                    url: wish.address.text, types: wish.types, version: wish.standardVersion, isConnect: wish.isConnect,
                    isPrepared: false))
        ]
    }

    private static func moving(
        _ present: [WebhookEndpoint], to version: String, _ wish: EndpointWish
    ) -> [EndpointStep] {
        let old = present.filter { $0.isEnabled && $0.version != version }
        guard let new = best(present.filter { $0.version == version }) else {
            // What the old one delivers is not lost by the move.
            let types = old.reduce(wish.types) { wish.isExact ? $0 : $0.union($1.types) }
            let creation = EndpointCreation(
                url: present.isEmpty ? wish.address.text : wish.address.delivering(version),
                types: types.contains("*") ? ["*"] : types, version: version, isConnect: wish.isConnect,
                isPrepared: !old.isEmpty)
            return [old.isEmpty ? .create(creation) : .prepare(creation)]
        }
        // Nobody has been told its secret's place yet: the old one delivers until the next call.
        if new.isPrepared, new.isEnabled, !old.isEmpty { return [.setAside(new)] }
        return [mend(new, wish)].compactMap(\.self) + old.map(EndpointStep.retire)
    }

    /// - Returns: nil if it is in order.
    private static func mend(_ endpoint: WebhookEndpoint, _ wish: EndpointWish) -> EndpointStep? {
        let types = wish.types(insteadOf: endpoint.types)
        let isInOrder = endpoint.isEnabled && !endpoint.isPrepared && types == endpoint.types
        return isInOrder ? nil : .mend(endpoint, types: types)
    }

    /// One that delivers, else one that has done so, else the newest.
    private static func best(_ endpoints: [WebhookEndpoint]) -> WebhookEndpoint? {
        endpoints.max { one, other in
            let (first, second) = (rank(one), rank(other))
            return first == second ? (one.created, one.id) < (other.created, other.id) : first < second
        }
    }

    private static func rank(_ endpoint: WebhookEndpoint) -> Int {
        (endpoint.isEnabled ? 2 : 0) + (endpoint.isPrepared ? 0 : 1)
    }
}
