// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Hummingbird
import NIOCore
import Telemetry

/// `GET /openapi.json`: what this process answers, as OpenAPI. The document is made when it is first asked for, because
/// most processes never are, and making it takes milliseconds and memory.
enum ContractRoute {
    private static let whole = bytes(OpenAPIDocument(version: Version.current))

    private static let ofWorker = bytes(
        OpenAPIDocument(version: Version.current, endpoints: Contract.ofWorker, sides: [.private]))

    static func register(on routes: some RouterMethods<ListenerContext>) {
        register(on: routes) { whole }
    }

    /// For a process that only works.
    static func registerOfWorker(on routes: some RouterMethods<ListenerContext>) {
        register(on: routes) { ofWorker }
    }

    private static func register(
        on routes: some RouterMethods<ListenerContext>,
        _ document: @escaping @Sendable () -> ByteBuffer
    ) {
        routes.open(raw: HealthAPI.document) {
            Response(
                status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: document()))
        }
    }

    private static func bytes(_ document: OpenAPIDocument) -> ByteBuffer { ByteBuffer(bytes: document.json.bytes) }
}
