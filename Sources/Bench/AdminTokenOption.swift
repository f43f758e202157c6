// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import Settings

/// The token by which a bench prepares its customers.
struct AdminTokenOption: ParsableArguments {
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
    var adminToken: String?

    func validate() throws {
        if let adminToken, adminToken.isEmpty || !adminToken.isVisibleASCII {
            throw ValidationError("--admin-token is empty or holds what no Authorization header can carry.")
        }
    }

    func token(_ settings: ClientSettings, for target: BenchTarget) throws -> Secret {
        try adminToken.map(Secret.init)
            ?? settings.token(.adminToken, for: target.base, option: "--admin-token")
    }
}
