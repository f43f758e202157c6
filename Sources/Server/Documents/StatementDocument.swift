// SPDX-License-Identifier: Apache-2.0

import API
import HTTPTypes
import Metering
import Notation
import Store

/// A statement as JSON. Its members are not sorted: what the lines come to is known once they are sent.
struct StatementDocument: StatementForm {
    let headers: HTTPFields = [.contentType: StatementsAPI.MediaType.json.rawValue]
    private var isFirst = true

    mutating func begin(_ statement: UsageStatement, _ bytes: inout [UInt8]) {
        let members: [String: JSON] = [
            "customer": .string(statement.customer), "month": .string(statement.month.description),
            "opening": .string(statement.opening.description), "closing": .string(statement.closing.description),
            "total": .string(statement.total.description), "credits": .integer(statement.credits),
            "records": .integer(statement.records), "words": .string(UsageText.words(statement)),
        ]
        // The brace at their end comes with what follows.
        bytes += JSON.object(members).bytes.dropLast()
        bytes += Array(#","lines":["#.utf8)
    }

    mutating func append(_ line: UsageLine, _ bytes: inout [UInt8]) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        bytes += Self.line(line).json.bytes
    }

    mutating func end(_ statement: UsageStatement, _ sums: StatementSums, _ bytes: inout [UInt8]) {
        bytes += Array(#"],"sums":"#.utf8)
        bytes += Self.sums(sums).json.bytes
        bytes.append(UInt8(ascii: "}"))
    }

    private static func line(_ line: UsageLine) -> Object<StatementsAPI.Line> {
        Object {
            $0.at = line.at
            $0.id = line.id
            $0.provider = line.provider
            $0.model = line.model
            $0.key = line.key
            $0.status = line.status.rawValue
            $0.bill = line.bill.rawValue
            $0.pools = UsageText.quantities(line.pools)
            $0.charge = line.charge.description
            $0.credits = line.credits
            $0.creditValue = line.creditValue.description
            $0.words = UsageText.words(line)
            $0.corrects = line.corrects
        }
    }

    private static func sums(_ sums: StatementSums) -> Object<StatementsAPI.Sums> {
        Object {
            $0.records = sums.records
            $0.free = sums.free
            $0.charge = Object {
                $0.credits = sums.charge(to: .credits).description
                $0.meter = sums.charge(to: .meter).description
                $0.none = sums.charge(to: .none).description
            }
            $0.credits = sums.credits
            $0.creditsWorth = sums.creditsWorth.description
        }
    }
}
