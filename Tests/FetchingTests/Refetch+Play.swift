// SPDX-License-Identifier: Apache-2.0

import Fetching
import Notation
import TestSupport

@testable import StripeAPI

extension Refetch {
    /// Plays it against objects as Stripe's API shows them.
    /// - Parameters:
    ///   - errors: what is answered instead, by the path.
    ///   - pageSize: nil for one with which all is read.
    ///   - note: is told each path and query.
    func play(
        against objects: StripeObjects, asked: Timestamp, errors: [String: StripeAPIError] = [:],
        pageSize: Int? = nil, note: (String) -> Void = { _ in }
    ) throws -> Refetched {
        var refetch = self
        while true {
            switch refetch.next() {
            case .done(let refetched): return refetched
            case .send(let request):
                note(request.target)
                if let error = errors[request.path] {
                    try refetch.take(.failure(error), asked: asked)
                } else if let answer = objects.answer(to: request.target, pageSize: pageSize) {
                    try refetch.take(.success(answer), asked: asked)
                } else {
                    try refetch.take(.failure(.notFound), asked: asked)
                }
            }
        }
    }
}

extension Refetched {
    /// The synthetic events.
    func events(marker: String = "evt_1") throws -> [JSON] {
        try entries(marker: marker).map { try JSON(bytes: $0.payload) }
    }
}
