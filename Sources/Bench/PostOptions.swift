// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import EventForge
import FoundationEssentials
import Notation

/// Where events are posted, and how they are signed.
struct PostOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The webhook listener; with a path, if it is not /webhooks/stripe.",
            discussion: "Default: TOLLGATE_PUBLIC_ADDRESS, else what 'tollgate dev' wrote, else http://127.0.0.1:8080.",
            valueName: "url"
        )
    )
    var url: String?

    @OptionGroup var signing: WebhookSecretOption

    @Flag(help: "Send live-mode events rather than test-mode ones.")
    var live = false

    func validate() throws {
        if let url { _ = try BenchTarget(url, option: "--url") }
    }

    func target(_ settings: ClientSettings) throws -> BenchTarget {
        try BenchTarget(
            url ?? settings.url(for: .webhookSecret), option: "--url",
            defaultPath: "/webhooks/stripe")
    }

    /// - Parameter total: how many events there will be; nil if unknown.
    func generator(
        _ kinds: [(type: String, credits: Int64?)],
        _ settings: ClientSettings,
        to target: BenchTarget,
        customers: Int,
        total: Int? = nil
    ) throws -> EventGenerator {
        let secret = try signing.secret(settings, for: target.base)
        let creditsKey = try settings.creditsKey()
        // Events happen over the last month; the times inside them are relative to the middle of it.
        let created = Timestamp(seconds: WallClock.now.seconds - 15 * 86_400)
        let templates = kinds.map { kind in
            RequestTemplate(
                kind.type, credits: kind.credits, creditsKey: creditsKey, created: created, livemode: live,
                path: target.path, authority: target.authority)
        }
        return try EventGenerator(templates, secret: secret, customers: customers, total: total)
    }
}
