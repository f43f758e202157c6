// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Hummingbird
import NIOCore
import Telemetry

/// `GET /openapi.json`: what this version answers, as OpenAPI.
struct ContractRoute {
    /// Built once.
    private let document = ByteBuffer(bytes: OpenAPIDocument(version: Version.current).json.bytes)

    func register(on routes: some RouterMethods<ListenerContext>) {
        routes.open(raw: HealthAPI.document) { [document] in
            Response(
                status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: document))
        }
    }
}
