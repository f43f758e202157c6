// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Hummingbird
import NIOCore
import Telemetry

/// `GET /openapi.json`: what this process answers, as OpenAPI.
struct ContractRoute {
    static let whole = ContractRoute(OpenAPIDocument(version: Version.current))

    /// Of a process that only works.
    static let ofWorker = ContractRoute(
        OpenAPIDocument(version: Version.current, endpoints: Contract.ofWorker, sides: [.private]))

    private let document: ByteBuffer

    private init(_ document: OpenAPIDocument) {
        self.document = ByteBuffer(bytes: document.json.bytes)
    }

    func register(on routes: some RouterMethods<ListenerContext>) {
        routes.open(raw: HealthAPI.document) { [document] in
            Response(
                status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: document))
        }
    }
}
