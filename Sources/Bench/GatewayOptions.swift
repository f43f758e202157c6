// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import Settings
import Stripe

/// Whom a bench asks for, and as which gateway.
struct GatewayOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How many of the customers that 'bench ingest' makes, or a file with one id per line.",
            valueName: "number or file"
        )
    )
    var customers = "100000"

    @Option(
        help: ArgumentHelp(
            "The gateway token.",
            discussion: """
                Default: the first of TOLLGATE_GATEWAY_TOKEN or TOLLGATE_GATEWAY_TOKEN_FILE, else what 'tollgate dev' \
                wrote. Other users of this machine can see what is given here; prefer the environment.
                """,
            valueName: "token"
        )
    )
    var token: String?

    func validate() throws {
        if let count = Int(customers), !(1...99_999_999).contains(count) {
            throw ValidationError("--customers \(count) is out of range; give 1 to 99999999, or a file.")
        }
        if let token, token.isEmpty || !token.isVisibleASCII {
            throw ValidationError("--token is empty or holds what no Authorization header can carry.")
        }
    }

    func target(_ settings: ClientSettings, _ privateURL: String?) throws -> BenchTarget {
        try BenchTarget(privateURL ?? settings.url(for: .gatewayToken), option: "--private-url")
    }

    func token(_ settings: ClientSettings, for target: BenchTarget) throws -> Secret {
        try token.map(Secret.init) ?? settings.token(.gatewayToken, for: target.base)
    }

    func whom() throws -> BenchCustomers {
        if let count = Int(customers) { return .numbered(count) }
        let text: String
        do {
            text = try EnvironmentVariables.contents(ofFile: customers)
        } catch {
            throw ValidationError("--customers \(customers) is neither a number nor a file that can be read.")
        }
        let ids = text.split(whereSeparator: \.isNewline).map(String.init)
        guard !ids.isEmpty else { throw ValidationError("--customers \(customers): the file is empty.") }
        if let index = ids.firstIndex(where: { !ID.isValid($0) }) {
            throw ValidationError("--customers \(customers): line \(index + 1) is no customer id.")
        }
        return .listed(ids)
    }
}
