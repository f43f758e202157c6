// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import NIOCore
import NIOPosix

/// A TCP connection that sends bytes as they are and reads answers, for what no proper HTTP client would send.
package final class HTTPConnection {
    package struct Answer {
        package let status: Int
        /// By lower-case name.
        package let headers: [String: String]
        package let body: String

        package var problem: Problem {
            get throws { try JSONDecoder().decode(Problem.self, from: Data(body.utf8)) }
        }
    }

    package struct Problem: Decodable, Equatable {
        package let type: String
        package let title: String
        package let status: Int
        package let detail: String
        package let code: String
    }

    package struct Broken: Error {
        package let read: String
    }

    private let channel: any Channel
    private var parts: AsyncThrowingStream<ByteBuffer, any Error>.AsyncIterator
    private var unread = ByteBuffer()

    private init(_ channel: any Channel, _ parts: AsyncThrowingStream<ByteBuffer, any Error>) {
        self.channel = channel
        self.parts = parts.makeAsyncIterator()
    }

    /// Connects, lends the connection and closes it.
    package static func with<T>(port: Int, _ body: (HTTPConnection) async throws -> T) async throws -> T {
        let (parts, continuation) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
        // The server may finish first, while this side is still sending.
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reader(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let connection = HTTPConnection(channel, parts)
        do {
            let result = try await body(connection)
            channel.close(promise: nil)
            return result
        } catch {
            channel.close(promise: nil)
            throw error
        }
    }

    /// One request on a connection of its own.
    package static func request(
        port: Int,
        _ line: String,
        headers: [String] = [],
        body: String = ""
    ) async throws -> Answer {
        try await with(port: port) { connection in
            let length = body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"]
            let head = ["\(line) HTTP/1.1", "Host: test"] + headers + length
            try await connection.send(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
            return try await connection.answer(toHead: line.hasPrefix("HEAD "))
        }
    }

    package func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// Does not wait until the server has taken it all.
    package func beginToSend(_ text: String) {
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    /// Sends a FIN and goes on reading.
    package func finishSending() async throws {
        try await channel.close(mode: .output).get()
    }

    /// Waits until the connection is closed, even if nothing is read.
    package func closed() async throws {
        try await channel.closeFuture.get()
    }

    /// While paused, answers stay in the socket, as with a client that sends all before it reads.
    package func pauseReading(_ isPaused: Bool) async throws {
        try await channel.setOption(ChannelOptions.autoRead, value: !isPaused).get()
    }

    /// The next answer. Informational ones (1xx) count as answers.
    package func answer(toHead: Bool = false) async throws -> Answer {
        var head = try await readHead()
        let status = head.removeFirst().split(separator: " ")
        guard status.count >= 2, status[0] == "HTTP/1.1", let code = Int(status[1]) else {
            throw Broken(read: status.joined(separator: " "))
        }
        var headers: [String: String] = [:]
        for line in head {
            let field = line.split(separator: ":", maxSplits: 1).map { $0.trimming { $0 == " " } }
            headers[field[0].lowercased()] = field.count == 2 ? field[1] : ""
        }
        let length = toHead || code < 200 ? 0 : headers["content-length"].flatMap { Int($0) } ?? 0
        while unread.readableBytes < length {
            guard try await readMore() else { throw Broken(read: String(buffer: unread)) }
        }
        return Answer(status: code, headers: headers, body: unread.readString(length: length) ?? "")
    }

    /// What comes until it contains a text so many times, and is left unread.
    package func text(until end: String, times: Int = 1) async throws -> String {
        while true {
            let text = String(buffer: unread)
            if text.ranges(of: end).count >= times { return text }
            guard try await readMore() else { throw Broken(read: text) }
        }
    }

    /// What came after the last answer, once the server has closed.
    package func rest() async throws -> String {
        while try await readMore() {}
        return String(buffer: unread)
    }

    private func readHead() async throws -> [String] {
        while true {
            let text = String(buffer: unread)
            let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
            if let end = lines.firstIndex(of: ""), end < lines.count - 1 || text.hasSuffix("\r\n\r\n") {
                let head = lines[..<end].map(String.init)
                unread.moveReaderIndex(forwardBy: head.reduce(2) { $0 + $1.utf8.count + 2 })
                return head
            }
            guard try await readMore() else { throw Broken(read: text) }
        }
    }

    private func readMore() async throws -> Bool {
        var parts = parts
        guard var part = try await parts.next() else { return false }
        self.parts = parts
        unread.writeBuffer(&part)
        return true
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let continuation: AsyncThrowingStream<ByteBuffer, any Error>.Continuation

        init(_ continuation: AsyncThrowingStream<ByteBuffer, any Error>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(unwrapInboundIn(data))
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event { continuation.finish() }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            continuation.finish(throwing: error)
        }

        func channelInactive(context: ChannelHandlerContext) {
            continuation.finish()
        }
    }
}

extension Substring {
    fileprivate func trimming(_ isTrimmed: (Character) -> Bool) -> String {
        var text = drop(while: isTrimmed)
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return String(text)
    }
}
