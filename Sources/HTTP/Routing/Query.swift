// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore

/// The query of a request. An unknown parameter is an error, as in a body: a misspelt filter must not become no filter.
package struct Query {
    private let values: [(name: String, value: String)]

    package init(_ request: Request) {
        self.init(request.uri)
    }

    /// - Parameter target: the request's target, as it was sent.
    package init(target: String) {
        self.init(URI(target))
    }

    private init(_ uri: URI) {
        values = uri.queryParameters.map { (String($0.key), String($0.value)) }
    }

    package func allow(_ names: [String]) throws(ProblemDetails) {
        for (name, _) in values where !names.contains(name) {
            let known = names.isEmpty ? "this route has none" : "known are: \(names.joined(separator: ", "))"
            throw .badRequest(
                code: "unknown_parameter", detail: "There is no parameter `\(name.prefix(64))`; \(known).")
        }
    }

    /// - Parameter emptyIsNone: whether an empty parameter counts as absent.
    /// - Returns: nil if the parameter is absent.
    package func value<T>(
        _ name: String,
        _ form: String,
        emptyIsNone: Bool = true,
        _ parse: (String) -> T?
    ) throws(ProblemDetails) -> T? {
        let found = values.filter { $0.name == name && !(emptyIsNone && $0.value.isEmpty) }
        guard let text = found.first?.value else { return nil }
        guard found.count == 1 else {
            throw .badRequest(
                code: "invalid_parameter", detail: "The parameter `\(name)` appears more than once; which is meant?")
        }
        guard let value = parse(text) else {
            throw .badRequest(code: "invalid_parameter", detail: "The parameter `\(name)` must be \(form).")
        }
        return value
    }
}
