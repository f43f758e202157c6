// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import Glibc
import NIOCore
import Synchronization
import TestSupport
import Testing

extension FaultTests {
    /// Connections of random bytes and requests, on both listeners of the real binary.
    @Suite struct ConnectionNoise {
        private static let connections = 100_000
        private static let senders = 8
        /// The most memory the server may take, in KiB: a few times what it takes idle, far below what one client could
        /// cause if anything were unbounded.
        private static let memory = 200 * 1024

        @Test func `100,000 connections of noise leave the server alive, small and at everybody's service`()
            async throws
        {
            try await FaultCluster.with { cluster in
                let server = try FaultServer(cluster.url, in: cluster.folder)
                try await server.run { program in
                    let hogs = try (0..<4).map { number in
                        try Hog(port: number % 2 == 0 ? server.port : server.privatePort, number: number)
                    }
                    let senders = (0..<Self.senders).map { sender in
                        NoiseLane(
                            UInt64(sender), of: Self.connections / Self.senders, publicPort: server.port,
                            privatePort: server.privatePort)
                    }
                    for sender in senders { sender.start() }
                    var served = 0
                    while !senders.allSatisfy(\.hasEnded) {
                        #expect(try await server.post(served) == 200)
                        #expect(try await server.ask("/healthz", port: server.port) == 200)
                        #expect(try await server.ask("/readyz", port: server.privatePort) == 200)
                        served += 1
                        for hog in hogs { hog.push() }
                    }
                    let faults = senders.flatMap(\.faults)
                    #expect(faults == [])
                    #expect(senders.map(\.made).reduce(0, +) == Self.connections)
                    #expect(served > 0)
                    let peak = try Self.peakMemory(of: program.process)
                    #expect(peak < Self.memory, "\(peak) KiB")
                    print("noise: \(Self.connections) connections, \(served) rounds of the probe, \(peak) KiB at most")
                    withExtendedLifetime(hogs) {}
                }
            }
        }

        private static func peakMemory(of process: pid_t) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
            return try #require(line.split(separator: " ").compactMap { Int($0.filter(\.isNumber)) }.first)
        }
    }
}

/// A client that sends requests as fast as the server takes them, and reads no answer.
private final class Hog {
    private let socket: BlockingSocket
    private let bytes: [UInt8]

    init(port: Int, number: Int) throws {
        // A small window, so that the system's own buffers are soon full.
        socket = try BlockingSocket(port: port, source: 200 + number, window: 4096)
        let request =
            number < 2
            ? "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" : "POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\n\r\n"
        bytes = Array(String(repeating: request, count: 4000).utf8)
    }

    func push() {
        for _ in 0..<10 { _ = socket.sendWithoutWaiting(bytes) }
    }
}

/// Makes connections one after the other, each from its own seed: the numbers reported with a fault reproduce it.
private final class NoiseLane: Sendable {
    private struct State {
        var made = 0
        var faults: [String] = []
        var hasEnded = false
    }

    private let sender: UInt64
    private let count: Int
    private let ports: [Int]
    private let state = Mutex(State())

    init(_ sender: UInt64, of count: Int, publicPort: Int, privatePort: Int) {
        self.sender = sender
        self.count = count
        ports = [publicPort, publicPort, privatePort]
    }

    var made: Int { state.withLock(\.made) }
    var faults: [String] { state.withLock(\.faults) }
    var hasEnded: Bool { state.withLock(\.hasEnded) }

    /// On a thread of its own, since it blocks.
    func start() {
        Thread.detachNewThread { self.run() }
    }

    private func run() {
        for number in 0..<count {
            var random = SeededRandom(sender << 32 | UInt64(number))
            do {
                try connect(&random)
                state.withLock { $0.made += 1 }
            } catch {
                let isTooMuch = state.withLock { state in
                    state.faults.append("sender \(sender), connection \(number): \(error)")
                    return state.faults.count > 20
                }
                if isTooMuch { break }
            }
        }
        state.withLock { $0.hasEnded = true }
    }

    private func connect(_ random: inout SeededRandom) throws {
        let socket = try BlockingSocket(port: ports[Int(random.within(0...2))], source: Int(sender) + 2)
        let count = random.one(in: 8) ? Int(random.within(2...12)) : 1
        let requests = (0..<count).map { _ in NoiseRequest.proper(&random) }
        let bytes = requests.flatMap { Array($0.utf8) }
        switch random.within(0...10) {
        case 10:
            // Many bytes with little content: line ends, small chunks, trailers.
            guard socket.send(Array(NoiseRequest.thin(&random).utf8)) else { return }
            if random.one(in: 2) { socket.finishSending() }
            try socket.readAnswers(nil)
        case 0, 1:
            // Sends everything, and reads all answers.
            guard socket.send(bytes) else { return }
            try socket.readAnswers(count)
        case 2, 3:
            // The same, but closes its side first.
            guard socket.send(bytes) else { return }
            socket.finishSending()
            try socket.readAnswers(count, toTheEnd: true)
        case 4:
            // Sends much, and reads no answer.
            _ = socket.sendWithoutWaiting((0..<10).flatMap { _ in bytes })
        case 5:
            // Sends only a part.
            _ = socket.send(Array(bytes.prefix(Int(random.within(0...Int64(bytes.count))))))
            if random.one(in: 2) {
                socket.finishSending()
                if random.one(in: 2) { try socket.readAnswers(nil, toTheEnd: true) }
            }
        case 6:
            // Reads the answers byte by byte.
            guard socket.send(bytes) else { return }
            socket.readBytes(Int(random.within(1...30)))
        default:
            _ = socket.send(NoiseRequest.mutated(bytes, &random))
            socket.finishSending()
            try socket.readAnswers(nil, toTheEnd: true)
        }
    }
}

private enum NoiseRequest {
    /// A request that gets one answer, and does not end the connection.
    static func proper(_ random: inout SeededRandom) -> String {
        let hosted = "Host: x\r\n"
        switch random.within(0...5) {
        case 0: return "GET /healthz HTTP/1.1\r\n\(hosted)\r\n"
        case 1:
            return
                "HEAD /healthz HTTP/1.1\r\n\(hosted)X: \(String(repeating: "y", count: Int(random.within(0...3000))))\r\n\r\n"
        case 2: return "GET /v1/customers/cus_1/access HTTP/1.1\r\n\(hosted)Authorization: Bearer  wrong \r\n\r\n"
        case 3: return "GET /nothing/\(random.within(0...99)) HTTP/1.1\r\n\(hosted)\r\n"
        case 4: return "GET /v1/customers/%ff/access HTTP/1.1\r\n\(hosted)\r\n"
        default: return "\r\nGET /admin/v1/events HTTP/1.1\r\n\(hosted)\r\n"
        }
    }

    /// A request that gets at least one answer.
    static func thin(_ random: inout SeededRandom) -> String {
        let count = Int(random.within(0...5000))
        let ends = ["\n", "\r", "\r\n"][Int(random.within(0...2))]
        let paths = ["/webhooks/stripe", "/healthz", "/nothing", "/admin/v1/replays"]
        let path = paths[Int(random.within(0...3))]
        let chunked = "POST \(path) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        let end = "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        switch random.within(0...4) {
        case 0: return String(repeating: ends, count: count) + "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        case 1:
            let size = String(count * ends.utf8.count, radix: 16)
            return "\(chunked)\(size)\r\n" + String(repeating: ends, count: count) + "\r\n\(end)"
        case 2: return chunked + String(repeating: "1\r\n\n\r\n", count: count) + end
        case 3: return "\(chunked)1\r\na\r\n0\r\n" + String(repeating: "A: b\r\n", count: count) + "\r\n"
        default: return chunked + String(repeating: "1;a\r\n\n\r\n", count: count) + end
        }
    }

    static func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        let words = [
            "\r\n", "\r\n\r\n", "\n\n", "\0", ":", "Transfer-Encoding: chunked\r\n",
            "Content-Length: 18446744073709551616\r\n",
            "Connection: close\r\n", "Upgrade: h2c\r\n", "Expect: 100-continue\r\n", "HTTP/1.0", "CONNECT ",
            "ffffffff\r\n", "Transfer-Encoding: chunked\r\n\r\n1\r\n\n\r\n", "1\r\na\r\n", "0\r\nA: b\r\n\r\n",
            String(repeating: "\n", count: 40),
            "POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", "\u{ff}",
        ]
        var bytes = bytes
        for _ in 0...random.within(0...5) {
            let place = Int(random.within(0...Int64(bytes.count)))
            switch random.within(0...3) {
            case 0: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
            case 1: bytes.insert(contentsOf: words[Int(random.within(0...Int64(words.count - 1)))].utf8, at: place)
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int(random.within(0...20))))
            default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 200)], at: place)
            }
        }
        return bytes
    }
}

/// A client's blocking socket, without an event loop: cheaper than one with.
private final class BlockingSocket {
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: Int32

    /// - Parameter source: which loopback address it connects from: each has its own ports.
    init(port: Int, source: Int, window: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Fault(description: "no socket: \(errno)") }
        // Closing sends a reset, so that no port stays in TIME_WAIT.
        set(SO_LINGER, linger(l_onoff: 1, l_linger: 0))
        if let window { set(SO_RCVBUF, window) }
        set(SO_RCVTIMEO, timeval(tv_sec: 30, tv_usec: 0))
        set(SO_SNDTIMEO, timeval(tv_sec: 30, tv_usec: 0))
        var from = Self.address(0x7F00_0000 | UInt32(source), port: 0)
        var to = Self.address(0x7F00_0001, port: port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected =
            withUnsafePointer(to: &from) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
            }
            && withUnsafePointer(to: &to) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) == 0 }
            }
        guard isConnected else {
            let code = errno
            close(descriptor)
            throw Fault(description: "no connection: \(String(cString: strerror(code)))")
        }
    }

    deinit { close(descriptor) }

    private func set<T: BitwiseCopyable>(_ option: Int32, _ value: T) {
        var value = value
        setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<T>.size))
    }

    private static func address(_ host: UInt32, port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = host.bigEndian
        return address
    }

    /// - Returns: false if the server has closed the connection.
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    func sendWithoutWaiting(_ bytes: [UInt8]) -> Int {
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }

    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    func readBytes(_ count: Int) {
        var byte: UInt8 = 0
        for _ in 0..<count where recv(descriptor, &byte, 1, 0) <= 0 { return }
    }

    /// Checks that every answer is HTTP and reports no server error.
    /// - Parameter wanted: how many answers to expect; nil for any number.
    func readAnswers(_ wanted: Int?, toTheEnd: Bool = false) throws {
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            if !toTheEnd, Self.answers(text) >= wanted ?? 1 { break }
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count == 0 || (count < 0 && errno == ECONNRESET && wanted == nil) { break }
            guard count > 0 else { throw Fault(description: "no answer: \(String(cString: strerror(errno)))") }
            text += chunk[..<count]
        }
        let said = String(decoding: text, as: UTF8.self)
        if let wanted, Self.answers(text) != wanted {
            throw Fault(description: "\(Self.answers(text)) answers, not \(wanted): \(said)")
        }
        if !text.isEmpty, !said.hasPrefix("HTTP/1.1 ") { throw Fault(description: "no HTTP: \(said)") }
        if said.contains("HTTP/1.1 500") { throw Fault(description: "a fault of the server's: \(said)") }
    }

    private static func answers(_ text: [UInt8]) -> Int {
        var count = 0
        let mark = Array("HTTP/1.1 ".utf8)
        var rest = text[...]
        while let start = rest.firstIndex(of: mark[0]) {
            rest = rest[start...]
            if rest.starts(with: mark) { count += 1 }
            rest = rest.dropFirst()
        }
        return count
    }
}
