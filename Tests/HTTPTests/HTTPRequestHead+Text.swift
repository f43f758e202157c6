// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1
import Testing

extension HTTPRequestHead {
    /// - Parameter text: the lines of a head, without the blank one.
    init(_ text: String) throws {
        var lines = text.split(separator: "\r\n")
        let line = lines.removeFirst().split(separator: " ")
        let headers = try lines.map { line in
            let colon = try #require(line.firstIndex(of: ":"))
            return (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        self.init(
            version: line[2] == "HTTP/1.0" ? .http1_0 : .http1_1, method: HTTPMethod(rawValue: String(line[0])),
            uri: String(line[1]), headers: HTTPHeaders(headers))
    }
}
