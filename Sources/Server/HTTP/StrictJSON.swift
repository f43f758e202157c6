import FoundationEssentials
import NIOCore
import Notation

/// Reads the JSON of an admin request. A field that is not known is an error: a misspelt `until` must not become an
/// override without an end. Nor is one of two equal fields the one that was meant.
enum StrictJSON {
    /// - Parameter fields: all that may be in the object.
    /// - Throws: 400 that names the field.
    static func decode<Content: Decodable>(
        _ type: Content.Type,
        from body: ByteBuffer,
        fields: Set<String>
    ) throws(ProblemDetails) -> Content {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            let data = Data(body.readableBytesView)
            try JSON.check(data, keysAreUnique: true)
            return try decoder.decode(Checked<Content>.self, from: data, configuration: fields).content
        } catch let problem as ProblemDetails {
            throw problem
        } catch let error as DecodingError {
            throw problem(for: error)
        } catch JSON.DecodingFailure.duplicateKey(let key) {
            throw .badRequest(
                code: "duplicate_field",
                detail: "The field `\(key.prefix(64))` is there more than once; which is meant?")
        } catch {
            throw notJSON
        }
    }

    /// Decodes the content after a look at the names, in one pass.
    private struct Checked<Content: Decodable>: DecodableWithConfiguration {
        let content: Content

        init(from decoder: any Decoder, configuration known: Set<String>) throws {
            let container = try decoder.container(keyedBy: FieldName.self)
            let names = container.allKeys.sorted { $0.stringValue < $1.stringValue }
            if let unknown = names.first(where: { !known.contains($0.stringValue) }) {
                let allowed =
                    known.isEmpty ? "this route reads none" : "known are: \(known.sorted().joined(separator: ", "))"
                throw ProblemDetails.badRequest(
                    code: "unknown_field",
                    detail: "There is no field `\(unknown.stringValue.prefix(64))`; \(allowed)."
                )
            }
            do {
                content = try Content(from: decoder)
            } catch let error as DecodingError {
                throw error
            } catch {
                // A fraction, or beyond 64 bits: the decoder does not say where.
                guard let field = names.first(where: { Self.isUnfit(container, $0) }) else { throw error }
                throw DecodingError.typeMismatch(
                    Int.self, DecodingError.Context(codingPath: [field], debugDescription: "not a whole number"))
            }
        }

        private static func isUnfit(_ container: KeyedDecodingContainer<FieldName>, _ field: FieldName) -> Bool {
            // A field that is no number at all is not the one that is sought.
            guard let number = try? container.decode(Double.self, forKey: field) else { return false }
            return Int64(exactly: number) == nil
        }
    }

    private struct FieldName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }
    }

    private static var notJSON: ProblemDetails {
        .badRequest(code: "invalid_json", detail: "The body is not JSON.")
    }

    private static func problem(for error: DecodingError) -> ProblemDetails {
        switch error {
        case .keyNotFound(let key, let context):
            let name = path(context.codingPath + [key])
            return .badRequest(code: "missing_field", detail: "The field `\(name)` is missing.")
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            guard !context.codingPath.isEmpty else {
                return .badRequest(code: "invalid_json", detail: "The body must be a JSON object.")
            }
            let detail = "The field `\(path(context.codingPath))` must be \(description(of: type))."
            return .badRequest(code: "invalid_field", detail: detail)
        case .dataCorrupted(let context):
            guard !context.codingPath.isEmpty else { return notJSON }
            let detail = "The field `\(path(context.codingPath))` is not valid: \(context.debugDescription)"
            return .badRequest(code: "invalid_field", detail: detail)
        @unknown default:
            return notJSON
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }

    private static func description(of type: any Any.Type) -> String {
        switch type {
        case is any FixedWidthInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is Bool.Type: "true or false"
        case is String.Type: "a string"
        case is Date.Type: "a time such as 2026-11-26T09:00:00Z"
        case is [Any].Type: "a list"
        default: "an object"
        }
    }
}
