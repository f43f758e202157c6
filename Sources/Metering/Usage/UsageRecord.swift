// SPDX-License-Identifier: Apache-2.0

import Notation

/// What a gateway reports of one call.
package struct UsageRecord: Hashable, Sendable {
    /// Whose numbers `usage` are: providers count cached tokens inside the prompt or outside of it, and the numbers
    /// alone do not tell.
    package enum Dialect: String, Sendable, CaseIterable {
        case anthropic
        /// Chat completions and responses.
        case openai
        /// Our own: pools by their names.
        case tokens
    }

    package enum Status: String, Sendable, CaseIterable {
        case ok
        case failed
        /// By the client, in the middle of the answer.
        case aborted
        /// By the model.
        case refused
    }

    /// What a failed call is charged (`TOLLGATE_BILL_FAILED`).
    package enum FailedCalls: String, Sendable, CaseIterable {
        /// Its prompt, if the provider counted it.
        case input
        case none
    }

    package var provider: String
    package var dialect: Dialect
    package var model: String
    /// The provider's own usage object; nil if the call has none.
    package var usage: JSON?
    package var isBatch: Bool
    package var status: Status

    package init(
        provider: String, dialect: Dialect, model: String, usage: JSON?, isBatch: Bool = false, status: Status = .ok
    ) {
        self.provider = provider
        self.dialect = dialect
        self.model = model
        self.usage = usage
        self.isBatch = isBatch
        self.status = status
    }
}
