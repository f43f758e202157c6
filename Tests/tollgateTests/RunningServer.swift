// SPDX-License-Identifier: Apache-2.0

import Console
import Notation
import Settings
import Stripe
import TestSupport

/// A `tollgate serve` or `tollgate dev` that is ready, as its users reach it.
struct RunningServer {
    static let secret = "whsec_e2e8f1b2c3d4e5f60718293a4b5c6d7e"
    static let gatewayToken = "gateway-token-of-the-end-to-end-tests"
    static let adminToken = "admin-token-of-the-end-to-end-tests"

    /// What `serve` needs. Test mode, as that is what `trigger` sends.
    static func environment(_ databaseURL: String) -> [String: String] {
        [
            "DATABASE_URL": databaseURL, "STRIPE_WEBHOOK_SECRET": secret, "STRIPE_MODE": "test",
            "TOLLGATE_GATEWAY_TOKEN": gatewayToken, "TOLLGATE_ADMIN_TOKEN": "alice=\(adminToken)",
            "TOLLGATE_PUBLIC_ADDRESS": "127.0.0.1:0", "TOLLGATE_PRIVATE_ADDRESS": "127.0.0.1:0",
        ]
    }

    let program: Program
    let publicURL: String
    let privateURL: String

    /// Lends a `tollgate serve` on free ports.
    static func with<T>(
        _ databaseURL: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        _ body: (RunningServer) async throws -> T
    ) async throws -> T {
        try await TemporaryFolder.with { folder in
            let environment = Self.environment(databaseURL).merging(environment) { $1 }
            return try await Program.with(["serve"] + arguments, environment: environment, in: folder) { program in
                try await body(RunningServer(ready: program))
            }
        }
    }

    /// Waits until it reports where it listens.
    init(ready program: Program) async throws {
        self.program = program
        let fields = try await program.logged("ready").fields
        publicURL = "http://\(fields["public"]?.string ?? "")"
        privateURL = "http://\(fields["private"]?.string ?? "")"
    }

    /// Runs another command of the binary against it.
    func shell(_ arguments: String..., environment: [String: String] = [:]) async throws -> Program.Ended {
        try await shell(arguments, environment: environment)
    }

    func shell(_ arguments: [String], environment: [String: String] = [:]) async throws -> Program.Ended {
        let own = [
            "STRIPE_WEBHOOK_SECRET": Self.secret, "TOLLGATE_ADMIN_TOKEN": "alice=\(Self.adminToken)",
            "TOLLGATE_PUBLIC_ADDRESS": String(publicURL.dropFirst("http://".count)),
            "TOLLGATE_PRIVATE_ADDRESS": String(privateURL.dropFirst("http://".count)),
        ]
        return try await Program.run(arguments, environment: own.merging(environment) { $1 })
    }

    /// Sends a GET to the private listener.
    func get(_ path: String, token: String? = adminToken) async throws -> (status: Int, body: JSON) {
        try await ServiceClient.with(base: privateURL, token: token.map(Secret.init)) { client in
            let answer = try await client.send(.GET, path)
            return (answer.status, try JSON(bytes: Array(answer.body.utf8)))
        }
    }

    /// Puts a document to the private listener.
    /// - Returns: the status.
    func put(_ path: String, _ body: String) async throws -> Int {
        try await ServiceClient.with(base: privateURL, token: Secret(Self.adminToken)) { client in
            let headers = [("Content-Type", "application/json")]
            return try await client.send(.PUT, path, headers: headers, body: Array(body.utf8)).status
        }
    }

    /// The flag; nil for an unknown customer.
    func access(of customer: String) async throws -> JSON? {
        let (status, body) = try await get("/v1/customers/\(customer)/access", token: Self.gatewayToken)
        return status == 200 ? body : nil
    }

    /// The flag once its reason is this one.
    @discardableResult
    func access(of customer: String, becomes reason: String) async throws -> JSON {
        try await eventually("\(reason) for \(customer)", within: .seconds(60)) {
            let access = try await access(of: customer)
            return access?["reason"]?.string == reason ? access : nil
        }
    }

    /// An event once it is in this state.
    @discardableResult
    func event(_ id: String, becomes status: String) async throws -> JSON {
        try await eventually("\(status) for \(id)", within: .seconds(60)) {
            let event = try await get("/admin/v1/events/\(id)").body
            return event["status"]?.string == status ? event : nil
        }
    }

    /// Posts a body as Stripe does.
    /// - Parameters:
    ///   - signature: nil for a valid one.
    ///   - query: of the URL, with its question mark.
    func post(
        _ body: [UInt8], signature: String? = nil, query: String = ""
    ) async throws -> (status: Int, body: JSON) {
        let signature = try signature ?? WebhookSecret(value: Self.secret).sign(body: body, at: .now)
        return try await ServiceClient.with(base: publicURL) { client in
            let answer = try await client.send(
                .POST, "/webhooks/stripe\(query)", headers: [("Stripe-Signature", signature)], body: body)
            return (answer.status, try JSON(bytes: Array(answer.body.utf8)))
        }
    }

    /// Posts an event in Stripe's test mode, which is the server's.
    /// - Returns: the outcome; nil if it was not acknowledged.
    func outcomeInTestMode(of event: JSON) async throws -> String? {
        var members = event.object ?? [:]
        members["livemode"] = false
        let (status, body) = try await post(JSON.object(members).bytes)
        return status == 200 ? body["outcome"]?.string : nil
    }

    func postInTestMode(_ event: JSON) async throws {
        guard try await outcomeInTestMode(of: event) != nil else { throw NeverCame(description: "no 200 for \(event)") }
    }
}
