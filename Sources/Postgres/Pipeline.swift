// SPDX-License-Identifier: Apache-2.0

/// Statements that are sent together and cost one round trip. After the first error the others are not done, as in a
/// transaction; in no transaction they are one together.
package final class Pipeline {
    private(set) var entries: [Entry] = []
    /// What the statements may take, where that is not what the session's have.
    private(set) var timeout: Duration?

    struct Entry {
        let sql: SQL
        let reply = PendingRows()

        init(_ sql: SQL) {
            self.sql = sql
        }
    }

    /// Adds a statement.
    /// - Returns: where its rows will be once all were sent.
    @discardableResult
    package func execute(_ sql: SQL) -> PendingRows {
        let entry = Entry(sql)
        entries.append(entry)
        return entry.reply
    }

    /// Gives the statements of this transaction more time than the session's, here and at the server.
    package func extendTimeout(to limit: Duration) {
        execute(Connection.extendTimeout(to: limit))
        timeout = limit
    }
}
