import FoundationEssentials

/// The file where `tollgate dev` leaves the secrets and addresses it made, so that `tollgate trigger` and the other
/// commands work in the same folder without being told: one `KEY=VALUE` a line, blank lines and `#` comments allowed.
enum DevelopmentEnvironment {
    /// Relative to the folder that `tollgate dev` runs in.
    static let path = ".tollgate/dev.env"

    /// The file as `dev` writes it.
    static func text(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
    }

    /// - Throws: an error that names the file and the line, never the line's content.
    static func parse(_ text: String) throws(ConfigurationError) -> [String: String] {
        var values: [String: String] = [:]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let isComment = line.allSatisfy(\.isWhitespace) || line.hasPrefix("#")
            if isComment { continue }
            guard let equals = line.firstIndex(of: "="), equals != line.startIndex else {
                throw ConfigurationError(
                    variable: path, reason: "line \(index + 1) is not KEY=VALUE; run tollgate dev again")
            }
            values[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        return values
    }

    /// What `dev` left in the current folder; nothing where it never ran.
    static func load() throws(ConfigurationError) -> [String: String] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        let contents: String
        do {
            contents = try EnvironmentVariables.contents(ofFile: path)
        } catch {
            throw ConfigurationError(
                variable: path, reason: "the file cannot be read; run tollgate dev again as this user")
        }
        return try parse(contents)
    }
}
