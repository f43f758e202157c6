// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// How an account enters the feed of changes: with the transaction that told of it. Who sets the mark also announces the
/// customer (`Announcements.announce`) in the same transaction, else readers hear of it some seconds late.
///
/// A transaction with a lower id may set it back to its own: no reader has passed that, since readers stay before every
/// transaction that still runs.
enum FeedMark {
    /// For `UPDATE tollgate.account SET …`.
    static let set: SQL = "feed_xid = pg_current_xact_id(), feed_at = clock_timestamp(), feed_due = false"

    /// The same of an account `a`: at once if its answer has changed, and of its credits alone if the pause is over. Else it is
    /// due, or stays as it is.
    static func set(ifAnswer isAnswer: SQL, orCredits isCredits: SQL) -> SQL {
        // The statement's time: all three see the same.
        set(
            ifTold: "((\(isAnswer)) OR (\(isCredits)) AND \(isPast("a.feed_at", at: "statement_timestamp()")))",
            orDue: "(\(isCredits))")
    }

    /// The same of an account `a` where that is decided already.
    static func set(ifTold isTold: SQL, orDue isDue: SQL) -> SQL {
        """
        feed_xid = CASE WHEN \(isTold) THEN pg_current_xact_id() ELSE a.feed_xid END,
        feed_at = CASE WHEN \(isTold) THEN clock_timestamp() ELSE a.feed_at END,
        feed_due = NOT \(isTold) AND (a.feed_due OR \(isDue))
        """
    }

    /// Accounts whose credits have changed since they were told of, and whose pause is over.
    static let isDue: SQL = "feed_due AND \(isPast("feed_at", at: "clock_timestamp()"))"

    /// Whether an account that was told of then may be told of again because of its credits alone: a second later. A time far
    /// ahead is from before the clock was set back.
    private static func isPast(_ time: SQL, at now: SQL) -> SQL {
        "\(time) NOT BETWEEN \(now) - interval '1 second' AND \(now) + interval '30 seconds'"
    }

    /// The same of a time that was loaded.
    static func isPast(_ time: Timestamp, at now: Timestamp) -> Bool {
        !((now - .seconds(1))...(now + .seconds(30))).contains(time)
    }
}
