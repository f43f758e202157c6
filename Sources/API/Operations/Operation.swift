// SPDX-License-Identifier: Apache-2.0

import Notation

/// An endpoint with the types of what it takes and answers: the server registers a route with it, and the client builds
/// a request from it.
package struct Operation<Parameters: ObjectContent, Body: ObjectContent, Answer: ObjectContent>: Sendable {
    package let endpoint: Endpoint

    /// The largest document that most operations read, in bytes.
    package static var documentLimit: Int { 64 * 1024 }

    /// - Parameters:
    ///   - id: unique in the whole contract.
    ///   - caller: who may call it; the resulting problems (401, 403) are added.
    ///   - bodyLimit: in bytes; 0 if not even an empty object is read. Nil for the usual one.
    ///   - status: the usual answer's.
    ///   - others: answers with another status.
    ///   - problems: its own; those that every such endpoint may answer with are added.
    ///   - links: by the operation that uses an id from the answer.
    init(
        _ method: Endpoint.Method,
        _ path: String,
        id: String,
        on sides: Set<Endpoint.Side> = [.private],
        by caller: Endpoint.Caller,
        _ summary: String,
        bodyLimit: Int? = nil,
        status: Int = 200,
        others: [Endpoint.Answer] = [],
        problems: Set<ProblemCode> = [],
        links: [Endpoint.Link] = []
    ) {
        let schema = Answer.self == Nothing.self ? nil : Answer.form.schema
        let answer = Endpoint.Answer(
            status: status, mediaType: "application/json", schema: schema, description: "Done.")
        let hasBody = Body.self != Nothing.self
        let bodyLimit = bodyLimit ?? (caller == .anybody ? 0 : Self.documentLimit)
        let common = ProblemCode.common(
            caller, Parameters.form.properties, hasBody: hasBody, readsBody: bodyLimit > 0)
        self.init(
            Endpoint(
                method: method, path: path, id: id, sides: sides, caller: caller, summary: summary,
                parameters: Parameters.form.properties, body: hasBody ? Body.form.schema : nil, bodyDescription: nil,
                bodyLimit: bodyLimit, answers: [answer] + others, problems: problems.union(common), links: links))
    }

    /// For an endpoint that is not like the others.
    init(_ endpoint: Endpoint) {
        self.endpoint = endpoint
    }

    /// Path and query of a request, percent-encoded.
    package func target(_ parameters: Object<Parameters>) -> String {
        let members = parameters.json.object ?? [:]
        var path = ""
        for (place, segment) in endpoint.segments.enumerated() {
            guard segment.hasPrefix("{") else {
                path += "/\(segment)"
                continue
            }
            let text = members[String(segment.dropFirst().dropLast())].map(ParameterText.text) ?? ""
            let isWord = [".", ".."].contains(text) || Contract.hasSegment(text, at: place, besides: endpoint)
            path += "/" + (isWord ? PercentEncoding.everyByte(text) : PercentEncoding.segment(text))
        }
        let pairs = Parameters.form.properties.filter { $0.place == .query }.compactMap { property in
            members[property.name].map { "\(property.name)=\(PercentEncoding.segment(ParameterText.text($0)))" }
        }
        return pairs.isEmpty ? path : "\(path)?\(pairs.joined(separator: "&"))"
    }

    package func headers(_ parameters: Object<Parameters>) -> [(String, String)] {
        let members = parameters.json.object ?? [:]
        return Parameters.form.properties.filter { $0.place == .header }.compactMap { property in
            members[property.name].map { (property.name, ParameterText.text($0)) }
        }
    }
}
