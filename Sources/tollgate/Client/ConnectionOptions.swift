import ArgumentParser
import Stripe

/// How an operator's command reaches the admin API, and in what form it answers.
struct ConnectionOptions: ParsableArguments {
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

    @Flag(help: "Print the server's JSON.")
    var json = false

    func validate() throws {
        if let url, WebAddress.service(url) == nil { throw ValidationError("--url \(url): \(WebAddress.form)") }
        if let token, token.isEmpty || !token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            throw ValidationError("--token is empty or holds what no Authorization header can carry.")
        }
    }

    /// Runs a command against the admin API; its failures end the program as the contract says.
    func withService(_ body: (ServiceClient) async throws -> Void) async throws {
        try await ExitReport.reporting {
            let settings = ClientSettings()
            let base = try url.flatMap(WebAddress.service) ?? settings.url(for: .adminToken)
            let token = try token.map(Secret.init) ?? settings.token(.adminToken, for: base)
            try await ServiceClient.with(base: base, token: token, body)
        }
    }

    /// Prints an answer: as it came, or as a person reads it.
    func show(_ answer: JSON, as report: (JSON, Terminal) -> [String]) {
        if json {
            StandardOutput.print(PrettyJSON.text(answer))
        } else {
            for line in report(answer, .standardOutput) { StandardOutput.print(line) }
            // No part of the list: a pipe gets rows only.
            let last = answer["data"]?.array?.last
            if answer["has_more"]?.bool == true, let last = Field.text(last?["id"]) ?? Field.text(last?["customer"]) {
                ExitReport.say("more: --starting-after \(ShellWord.quoted(Plain.text(last)))")
            }
        }
    }
}
