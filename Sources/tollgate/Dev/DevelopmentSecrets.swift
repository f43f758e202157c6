// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import HTTP
import Server
import Settings
import Stripe

/// The secrets of `tollgate dev`: those that an earlier run made in the same folder, else new ones. Never the
/// environment's: those may be real, and these are printed and stored.
struct DevelopmentSecrets: Sendable {
    let webhookSecret: String
    let gatewayToken: String
    let adminToken: String

    static func load() throws -> DevelopmentSecrets {
        let kept = try DevelopmentEnvironment.load()
        return DevelopmentSecrets(
            webhookSecret: kept["STRIPE_WEBHOOK_SECRET"] ?? "whsec_" + random(),
            gatewayToken: kept["TOLLGATE_GATEWAY_TOKEN"] ?? "gateway_" + random(),
            adminToken: kept["TOLLGATE_ADMIN_TOKEN"] ?? "admin_" + random()
        )
    }

    /// New ones, for a run that keeps nothing.
    static func make() -> DevelopmentSecrets {
        DevelopmentSecrets(
            webhookSecret: "whsec_" + random(),
            gatewayToken: "gateway_" + random(),
            adminToken: "admin_" + random()
        )
    }

    func fill(_ configuration: inout Configuration) throws {
        let label = DevelopmentEnvironment.label
        configuration.webhookSecrets = [try WebhookSecret(label: label, value: webhookSecret)]
        configuration.gatewayTokens = [LabelledToken(label: label, value: gatewayToken)]
        configuration.adminTokens = [LabelledToken(label: label, value: adminToken)]
    }

    /// Stores them, and all addresses, for the other commands in the same folder.
    func save(publicAddress: ListenerAddress, privateAddress: ListenerAddress, database: String) throws {
        try DevelopmentEnvironment.save([
            "DATABASE_URL": database,
            "STRIPE_WEBHOOK_SECRET": webhookSecret,
            "TOLLGATE_GATEWAY_TOKEN": gatewayToken,
            "TOLLGATE_ADMIN_TOKEN": adminToken,
            "TOLLGATE_PUBLIC_ADDRESS": "\(publicAddress)",
            "TOLLGATE_PRIVATE_ADDRESS": "\(privateAddress)",
        ])
    }

    private static func random() -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<32).map { _ in alphabet[Int.random(in: alphabet.indices)] })
    }
}
