// SPDX-License-Identifier: Apache-2.0

import API
import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Notation
import Settings
import Timing

/// Sends requests to a running Tollgate over HTTP: JSON in, JSON out.
package struct ServiceClient {
    /// A response of any status.
    package struct Answer: Sendable {
        package let status: Int
        package let body: String

        package var isSuccess: Bool { (200..<300).contains(status) }
    }

    private let client: HTTPClient
    /// Without a slash at its end: `http://127.0.0.1:8081`.
    private let base: String
    private let token: Secret?
    private let timeout: Duration
    private let bodyLimit: Int
    private let authorities: Authorities

    /// - Parameters:
    ///   - base: scheme, host and port, without a path.
    ///   - token: sent as `Authorization: Bearer`; nil for requests that need none.
    ///   - timeout: for the whole response, to its last byte.
    ///   - bodyLimit: in bytes. A larger response is not Tollgate's.
    ///   - authorities: whose certificates are trusted, for https.
    package static func with<Result>(
        base: String,
        token: Secret? = nil,
        timeout: Duration = .seconds(30),
        bodyLimit: Int = 64 << 20,
        authorities: Authorities = .system,
        _ body: (ServiceClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(5)
        configuration.tlsConfiguration = authorities.configuration
        // A refused connection is reported at once: retrying until the deadline would only delay that.
        configuration.connectionPool.retryConnectionEstablishment = false
        return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            try await body(
                ServiceClient(
                    client: client, base: base, token: token, timeout: timeout, bodyLimit: bodyLimit,
                    authorities: authorities))
        }
    }

    /// Calls an operation of the API.
    /// - Parameters:
    ///   - parameters: sets the parameters in path, query and headers.
    ///   - body: nil if the operation reads none.
    package func call<Parameters, Body, Answer>(
        _ operation: Operation<Parameters, Body, Answer>,
        body: Object<Body>? = nil,
        _ parameters: (inout Object<Parameters>) -> Void = { _ in }
    ) async throws(ServiceError) -> Object<Answer> {
        try await call(operation, or: Answer.self, body: body, parameters)
    }

    /// The same for an operation that answers some requests with another type.
    package func call<Parameters, Body, Answer, Other>(
        _ operation: Operation<Parameters, Body, Answer>,
        or other: Other.Type,
        body: Object<Body>? = nil,
        _ fill: (inout Object<Parameters>) -> Void = { _ in }
    ) async throws(ServiceError) -> Object<Other> {
        let parameters = Object<Parameters>(fill)
        let target = operation.target(parameters)
        var headers = operation.headers(parameters)
        if body != nil { headers.append(("Content-Type", "application/json")) }
        let method = operation.endpoint.method.rawValue
        let answer = try await send(
            HTTPMethod(rawValue: method), target, headers: headers, body: body?.json.bytes)
        let request = "\(method) \(target)"
        guard answer.isSuccess else { throw .refused(request: request, status: answer.status, body: answer.body) }
        // An answer without a body.
        if Other.self == Nothing.self, answer.body.isEmpty { return Object { _ in } }
        let document: JSON
        do {
            // An answer can contain an event's payload, so it may be nested deeper than one.
            document = try JSON(bytes: Array(answer.body.utf8), depthLimit: 2 * JSON.depthLimit)
        } catch {
            throw .unreadable(request: request, cause: "\(error)")
        }
        do throws(FormFault) {
            return try Object(reading: document)
        } catch {
            let place = error.path.isEmpty ? "it" : "`\(TerminalSafe.text(error.path))`"
            throw .unreadable(
                request: request, cause: "\(place) \(error.reason); is that Tollgate's private listener?")
        }
    }

    /// An answer in one of the forms that an operation has, as it came.
    package func text<Parameters>(
        _ operation: Operation<Parameters, Nothing, Nothing>,
        as mediaType: String,
        _ fill: (inout Object<Parameters>) -> Void
    ) async throws(ServiceError) -> String {
        let target = operation.target(Object<Parameters>(fill))
        let method = operation.endpoint.method.rawValue
        let answer = try await send(HTTPMethod(rawValue: method), target, headers: [("Accept", mediaType)])
        guard answer.isSuccess else {
            throw .refused(request: "\(method) \(target)", status: answer.status, body: answer.body)
        }
        return answer.body
    }

    /// - Parameter target: path and query, percent-encoded.
    package func send(
        _ method: HTTPMethod,
        _ target: String,
        headers: [(String, String)] = [],
        body: [UInt8]? = nil
    ) async throws(ServiceError) -> Answer {
        var request = HTTPClientRequest(url: base + target)
        request.method = method
        request.headers.add(contentsOf: headers)
        request.headers.add(name: "User-Agent", value: "tollgate")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token.value)") }
        if let body { request.body = .bytes(body) }
        do {
            return try await answer(to: request)
        } catch let error as HTTPClientError where [.deadlineExceeded, .connectTimeout, .readTimeout].contains(error) {
            throw .timedOut(url: base)
        } catch is NIOTooManyBytesError {
            throw .unreadable(request: "\(method.rawValue) \(target)", cause: "it is larger than \(bodyLimit) bytes")
        } catch {
            if let fault = await fault(error) { throw .insecure(url: base, fault) }
            throw .unreachable(url: base, cause: Self.cause(error))
        }
    }

    /// The library's own timeout covers only the head: a body could take forever.
    private func answer(to request: HTTPClientRequest) async throws -> Answer {
        try await TimeLimit.within(timeout, orThrow: HTTPClientError.deadlineExceeded) {
            [client, timeout, bodyLimit] in
            let response = try await client.execute(request, timeout: TimeAmount(timeout))
            let bytes = try await response.body.collect(upTo: bodyLimit)
            return Answer(status: Int(response.status.code), body: String(buffer: bytes))
        }
    }

    private func fault(_ error: any Error) async -> TLSFault? {
        let shown = TLSFault.isDisbelief(error) ? await ShownCertificates.validity(at: base) : []
        return TLSFault(error, shown: shown, authorities: authorities, now: WallClock.now)
    }

    package static func cause(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { cause($0.error) } ?? "no address is known for \(error.host)"
        case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
        default: TerminalSafe.text("\(error)")
        }
    }
}
