// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import HTTPTypes
import Notation

extension ProblemDetails {
    /// Why nothing was spent, held or given back.
    init(_ refusal: SpendingRefusal) {
        switch refusal {
        case .unknownCustomer: self = .unknownCustomer
        case .unknownHold: self = .unknownHold
        case .denied(let reason):
            self = .forbidden(code: reason.rawValue, detail: "The customer may not spend: \(reason.rawValue).")
        case .insufficientCredits(let available):
            self.init(
                HTTPResponse.Status(declared: InsufficientCredits.status),
                code: ProblemCode.insufficientCredits.rawValue,
                detail: "\(Self.words(available: available)), fewer than asked for.",
                members: ["available": .integer(available)])
        case .holdResolved:
            self.init(.holdResolved, "The hold of this id has ended: every call needs a hold with an id of its own.")
        case .holdSettled: self.init(.holdSettled, "The hold was settled.")
        case .holdReleased: self.init(.holdReleased, "The hold was released.")
        case .holdExpired:
            self.init(.holdExpired, "The hold has expired: it can still be settled, or make another one.")
        case .conflict: self.init(.conflict, "The same id was used with another request: use a new one.")
        case .overflow: self.init(.balanceOutOfRange, "The balance would leave 64 bits.")
        }
    }

    /// To begin a sentence.
    static func words(available: Int64) -> String {
        switch available {
        case ..<0: "No credits are available (\(available.magnitude) are owed)"
        case 0: "No credits are available"
        case 1: "1 credit is available"
        default: "\(available) credits are available"
        }
    }

    /// The database did not answer in time.
    static var unknownOutcome: ProblemDetails {
        .serviceUnavailable(
            detail: """
                The database did not confirm it, so it may have been done or not: send the same request again, which \
                never does it twice.
                """, retryAfter: 1)
    }
}
