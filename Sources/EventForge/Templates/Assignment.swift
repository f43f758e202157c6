// SPDX-License-Identifier: Apache-2.0

import Notation

/// One `--set json.path=value`: keys and array indexes separated by dots, and the value to put there.
package struct Assignment: Hashable, Sendable {
    package enum Fault: Error, Hashable, CustomStringConvertible {
        case noValue(String)
        case emptyKey(String)
        case noSuchIndex(path: String, index: String, count: Int)

        package var description: String {
            switch self {
            case .noValue(let text):
                "\"\(text)\" sets nothing; write json.path=value, such as \"data.object.status=past_due\""
            case .emptyKey(let path): "\"\(path)\" has an empty key; separate keys and indexes by single dots"
            case .noSuchIndex(let path, let index, let count):
                "\"\(path)\": there is no element \"\(index)\" in an array of \(count); \(count) appends one"
            }
        }
    }

    let path: String
    let value: JSON

    /// - Parameter text: the value is read as JSON if it is JSON, else as plain text.
    package init(_ text: String) throws(Fault) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { throw .noValue(text) }
        path = String(text[..<equals])
        let raw = text[text.index(after: equals)...]
        do {
            value = try JSON(bytes: Array(raw.utf8))
        } catch {
            value = .string(String(raw))  // `past_due` is not JSON, and is meant literally
        }
        if Self.keys(of: path).contains("") { throw .emptyKey(path) }
    }

    /// The tree with the value in its place; keys missing on the way there are created.
    package func applied(to tree: JSON) throws(Fault) -> JSON {
        try set(in: tree, keys: Self.keys(of: path)[...])
    }

    private func set(in tree: JSON, keys: ArraySlice<String>) throws(Fault) -> JSON {
        guard let key = keys.first else { return value }
        let rest = keys.dropFirst()
        switch tree {
        case .array(var elements):
            guard let index = Int(key), (0...elements.count).contains(index) else {
                throw .noSuchIndex(path: path, index: key, count: elements.count)
            }
            let element = try set(in: index < elements.count ? elements[index] : .null, keys: rest)
            if index < elements.count { elements[index] = element } else { elements.append(element) }
            return .array(elements)
        case .object(var members):
            members[key] = try set(in: members[key] ?? .null, keys: rest)
            return .object(members)
        case .null, .bool, .integer, .number, .string:
            return .object([key: try set(in: .null, keys: rest)])
        }
    }

    private static func keys(of path: String) -> [String] {
        path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }
}
