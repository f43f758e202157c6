// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import HTTPTypes
import NIOHTTP1

extension Endpoint {
    var httpMethod: HTTPRequest.Method {
        switch method {
        case .get: .get
        case .put: .put
        case .post: .post
        case .patch: .patch
        case .delete: .delete
        case .options: .options
        case .trace: .trace
        }
    }

    /// For a route that is answered on the event loop.
    var hotMethod: HTTPMethod { HTTPMethod(rawValue: method.rawValue) }

    var hotPath: HotPath { HotPath(path) }
}

extension HTTPResponse.Status {
    /// A status of the contract, with its phrase, which is a problem's title.
    init(declared code: Int) {
        self.init(code: code, reasonPhrase: HTTPResponseStatus(statusCode: code).reasonPhrase)
    }
}
