// SPDX-License-Identifier: Apache-2.0

import Notation
import StripeSetup

/// What `tollgate stripe setup` has done, for programs. It holds a secret only where that is to be printed.
struct StripeSetupDocument {
    /// Words are stable: programs read them.
    private enum Change: String {
        case made, mended, disabled, unchanged
    }

    private struct Line {
        let endpoint: WebhookEndpoint
        let change: Change
        let types: Set<String>
        let isEnabled: Bool

        var json: JSON {
            [
                "id": .string(endpoint.id), "change": .string(change.rawValue), "url": .string(endpoint.url),
                "api_version": endpoint.version.map(JSON.string) ?? .null,
                "enabled_events": types.contains("*") ? .null : .integer(Int64(types.count)),
                "enabled": .bool(isEnabled), "connect": .bool(endpoint.isConnect),
            ]
        }
    }

    /// Those that were there before.
    var present: [WebhookEndpoint] = []
    /// Of the endpoint that was made, if it is to be printed.
    private(set) var shown: (id: String, secret: ShownSecret)?
    private var changed: [Line] = []

    var hasChanges: Bool { !changed.isEmpty }

    /// - Parameter secret: nil if it is not to be printed.
    mutating func made(_ endpoint: WebhookEndpoint, secret: ShownSecret?) {
        shown = secret.map { (endpoint.id, $0) }
        changed.append(Line(endpoint: endpoint, change: .made, types: endpoint.types, isEnabled: true))
    }

    mutating func mended(_ endpoint: WebhookEndpoint, types: Set<String>) {
        changed.append(Line(endpoint: endpoint, change: .mended, types: types, isEnabled: true))
    }

    /// One that this call has made stays `made`.
    mutating func disabled(_ endpoint: WebhookEndpoint) {
        let earlier = changed.firstIndex { $0.endpoint.id == endpoint.id }
        let change = earlier.map { changed.remove(at: $0).change } ?? .disabled
        changed.append(Line(endpoint: endpoint, change: change, types: endpoint.types, isEnabled: false))
    }

    /// - Parameter secretFile: the file that holds the secret; nil if none does.
    func json(secretFile: String?) -> JSON {
        let ids = Set(changed.map(\.endpoint.id))
        let unchanged = present.filter { !ids.contains($0.id) }.map {
            Line(endpoint: $0, change: .unchanged, types: $0.types, isEnabled: $0.isEnabled)
        }
        return [
            "endpoints": .array((changed + unchanged).map(\.json)),
            "secret_file": secretFile.map(JSON.string) ?? .null,
            "secret": shown.map { .string($0.secret.reveal()) } ?? .null,
        ]
    }
}
