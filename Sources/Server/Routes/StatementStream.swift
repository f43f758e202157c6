// SPDX-License-Identifier: Apache-2.0

import Gateway
import HTTP
import HTTPTypes
import Hummingbird
import Metering
import NIOCore
import Store

/// One client's statement, sent as fast as it reads: however many lines there are, one page of them is kept for it.
struct StatementStream: Sendable {
    static let pageSize = 200

    let usage: UsageReader
    let reads: GatewayReads
    let client: ClientConnection
    let stallTime: Duration
    /// Held while the statement is sent.
    let place: FeedPlaces.Place
    let statement: UsageStatement

    /// - Parameter first: the statement's first page. It is read before the answer begins, so that a database that is away
    ///   is a problem with a status.
    func response(_ first: [UsageLine], as form: some StatementForm) -> Response {
        var headers = form.headers
        headers[.cacheControl] = "no-store"
        headers[.vary] = "Accept"
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                try await send(first, as: form, to: writer)
                try await writer.finish(nil)
            })
    }

    /// - Throws: if the connection ends, or a page cannot be read: then the answer breaks off, and no client takes a part
    ///   of it for the whole.
    private func send(_ first: [UsageLine], as form: some StatementForm, to writer: any ResponseBodyWriter) async throws
    {
        var (form, sums, page) = (form, StatementSums(), first)
        var bytes: [UInt8] = []
        form.begin(statement, &bytes)
        while true {
            for line in page {
                try sums.add(
                    charge: line.charge, to: line.bill, credits: line.credits, worth: line.worth, status: line.status,
                    isCorrection: line.corrects != nil)
                form.append(line, &bytes)
            }
            guard page.count == Self.pageSize, let last = page.last else { break }
            try await write(bytes, to: writer)
            bytes = []
            page = try await reads { try await usage.lines(of: statement, after: last, atMost: Self.pageSize) }
        }
        form.end(statement, sums, &bytes)
        try await write(bytes, to: writer)
    }

    private func write(_ bytes: [UInt8], to writer: any ResponseBodyWriter) async throws {
        try await client.write(ByteBuffer(bytes: bytes), to: writer, within: stallTime) {}
    }
}
