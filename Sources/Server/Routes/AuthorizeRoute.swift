// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import Gateway
import HTTP
import Hashing
import NIOCore
import NIOHTTP1
import Notation
import Store

/// `/v1/authorize` and everything below it: whether the owner of an API key may call. For the auth subrequests of gateways,
/// which know a status and headers: 200, 401, 403. Nothing is read from path, query or body, which are the client's.
struct AuthorizeRoute: HotRoute {
    let method = HTTPMethod.GET
    let answersAnyMethod = true
    let path = HotPath(AuthorizeAPI.path, isPrefix: true)
    let bodyLimit = BodyLimit.none

    private let credentials: AuthorizeCredentials
    private let keys: KeyLookup
    private let access: AccessLookup
    private let livemode: Bool
    private let warning: GatewayWarning
    private let now: @Sendable () -> Timestamp

    init(
        credentials: AuthorizeCredentials,
        keys: KeyLookup,
        access: AccessLookup,
        livemode: Bool,
        warning: GatewayWarning,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.credentials = credentials
        self.keys = keys
        self.access = access
        self.livemode = livemode
        self.warning = warning
        self.now = now
    }

    func answer(_ request: HotRequest<Void>, _ reply: HotReply) {
        let digest: SHA256Digest
        let minimum: Int64?
        do throws(ProblemDetails) {
            let fields = AuthorizeFields(request.headers)
            let key = try credentials.key(in: fields)
            minimum = try Self.minimum(fields.minimumCredits)
            guard APIKey.isPlausible(key.utf8.span) else { throw .invalidKey }
            guard let hash = APIKey.digest(of: key.utf8.span) else { throw .internalError }
            digest = hash
        } catch {
            if error.code == ProblemCode.gatewayUnauthorized.rawValue {
                warning.warn(of: request.remoteAddress, at: now())
            }
            return reply(HotAnswer(error, headerLines: AuthorizeHeaders.noStore))
        }
        if let known = keys.remembered(digest, at: now()) {
            return authorize(known.answer, isUseDue: known.isUseDue, isStale: false, minimum, reply)
        }
        keys.find(digest) { outcome in
            switch outcome {
            case .known(let key, let isStale):
                authorize(key, isUseDue: keys.isUseDue(digest, at: now()), isStale: isStale, minimum, reply)
            case .unknownKey: reply(HotAnswer(.invalidKey, headerLines: AuthorizeHeaders.noStore))
            case .unavailable: reply(Self.unavailable)
            case .failed: reply(HotAnswer(.internalError, headerLines: AuthorizeHeaders.noStore))
            }
        }
    }

    /// - Parameter isUseDue: whether the use of the key is to be noted.
    private func authorize(
        _ key: APIKeyAnswer,
        isUseDue: Bool,
        isStale: Bool,
        _ minimum: Int64?,
        _ reply: HotReply
    ) {
        let time = now()
        guard key.isGood(at: time, livemode: livemode) else {
            return reply(HotAnswer(.invalidKey, headerLines: AuthorizeHeaders.noStore))
        }
        if isUseDue { keys.noteUse(of: key, at: time) }
        guard minimum == nil else {
            return access.ask(key.customer, now: now) { reply(Self.answer($0, key, isStale: isStale, minimum)) }
        }
        if let known = access.remembered(key.customer, at: time) {
            return reply(Self.answer(.known(known, isStale: false), key, isStale: isStale, nil))
        }
        access.find(key.customer, now: now) { reply(Self.answer($0, key, isStale: isStale, nil)) }
    }

    // MARK: Answers

    private static var unavailable: HotAnswer {
        HotAnswer(
            .serviceUnavailable(detail: "The database is away; try again.", retryAfter: 1),
            headerLines: AuthorizeHeaders.noStore)
    }

    private static func answer(
        _ outcome: AccessLookup.Outcome,
        _ key: APIKeyAnswer,
        isStale: Bool,
        _ minimum: Int64?
    ) -> HotAnswer {
        switch outcome {
        case .known(let answer, let isOld):
            let headers = AuthorizeHeaders.lines(answer, key, isStale: isStale || isOld)
            guard answer.reason.allows else {
                return HotAnswer(.denied(answer.reason), headerLines: headers)
            }
            if let minimum, answer.available < minimum {
                return HotAnswer(.insufficientCredits(answer.available), headerLines: headers)
            }
            return HotAnswer(.ok, headerLines: headers)
        // A key's customer is known; a cache that does not know it yet is asked again.
        case .unknownCustomer, .unavailable: return unavailable
        case .failed: return HotAnswer(.internalError, headerLines: AuthorizeHeaders.noStore)
        }
    }

    /// `Tollgate-Minimum-Credits`: how many credits the request will take at least.
    private static func minimum(_ field: AuthorizeFields.Field) throws(ProblemDetails) -> Int64? {
        guard let text = field.value else { return nil }
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard !field.isRepeated, isNumber, let number = Int64(text), AuthorizeAPI.minimumCredits.contains(number) else {
            throw ProblemDetails(
                .invalidParameter, "Tollgate-Minimum-Credits must be one whole number from 0 to 10^15.")
        }
        return number
    }
}

extension APIKeyAnswer {
    /// Whether it may be used: in its own mode, until it ends, unless it is disabled or deleted.
    fileprivate func isGood(at time: Timestamp, livemode: Bool) -> Bool {
        !isOff && self.livemode == livemode && (expiresAt.map { time < $0 } ?? true)
    }
}

extension ProblemDetails {
    fileprivate static func denied(_ reason: Reason) -> ProblemDetails {
        ProblemDetails(
            .forbidden, code: reason.rawValue, detail: "The customer of this key may not call: \(reason.rawValue).")
    }

    fileprivate static func insufficientCredits(_ available: Int64) -> ProblemDetails {
        ProblemDetails(
            .insufficientCredits, "\(words(available: available)), fewer than Tollgate-Minimum-Credits asks for."
        )
    }
}
