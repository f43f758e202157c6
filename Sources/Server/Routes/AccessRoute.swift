// SPDX-License-Identifier: Apache-2.0

import API
import Gateway
import HTTP
import NIOCore
import NIOHTTP1
import Notation

/// `GET /v1/customers/{customer}/access`: the flag, for gateways. From memory while the database has announced no
/// change to it, and while the database is unavailable.
struct AccessRoute: HotRoute {
    let method = AccessAPI.show.endpoint.hotMethod
    let path = AccessAPI.show.endpoint.hotPath
    let bodyLimit = BodyLimit.none

    private let authentication: BearerAuthentication
    private let access: AccessLookup
    private let versions: VersionLookup
    private let now: @Sendable () -> Timestamp

    init(
        authentication: BearerAuthentication,
        access: AccessLookup,
        versions: VersionLookup,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.authentication = authentication
        self.access = access
        self.versions = versions
        self.now = now
    }

    func answer(_ request: HotRequest<Void>, _ reply: HotReply) {
        let customer: String
        var version: Int64?
        do throws(ProblemDetails) {
            _ = try authentication.holder(of: request.headers.value(of: "authorization"))
            customer = try PathParameter.id("customer", request.parameters.first)
            if request.target.utf8.contains(UInt8(ascii: "?")) { version = try Self.minimumVersion(request.target) }
        } catch {
            return reply(HotAnswer(error))
        }
        // Every answer is at least of version 0.
        if let version, version > 0 { return answer(customer, atLeast: version, reply) }
        if let known = access.remembered(customer, at: now()) {
            return reply(Self.document(known, of: customer, isStale: false))
        }
        access.find(customer, now: now) { outcome in
            reply { Self.answer(outcome, of: customer) }
        }
    }

    private static func minimumVersion(_ target: String) throws(ProblemDetails) -> Int64? {
        let query = Query(target: target)
        let property = AccessAPI.Parameters.form.content.minimumVersion
        try query.allow([property.name])
        return try query.value(property.name, property.words, AccessAPI.version)
    }

    private func answer(_ customer: String, atLeast version: Int64, _ reply: HotReply) {
        if let known = versions.remembered(customer, atLeast: version, at: now()) {
            return reply(Self.document(known, of: customer, isStale: false))
        }
        Task { [versions, now] in
            let outcome = await versions.find(customer, atLeast: version, now: now)
            reply { Self.answer(outcome, of: customer) }
        }
    }

    private static func answer(_ outcome: VersionLookup.Outcome, of customer: String) -> HotAnswer {
        switch outcome {
        case .known(let answer, let isStale): document(answer, of: customer, isStale: isStale)
        case .late: HotAnswer(.serviceUnavailable(detail: "There is no answer of this version yet.", retryAfter: 1))
        case .unavailable: HotAnswer(.serviceUnavailable(detail: "The database is away; try again.", retryAfter: 1))
        case .failed: HotAnswer(.internalError)
        }
    }

    private static func answer(_ outcome: AccessLookup.Outcome, of customer: String) -> HotAnswer {
        switch outcome {
        case .known(let answer, let isStale): document(answer, of: customer, isStale: isStale)
        case .unknownCustomer: HotAnswer(.unknownCustomer)
        case .unavailable: HotAnswer(.serviceUnavailable(detail: "The database is away; try again.", retryAfter: 1))
        case .failed: HotAnswer(.internalError)
        }
    }

    private static func document(_ answer: AccessCache.Answer, of customer: String, isStale: Bool) -> HotAnswer {
        var bytes: [UInt8] = []
        AccessDocument.append(answer, of: customer.utf8.span, isStale: isStale, to: &bytes)
        return HotAnswer(bytes)
    }
}
