// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The environment as settings are read from it: an empty value counts as not set, and a secret may be in a file.
package struct EnvironmentVariables {
    private let values: [String: String]
    private let ofDevelopment: Set<String>
    private let readFile: (String) throws -> String

    /// - Parameter ofDevelopment: the names of the variables that `tollgate dev` left in its file.
    package init(
        _ values: [String: String],
        ofDevelopment: Set<String> = [],
        readFile: @escaping (String) throws -> String = Self.contents(ofFile:)
    ) {
        self.values = values
        self.ofDevelopment = ofDevelopment
        self.readFile = readFile
    }

    /// The variable that names the file of a secret.
    static func file(of name: String) -> String { name + "_FILE" }

    package func text(_ name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// Distinguishes `NAME=` from no `NAME` at all.
    func isSetToNothing(_ name: String) -> Bool {
        values[name] == "" && text(Self.file(of: name)) == nil
    }

    func origin(of name: String, isSecret: Bool) -> SettingOrigin {
        if ofDevelopment.contains(name) { return .development }
        if isSecret, let path = text(Self.file(of: name)) { return .file(path: Self.display(path)) }
        return text(name) == nil ? .standard : .environment
    }

    /// The value of `name`, or the contents of the file that `name_FILE` names, without one trailing newline.
    func secret(_ name: String) throws(ConfigurationError) -> String? {
        let fileVariable = Self.file(of: name)
        guard let path = text(fileVariable) else { return text(name) }
        if text(name) != nil {
            throw ConfigurationError(variable: name, reason: "is set, and so is \(fileVariable); keep one of the two")
        }
        var contents: String
        do {
            contents = try readFile(path)
        } catch {
            let reason = "\(Self.display(path)) cannot be read: \(Self.cause(error))"
            throw ConfigurationError(variable: fileVariable, reason: reason)
        }
        if let last = contents.last, last == "\n" || last == "\r\n" { contents.removeLast() }
        guard !contents.allSatisfy(\.isWhitespace) else {
            let reason = "\(Self.display(path)) is empty; put the secret there, or unset \(fileVariable)"
            throw ConfigurationError(variable: fileVariable, reason: reason)
        }
        return contents
    }

    /// The whole file as text.
    package static func contents(ofFile path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    /// A secret that was set as a path by mistake does not look like a path, so it is not shown.
    private static func display(_ path: String) -> String {
        ["/", "./", "../"].contains { path.hasPrefix($0) } ? "the file \(path)" : "the file it names"
    }

    private static func cause(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: "there is no such file"
        case .fileReadNoPermission: "this user may not read it"
        case .fileReadInapplicableStringEncoding, .fileReadCorruptFile: "it is not UTF-8 text"
        default: "it is not a readable text file"
        }
    }
}
