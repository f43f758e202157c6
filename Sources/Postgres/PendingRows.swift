// SPDX-License-Identifier: Apache-2.0

/// The answer to one statement of a pipeline. Belongs to its connection's thread.
package final class PendingRows {
    private var result: Result<Rows, PostgresError>?

    /// - Throws: `PostgresError`: the statement's own, SQLSTATE 25P02 if an earlier one of the pipeline failed, and
    ///   03000 while it has not been sent.
    package var rows: Rows {
        get throws(PostgresError) {
            guard let result else { throw PostgresError(sqlState: "03000", message: "the pipeline was not sent") }
            return try result.get()
        }
    }

    var hasRows: Bool {
        if case .success = result { true } else { false }
    }

    func succeed(_ rows: Rows) {
        // Prepared again on another session, or failed while being prepared: the first result counts.
        if result == nil { result = .success(rows) }
    }

    func fail(_ error: PostgresError) {
        if result == nil { result = .failure(error) }
    }

    func reset() {
        result = nil
    }
}
