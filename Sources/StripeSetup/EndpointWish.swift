// SPDX-License-Identifier: Apache-2.0

/// What an operator wants a webhook endpoint to be.
package struct EndpointWish: Sendable, Hashable {
    package var address: EndpointAddress
    package var types: Set<String>
    /// The API version; nil for that of the endpoint that is there.
    package var version: String?
    /// What a new endpoint delivers where nothing was chosen.
    package var standardVersion: String
    /// Whether it is about the events of connected accounts.
    package var isConnect: Bool
    /// Whether other types are removed.
    package var isExact: Bool

    package init(
        address: EndpointAddress, types: Set<String>, version: String? = nil, standardVersion: String,
        isConnect: Bool = false, isExact: Bool = false
    ) {
        self.address = address
        self.types = types
        self.version = version
        self.standardVersion = standardVersion
        self.isConnect = isConnect
        self.isExact = isExact
    }

    /// Of its secret, in the list of secrets, as it is suggested.
    /// - Parameter isMove: whether the endpoint takes the place of another one.
    package func label(isMove: Bool) -> String {
        let words = [isConnect ? "connect" : nil, isMove ? version.map { "v\($0.prefix(10))" } : nil]
        let label = words.compactMap(\.self).joined(separator: "-")
        return label.isEmpty ? "stripe" : label
    }

    /// - Returns: what an endpoint that delivers `types` is to deliver.
    func types(insteadOf types: Set<String>) -> Set<String> {
        if isExact { return self.types }
        return types.contains("*") ? types : types.union(self.types)
    }
}
