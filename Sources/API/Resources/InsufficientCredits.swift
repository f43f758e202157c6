// SPDX-License-Identifier: Apache-2.0

/// The problem of who has too little to spend, with how much is there.
package struct InsufficientCredits: ObjectContent {
    package static let form = ObjectForm("InsufficientCredits", InsufficientCredits())

    package static let status = 402

    package let type = Property("type", .string)
    package let title = Property("title", .string)
    package let statusCode = Property("status", .integer(InsufficientCredits.status...InsufficientCredits.status))
    package let detail = Property("detail", .string)
    package let code = Property("code", .oneOf([ProblemCode.insufficientCredits]))
    /// Below zero if credits are owed.
    package let available = Property("available", .integer)

    /// Of an operation that spends.
    static let answer = Endpoint.Answer(
        status: status, mediaType: OpenAPIDocument.problemType, schema: form.schema,
        description: "insufficient_credits: fewer are available than asked for.")
}
