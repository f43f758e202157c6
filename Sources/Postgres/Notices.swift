// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// What libpq reports about a session besides its results. It belongs in PostgreSQL's own log, not on our standard
/// error; two things matter.
final class Notices {
    /// A COMMIT was answered, but without waiting to the end for a synchronous standby.
    var hasUnreplicated = false
    /// Why the server ended the session.
    private(set) var fatal: String?

    /// - Parameter handle: the handle of a session that holds this for as long as it lives.
    init(of handle: OpaquePointer) {
        // libpq calls it only while the session is being used.
        _ = PQsetNoticeReceiver(
            handle,
            { notices, notice in
                guard let notices else { return }
                let seen = Unmanaged<Notices>.fromOpaque(notices).takeUnretainedValue()
                // "canceling wait for synchronous replication": the only warning that a commit can bring.
                if Notices.field(TOLLGATE_DIAG_SQLSTATE, of: notice) == "01000" { seen.hasUnreplicated = true }
                // libpq treats an error that no request preceded as a notice.
                let severity = Notices.field(TOLLGATE_DIAG_SEVERITY_NONLOCALIZED, of: notice)
                guard severity == "FATAL" || severity == "PANIC" else { return }
                seen.fatal =
                    Notices.field(TOLLGATE_DIAG_MESSAGE_PRIMARY, of: notice) ?? "the server ended the session"
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    /// One field of what the server reported.
    static func field(_ code: Int32, of result: OpaquePointer?) -> String? {
        PQresultErrorField(result, code).map { String(cString: $0) }
    }
}
