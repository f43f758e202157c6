// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization
import TestSupport

/// The real binary, on ports and a spool that stay the same over its restarts.
final class FaultServer: Sendable {
    static let secret = "whsec_faults0123456789abcdefghijklmnop"
    static let gatewayToken = "gateway-token-of-the-fault-tests"
    static let adminToken = "admin-token-of-the-fault-tests"

    let port: Int
    let privatePort: Int
    let folder: String
    private let database: String
    private let arguments: [String]
    private let environment: [String: String]

    init(_ database: String, in folder: String, _ arguments: [String] = [], _ environment: [String: String] = [:])
        throws
    {
        self.database = database
        self.folder = folder
        self.arguments = arguments
        self.environment = environment
        port = try FreePort.find()
        privatePort = try FreePort.find()
    }

    /// Runs the server while `body` runs.
    func run(descriptors: Int? = nil, _ body: (Program) async throws -> Void) async throws {
        let own = [
            "DATABASE_URL": database, "STRIPE_WEBHOOK_SECRET": Self.secret,
            "TOLLGATE_GATEWAY_TOKEN": Self.gatewayToken,
            "TOLLGATE_ADMIN_TOKEN": Self.adminToken,
            "TOLLGATE_PUBLIC_ADDRESS": "127.0.0.1:\(port)", "TOLLGATE_PRIVATE_ADDRESS": "127.0.0.1:\(privatePort)",
            "TOLLGATE_SPOOL_DIR": "\(folder)/spool-\(port)",
        ]
        try await Program.with(
            ["serve"] + arguments, environment: own.merging(environment) { $1 }, descriptors: descriptors
        ) { program in
            _ = try await program.logged("ready")
            try await body(program)
        }
    }
}
