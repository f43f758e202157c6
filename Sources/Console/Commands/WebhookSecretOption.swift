// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Settings
import Stripe

/// What a command signs its events with.
package struct WebhookSecretOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The secret to sign with.",
            discussion: "Default: the first of STRIPE_WEBHOOK_SECRET, else what 'tollgate dev' wrote.",
            valueName: "whsec_…"
        )
    )
    var secret: String?

    package init() {}

    package func validate() throws {
        do {
            _ = try given
        } catch {
            throw ValidationError("--secret: \(error).")
        }
    }

    /// - Parameter base: where the events go: the secret that `tollgate dev` wrote is only for its own address.
    package func secret(_ settings: ClientSettings, for base: String) throws -> WebhookSecret {
        try given ?? settings.webhookSecret(for: base)
    }

    private var given: WebhookSecret? {
        get throws { try secret.map { text in try WebhookSecret(value: text) } }
    }
}
