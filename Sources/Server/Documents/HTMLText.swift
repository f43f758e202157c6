// SPDX-License-Identifier: Apache-2.0

/// HTML in which only literals are markup: what is interpolated is text, and is escaped.
struct HTMLText: ExpressibleByStringInterpolation {
    private(set) var text: String

    init(stringLiteral markup: StaticString) {
        text = "\(markup)"
    }

    init(stringInterpolation: StringInterpolation) {
        text = stringInterpolation.text
    }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 32 * interpolationCount)
        }

        mutating func appendLiteral(_ markup: StaticString) { text += "\(markup)" }

        mutating func appendInterpolation(_ markup: HTMLText) { text += markup.text }

        mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            for scalar in value.description.unicodeScalars { append(scalar) }
        }

        private mutating func append(_ scalar: Unicode.Scalar) {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            default: text.unicodeScalars.append(scalar.visible)
            }
        }

    }
}
