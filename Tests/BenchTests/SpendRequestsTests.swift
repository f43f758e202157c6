// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Settings
import Testing

@testable import Bench

@Suite struct SpendRequestsTests {
    private func requests(of customers: Int, seed: UInt64 = 7) throws -> SpendRequests {
        SpendRequests(
            .numbered(customers), token: Secret("gateway-token"), from: try BenchTarget("http://h:1", option: ""),
            seed: seed)
    }

    /// The path of a request.
    private func path(_ write: (inout ByteBuffer) throws -> Bool) throws -> String {
        var buffer = ByteBuffer()
        #expect(try write(&buffer))
        return String(String(buffer: buffer).split(separator: " ")[1])
    }

    @Test func `a settlement is of the hold that was asked for, however many came since`() throws {
        var requests = try requests(of: 10_000)
        let holds = try (0..<1_000).map { _ in try path { try requests.next(into: &$0) } }
        let settlements = try holds.indices.map { number in try path { requests.follow(number, into: &$0) } }
        #expect(settlements == holds.map { "\($0)/settle" })
        #expect(Set(holds).count == 1_000)
    }

    @Test func `customers are at random among those asked for, and ids are a source's own`() throws {
        var (first, second) = (try requests(of: 3, seed: 7), try requests(of: 3, seed: 8))
        let paths = try (0..<100).map { _ in try path { try first.next(into: &$0) } }
        let customers = Set(paths.map { $0.split(separator: "/")[2] })
        #expect(customers == ["cus_bench00000001", "cus_bench00000002", "cus_bench00000003"])
        let others = try (0..<100).map { _ in try path { try second.next(into: &$0) } }
        let ids = Set((paths + others).map { $0.split(separator: "/")[4] })
        #expect(ids.count == 200)
    }

    @Test func `a request's length is that of its body`() throws {
        var requests = try requests(of: 1)
        var (hold, settlement) = (ByteBuffer(), ByteBuffer())
        #expect(try requests.next(into: &hold))
        #expect(requests.follow(0, into: &settlement))
        for request in [hold, settlement] {
            let parts = String(buffer: request).split(separator: "\r\n\r\n")
            let length = parts[0].split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
            #expect(length == "Content-Length: \(parts[1].utf8.count)")
        }
    }
}
