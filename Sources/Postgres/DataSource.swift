// SPDX-License-Identifier: Apache-2.0

/// Where PostgreSQL is: a libpq URI or keyword string. Never printed, because it may contain a password.
package struct DataSource: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    let conninfo: String
    /// What libpq reads from it, or why it cannot.
    let settings: Result<ConnectionSettings, DataSourceFault>

    package init(_ conninfo: String) {
        self.conninfo = conninfo
        do throws(DataSourceFault) {
            settings = .success(try ConnectionSettings(conninfo))
        } catch {
            settings = .failure(error)
        }
    }

    /// Checks, without asking a server, what libpq would only report when it connects.
    package func check() throws(DataSourceFault) {
        try settings.get().check(as: conninfo)
    }

    /// A message from libpq or the server without the password, however it got there.
    func redact(_ message: String) -> String {
        guard case .success(let settings) = settings, let password = settings.values["password"] else { return message }
        return message.replacing(password, with: "…")
    }

    package var description: String { "DataSource(redacted)" }
    package var debugDescription: String { description }
}
