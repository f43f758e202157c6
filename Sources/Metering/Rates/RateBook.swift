// SPDX-License-Identifier: Apache-2.0

import Notation

/// All rates that were ever approved. A version never changes; what turned out to be wrong is followed by another one.
package struct RateBook: Sendable {
    package struct Version: Hashable, Sendable {
        package let id: String
        package let rate: Rate
        /// When it was approved. Of two for the same instant, the one that became known later holds.
        package let knownAt: Timestamp

        package init(id: String, rate: Rate, knownAt: Timestamp) {
            self.id = id
            self.rate = rate
            self.knownAt = knownAt
        }
    }

    private struct Name: Hashable {
        let provider: String
        let name: String
    }

    // Each in the order of precedence.
    private let byModel: [Name: [Version]]
    private let byAlias: [Name: [Version]]

    package init(_ versions: [Version]) {
        let sorted = versions.sorted {
            ($0.rate.effectiveAt, $0.knownAt, $0.id) < ($1.rate.effectiveAt, $1.knownAt, $1.id)
        }
        byModel = Dictionary(grouping: sorted) { Name(provider: $0.rate.provider, name: $0.rate.model) }
        var byAlias: [Name: [Version]] = [:]
        for version in sorted {
            for alias in version.rate.aliases {
                byAlias[Name(provider: version.rate.provider, name: alias), default: []].append(version)
            }
        }
        self.byAlias = byAlias
    }

    /// What holds at an instant. A model's own name comes before any alias; an alias that its model's current version
    /// no longer has means nothing.
    /// - Parameter knownBy: as the book was then; nil for all that is known.
    package func version(
        provider: String, model: String, at instant: Timestamp, knownBy: Timestamp? = nil
    ) -> Version? {
        func current(_ versions: [Version]?) -> Version? {
            versions?.last { $0.rate.effectiveAt <= instant && $0.knownAt <= knownBy ?? $0.knownAt }
        }
        if let version = current(byModel[Name(provider: provider, name: model)]) { return version }
        guard let named = current(byAlias[Name(provider: provider, name: model)]),
            let version = current(byModel[Name(provider: provider, name: named.rate.model)]),
            version.rate.aliases.contains(model)
        else { return nil }
        return version
    }

    /// Whether a rate is, word for word, what holds from its own instant on.
    package func has(_ rate: Rate) -> Bool {
        let versions = byModel[Name(provider: rate.provider, name: rate.model)]
        return versions?.last { $0.rate.effectiveAt == rate.effectiveAt }?.rate == rate
    }

    /// Each model's version that holds at an instant, in the order of providers and models.
    package func versions(at instant: Timestamp) -> [Version] {
        byModel.keys.compactMap { version(provider: $0.provider, model: $0.name, at: instant) }
            .sorted { ($0.rate.provider, $0.rate.model) < ($1.rate.provider, $1.rate.model) }
    }
}
