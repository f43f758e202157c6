// SPDX-License-Identifier: Apache-2.0

import HTTP
import Hummingbird
import Stripe

extension PathParameter {
    /// An event's id: whatever the inbox keeps, so percent-encoded where it is more than letters, digits, _ and -.
    static func eventID(_ name: String, _ encoded: String) throws(ProblemDetails) -> String {
        let id = try text(name, encoded)
        guard EventCriteria.id(id) != nil else {
            throw .badRequest(
                code: "invalid_id",
                detail: "The {\(name)} of the path must be \(EventCriteria.idForm), percent-encoded.")
        }
        return id
    }

    /// An id of any other object of Stripe's.
    static func id(_ name: String, _ encoded: String) throws(ProblemDetails) -> String {
        let id = try text(name, encoded)
        guard ID.isValid(id) else {
            throw .badRequest(
                code: "invalid_id", detail: "The {\(name)} of the path must be 1 to 255 letters, digits, _ or -.")
        }
        return id
    }
}

extension RequestContext {
    /// An id in the path.
    func id(_ name: String) throws(ProblemDetails) -> String {
        guard let encoded = parameters.get(name) else { throw .notFound() }
        return try PathParameter.id(name, encoded)
    }

    /// An event's id in the path.
    func eventID(_ name: String) throws(ProblemDetails) -> String {
        guard let encoded = parameters.get(name) else { throw .notFound() }
        return try PathParameter.eventID(name, encoded)
    }

    /// A price's or an old plan's id in the path.
    func price(_ name: String) throws(ProblemDetails) -> String {
        let id = try parameter(name)
        guard ID.isPrice(id) else {
            throw .badRequest(
                code: "invalid_id", detail: "The {\(name)} of the path must be 1 to 255 letters, digits, _, - or dots."
            )
        }
        return id
    }
}
