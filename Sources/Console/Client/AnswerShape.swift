// SPDX-License-Identifier: Apache-2.0

import Notation
import Store
import Stripe

/// What a command needs of an answer before it reads anything else out of it. Whoever answers at an address may be
/// something else than Tollgate: that must neither look like "none" nor be asked again and again.
package struct AnswerShape: Sendable {
    private struct Field: Sendable {
        let name: String
        /// `a list`.
        let form: String
        let isRight: @Sendable (JSON?) -> Bool
    }

    private let fields: [Field]

    /// A page of a list.
    package static let list = AnswerShape(fields: [objects("data")])
    static let statistics = AnswerShape(fields: [number("count"), objects("data")])
    package static let event = AnswerShape(fields: [text("id"), text("status")])
    package static let customer = AnswerShape(fields: [text("customer")])
    static let purchase = AnswerShape(fields: [text("id")])
    static let price = AnswerShape(fields: [text("price")])
    static let dryRun = AnswerShape(fields: [number("count"), objects("sample")])
    /// Its id is asked for, and its status is waited for.
    static let replay = AnswerShape(fields: [
        Field(name: "id", form: "an id") { $0?.string.map(ID.isValid) ?? false },
        Field(name: "status", form: "one of \(ReplayStatus.allCases.map(\.rawValue).joined(separator: ", "))") {
            $0?.string.flatMap(ReplayStatus.init(rawValue:)) != nil
        },
        number("matched"),
    ])

    private static func text(_ name: String) -> Field {
        Field(name: name, form: "a string") { $0?.string != nil }
    }

    private static func number(_ name: String) -> Field {
        Field(name: name, form: "a whole number") { $0?.integer != nil }
    }

    private static func objects(_ name: String) -> Field {
        Field(name: name, form: "a list of objects") { $0?.array?.allSatisfy { $0.object != nil } ?? false }
    }

    /// What is wrong with an answer; nil where it has this shape.
    func fault(of answer: JSON) -> String? {
        guard answer.object != nil else { return "it is no JSON object; is that Tollgate's private listener?" }
        return fields.first { !$0.isRight(answer[$0.name]) }.map {
            "`\($0.name)` is not \($0.form); is that Tollgate's private listener?"
        }
    }
}
