// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// The file in which `tollgate dev` leaves the secrets and addresses it made, so that `tollgate trigger` and the other
/// commands work in the same folder: one `KEY=VALUE` per line, in single quotes where a shell would split it; blank lines
/// and `#` comments are allowed.
package enum DevelopmentEnvironment {
    /// Relative to the folder that `tollgate dev` runs in.
    package static let path = ".tollgate/dev.env"

    /// Of its secrets and tokens.
    package static let label = "dev"

    /// The file as `dev` writes it.
    package static func text(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\(quoted($0.value))\n" }.joined()
    }

    /// As a shell reads it: who tries things out sources the file.
    private static func quoted(_ value: String) -> String {
        let isPlain = value.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.,:/@[]".contains($0)) }
        return isPlain ? value : "'\(value.replacing("'", with: #"'\''"#))'"
    }

    private static func unquoted(_ value: Substring) -> String {
        guard value.count > 1, value.first == "'", value.last == "'" else { return String(value) }
        return String(value.dropFirst().dropLast()).replacing(#"'\''"#, with: "'")
    }

    /// - Throws: an error that names the file and the line, never the line's content.
    package static func parse(_ text: String) throws(ConfigurationError) -> [String: String] {
        var values: [String: String] = [:]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let isComment = line.allSatisfy(\.isWhitespace) || line.hasPrefix("#")
            if isComment { continue }
            guard let equals = line.firstIndex(of: "="), equals != line.startIndex else {
                throw ConfigurationError(
                    variable: path, reason: "line \(index + 1) is not KEY=VALUE; run tollgate dev again")
            }
            values[String(line[..<equals])] = unquoted(line[line.index(after: equals)...])
        }
        return values
    }

    /// What `dev` left in the current folder; nothing if it never ran.
    ///
    /// Commands send tokens to the addresses it names, so it counts only if nobody else can have written it.
    package static func load() throws(ConfigurationError) -> [String: String] {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return [:] }
            throw fault("cannot be read (\(systemError)); run this as the user who runs tollgate dev")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw fault("is not a file") }
        guard status.st_uid == geteuid() else {
            throw fault("belongs to another user (\(status.st_uid)) and is not trusted; run this as that user")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw fault("can be written by other users and is not trusted; remove it and run tollgate dev again")
        }
        // A few lines: anything larger was not written by `dev`.
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw fault("cannot be read: \(systemError)") }
        return try parse(String(decoding: bytes[..<count], as: UTF8.self))
    }

    /// Created with its mode, so that nobody else can read it even for a moment, and written atomically.
    package static func save(_ values: [String: String]) throws(ConfigurationError) {
        let draft = "\(path).new"
        unlink(draft)  // left by a run that was killed, if there was one
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fault("cannot be written: \(systemError)") }
        defer { close(descriptor) }
        let bytes = Array(text(values).utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, rename(draft, path) == 0 else {
            throw fault("cannot be written: \(systemError)")
        }
    }

    /// The error message of the last failed system call.
    private static var systemError: String { String(cString: strerror(errno)) }

    private static func fault(_ reason: String) -> ConfigurationError {
        ConfigurationError(variable: path, reason: "\(AbsolutePath.of(path)) \(reason)")
    }
}
