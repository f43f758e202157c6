// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Notation
import Settings

/// How an operator's command reaches the admin API.
struct AdminOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The private listener, such as http://127.0.0.1:8081.",
            discussion:
                "Default: TOLLGATE_PRIVATE_ADDRESS, else what 'tollgate dev' wrote, else http://127.0.0.1:8081.",
            valueName: "url"
        )
    )
    var url: String?

    @Option(
        help: ArgumentHelp(
            "The admin token.",
            discussion: """
                Default: the first of TOLLGATE_ADMIN_TOKEN or TOLLGATE_ADMIN_TOKEN_FILE, else what 'tollgate dev' wrote. \
                Other users of this machine can see what is given here; prefer the environment.
                """,
            valueName: "token"
        )
    )
    var token: String?

    @OptionGroup var trust: TrustOptions

    /// The listener, and the credential for it.
    struct Access {
        let base: String
        let token: Secret
        let authorities: Authorities

        func withService<Result>(_ body: (ServiceClient) async throws -> Result) async throws -> Result {
            try await ServiceClient.with(base: base, token: token, authorities: authorities, body)
        }
    }

    func validate() throws {
        if let url, WebAddress.service(url) == nil { throw ValidationError("--url \(url): \(WebAddress.form)") }
        if let token, token.isEmpty || !token.isVisibleASCII {
            throw ValidationError("--token is empty or holds what no Authorization header can carry.")
        }
    }

    func access(_ settings: ClientSettings) throws -> Access {
        let base = try url.flatMap(WebAddress.service) ?? settings.url(for: .adminToken)
        let token = try token.map(Secret.init) ?? settings.token(.adminToken, for: base)
        return Access(base: base, token: token, authorities: try trust.authorities(for: base, settings))
    }
}
