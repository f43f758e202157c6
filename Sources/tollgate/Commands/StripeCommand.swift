// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct StripeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stripe",
        abstract: "Set up Stripe's side, see what is wrong with it, and ask for what did not come.",
        discussion: """
            Needs STRIPE_API_KEY, a restricted key that docs/stripe.md tells how to make. Of all that is at Stripe, only \
            webhook endpoints are ever changed. Where events do not arrive, begin with 'tollgate stripe \
            doctor'.
            """,
        subcommands: [
            StripeSetupCommand.self, StripeDoctorCommand.self, StripeBackfillCommand.self, StripeRefetchCommand.self,
            StripeTypesCommand.self,
        ]
    )
}
