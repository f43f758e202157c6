// SPDX-License-Identifier: Apache-2.0

/// The lexical rules of the Prometheus text format 0.0.4.
enum PrometheusText {
    /// `tollgate.http-requests` becomes `tollgate_http_requests`.
    static func name(_ label: String) -> String {
        identifier(label, isAllowed: { $0 == ":" })
    }

    /// `{a="b",c="d"}`, ordered by name, or nothing. Of two dimensions with the same name, the later one counts.
    static func labels(_ dimensions: [(String, String)]) -> String {
        if dimensions.isEmpty { return "" }
        var values: [String: String] = [:]
        for (name, value) in dimensions {
            let name = identifier(name, isAllowed: { _ in false })
            // `le` is reserved for histograms.
            values[name == "le" ? "le_" : name] = value
        }
        let pairs = values.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(labelValue($0.value))\"" }
        return "{\(pairs.joined(separator: ","))}"
    }

    static func help(_ text: String) -> String {
        escape(text, isQuoted: false)
    }

    /// Whole numbers without a fraction, because they are easier to read.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? "\(value)"
    }

    private static func labelValue(_ text: String) -> String {
        escape(text, isQuoted: true)
    }

    private static func escape(_ text: String, isQuoted: Bool) -> String {
        var escaped = String.UnicodeScalarView()
        // By scalar: a line feed after a carriage return is part of one Character.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: #"\\"#.unicodeScalars)
            case "\n": escaped.append(contentsOf: #"\n"#.unicodeScalars)
            case "\"" where isQuoted: escaped.append(contentsOf: #"\""#.unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    private static func identifier(_ text: String, isAllowed: (Unicode.Scalar) -> Bool) -> String {
        var identifier = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": identifier.unicodeScalars.append(scalar)
            case "0"..."9":
                if identifier.isEmpty { identifier = "_" }
                identifier.unicodeScalars.append(scalar)
            case _ where isAllowed(scalar): identifier.unicodeScalars.append(scalar)
            default: identifier += "_"
            }
        }
        return identifier.isEmpty ? "_" : identifier
    }
}
