// SPDX-License-Identifier: Apache-2.0

import API
import Gateway
import Notation
import Store

/// The answers of many customers, and their changes.
enum ChangeDocument {
    static func answer(_ answer: AccessAnswer) -> Object<AccessAPI.Access> {
        Object {
            $0.set(answer)
            $0.customer = answer.customer
        }
    }

    static func unknown(_ customer: String) -> Object<ChangesAPI.Failure> {
        Object {
            $0.customer = customer
            $0.error = ChangesAPI.FailureWord.unknownCustomer.rawValue
        }
    }

    static func change(_ change: FeedChange) -> Object<ChangesAPI.Change> {
        Object {
            $0.set(change.answer)
            $0.customer = change.answer.customer
            $0.at = change.at
        }
    }

    /// - Parameter cursor: where to go on.
    static func page(_ page: FeedPage, _ cursor: FeedCursor) -> Object<ChangesAPI.Page> {
        Object {
            $0.data = page.changes.map(change)
            $0.cursor = cursor.text
            $0.hasMore = page.hasMore
        }
    }
}
