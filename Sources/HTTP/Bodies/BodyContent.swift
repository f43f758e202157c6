// SPDX-License-Identifier: Apache-2.0

/// What the JSON object in a request's body says.
package protocol BodyContent {
    /// All that may be in it.
    static var fields: Set<String> { get }

    /// - Throws: 400 that names the field which is missing or of the wrong form.
    init(_ body: BodyObject) throws(ProblemDetails)
}
