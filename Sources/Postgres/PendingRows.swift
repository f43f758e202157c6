// SPDX-License-Identifier: Apache-2.0

/// The answer to one statement of a pipeline. Belongs to the thread of its connection.
package final class PendingRows {
    private var result: Result<Rows, PostgresError>?

    /// - Throws: `PostgresError`: the statement's own, SQLSTATE 25P02 where an earlier one of the pipeline has failed, and
    ///   03000 while it was not sent.
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
        // Prepared again on another session, or failed while it was prepared: the first word counts.
        if result == nil { result = .success(rows) }
    }

    func fail(_ error: PostgresError) {
        if result == nil { result = .failure(error) }
    }

    func reset() {
        result = nil
    }
}
