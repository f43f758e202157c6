// SPDX-License-Identifier: Apache-2.0

import Notation

/// Faults of ours in the words of a problem.
enum RouteProblem {
    /// Without the value, which the caller knows.
    static func words(for error: FieldError) -> String {
        "The field `\(error.path)` \(error.reason)\(error.advice.map { ": \($0)" } ?? "")."
    }
}
