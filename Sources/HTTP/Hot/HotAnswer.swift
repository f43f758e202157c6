// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// The answer to the client of a hot route.
package struct HotAnswer: Sendable {
    package let status: HTTPResponseStatus
    /// Nil without a body.
    package let contentType: String?
    package let body: [UInt8]
    /// Headers that the status requires.
    private let headers: [(name: String, value: String)]
    /// Further headers as they are sent, each after a line end: `\r\nName: value`.
    package let headerLines: [UInt8]

    /// A JSON document.
    package init(_ body: [UInt8], status: HTTPResponseStatus = .ok) {
        self.status = status
        contentType = "application/json"
        self.body = body
        headers = []
        headerLines = []
    }

    /// Without a body.
    /// - Parameter headerLines: each after a line end; their values must contain none.
    package init(_ status: HTTPResponseStatus, headerLines: [UInt8]) {
        self.status = status
        contentType = nil
        body = []
        headers = []
        self.headerLines = headerLines
    }

    /// - Parameter headerLines: each after a line end; their values must contain none.
    package init(_ problem: ProblemDetails, headerLines: [UInt8] = []) {
        status = HTTPResponseStatus(statusCode: problem.status.code, reasonPhrase: problem.title)
        contentType = ProblemDetails.contentType
        body = problem.body
        headers = problem.headers.map { ($0.name.rawName, $0.value) }
        self.headerLines = headerLines
    }

    /// The whole answer in one buffer, which is one write to the socket.
    /// - Parameters:
    ///   - connection: the value of the `Connection` header, if there is one.
    ///   - date: the value of the `Date` header.
    ///   - isToHead: whether the request was a HEAD: the length is sent, the body is not.
    func encoded(connection: String?, date: String, isToHead: Bool = false) -> ByteBuffer {
        let size = headers.reduce(192 + headerLines.count + body.count) {
            $0 + $1.name.utf8.count + $1.value.utf8.count + 4
        }
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
        bytes.writeBytes(headerLines)
        if let connection {
            bytes.writeStaticString("\r\nConnection: ")
            bytes.writeString(connection)
        }
        bytes.writeStaticString("\r\n\r\n")
        if !isToHead { bytes.writeBytes(body) }
        return bytes
    }
}
