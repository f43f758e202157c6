// SPDX-License-Identifier: Apache-2.0

extension Configuration {
    /// Settings that are each valid but wrong together.
    var contradictions: [ConfigurationError] {
        [sharedToken, sharedAddress, otherMode].compactMap { $0 }
    }

    private var sharedToken: ConfigurationError? {
        let gateway = Set(self.gatewayTokens.map(\.value))
        guard self.adminTokens.contains(where: { gateway.contains($0.value) }) else { return nil }
        let reason =
            "holds a token that is also in \(variable(of: \.gatewayTokens)); a gateway must not be able to act as admin"
        return ConfigurationError(variable: variable(of: \.adminTokens), reason: reason)
    }

    private var otherMode: ConfigurationError? {
        guard let key = self.apiKey, key.livemode != (self.mode == .live) else { return nil }
        let (own, other) = key.livemode ? ("live", "test") : ("test", "live")
        let reason =
            "is a \(own)-mode key, while STRIPE_MODE is \(other): take a key of that mode, or set STRIPE_MODE=\(own)"
        return ConfigurationError(variable: variable(of: \.apiKey), reason: reason)
    }

    private var sharedAddress: ConfigurationError? {
        guard self.publicAddress == self.privateAddress, self.publicAddress.port != 0 else { return nil }
        let reason = "\(self.privateAddress) is also TOLLGATE_PUBLIC_ADDRESS; give each listener its own port"
        return ConfigurationError(variable: "TOLLGATE_PRIVATE_ADDRESS", reason: reason)
    }
}
