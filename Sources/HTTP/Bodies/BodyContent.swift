// SPDX-License-Identifier: Apache-2.0

/// The content of the JSON object in a request's body.
package protocol BodyContent {
    /// Every field that is allowed in it.
    static var fields: Set<String> { get }

    /// - Throws: 400 that names the field that is missing or malformed.
    init(_ body: BodyObject) throws(ProblemDetails)
}
