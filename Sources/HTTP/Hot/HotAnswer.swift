// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// The answer to the client of a hot route.
package struct HotAnswer: Sendable {
    package let status: HTTPResponseStatus
    /// Nil without a body.
    package let contentType: String?
    package let body: [UInt8]
    /// Further headers that the status requires; they must contain no line ends.
    package let headers: [(name: String, value: String)]

    /// A JSON document.
    package init(_ body: [UInt8], status: HTTPResponseStatus = .ok) {
        self.status = status
        contentType = "application/json"
        self.body = body
        headers = []
    }

    /// Without a body.
    /// - Parameter headers: must contain no line ends.
    package init(_ status: HTTPResponseStatus, headers: [(name: String, value: String)]) {
        self.status = status
        contentType = nil
        body = []
        self.headers = headers
    }

    /// - Parameter headers: further ones, which must contain no line ends.
    package init(_ problem: ProblemDetails, headers: [(name: String, value: String)] = []) {
        status = HTTPResponseStatus(statusCode: problem.status.code, reasonPhrase: problem.title)
        contentType = ProblemDetails.contentType
        body = problem.body
        self.headers = problem.headers.map { ($0.name.rawName, $0.value) } + headers
    }

    /// The whole answer in one buffer, which is one write to the socket.
    /// - Parameters:
    ///   - connection: the value of the `Connection` header, if there is one.
    ///   - date: the value of the `Date` header.
    ///   - isToHead: whether the request was a HEAD: the length is sent, the body is not.
    func encoded(connection: String?, date: String, isToHead: Bool = false) -> ByteBuffer {
        let size = headers.reduce(192 + body.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        var bytes = ByteBufferAllocator().buffer(capacity: size)
        bytes.writeStaticString("HTTP/1.1 ")
        bytes.writeString(String(status.code))
        bytes.writeStaticString(" ")
        bytes.writeString(status.reasonPhrase)
        if let contentType {
            bytes.writeStaticString("\r\nContent-Type: ")
            bytes.writeString(contentType)
        }
        bytes.writeStaticString("\r\nContent-Length: ")
        bytes.writeString(String(body.count))
        bytes.writeStaticString("\r\nDate: ")
        bytes.writeString(date)
        for (name, value) in headers {
            bytes.writeStaticString("\r\n")
            bytes.writeString(name)
            bytes.writeStaticString(": ")
            bytes.writeString(value)
        }
        if let connection {
            bytes.writeStaticString("\r\nConnection: ")
            bytes.writeString(connection)
        }
        bytes.writeStaticString("\r\n\r\n")
        if !isToHead { bytes.writeBytes(body) }
        return bytes
    }
}
