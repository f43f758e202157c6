// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Metering
import Store

/// A form in which a statement is sent: its beginning, then its lines, page by page, then its end.
protocol StatementForm: Sendable {
    var headers: HTTPFields { get }

    mutating func begin(_ statement: UsageStatement, _ bytes: inout [UInt8])
    mutating func append(_ line: UsageLine, _ bytes: inout [UInt8])
    /// - Parameter sums: those of the lines.
    mutating func end(_ statement: UsageStatement, _ sums: StatementSums, _ bytes: inout [UInt8])
}
