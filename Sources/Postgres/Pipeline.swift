// SPDX-License-Identifier: Apache-2.0

/// Statements that are sent together in one round trip. After the first error the others are not executed, as in a
/// transaction; outside a transaction they form one together.
package final class Pipeline {
    private(set) var entries: [Entry] = []
    /// The time limit of the statements, if it differs from the session's.
    private(set) var timeout: Duration?

    struct Entry {
        let sql: SQL
        let reply = PendingRows()

        init(_ sql: SQL) {
            self.sql = sql
        }
    }

    /// Adds a statement.
    /// - Returns: where its rows will be once all have been sent.
    @discardableResult
    package func execute(_ sql: SQL) -> PendingRows {
        let entry = Entry(sql)
        entries.append(entry)
        return entry.reply
    }

    /// Gives the statements of this transaction more time than the session allows, here and on the server.
    package func extendTimeout(to limit: Duration) {
        execute(Connection.extendTimeout(to: limit))
        timeout = limit
    }
}
