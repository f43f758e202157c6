// SPDX-License-Identifier: Apache-2.0

import Notation

/// Credits that a gateway keeps for a call while it runs.
package enum HoldsAPI {
    package enum StatusWord: String, CaseIterable, Sendable {
        case open, settled, released, expired
    }

    package enum ExpiryWord: String, CaseIterable, Sendable {
        case release, settle
    }

    /// 50 texts of metadata fit, however their characters are written.
    static let bodyLimit = 512 * 1024

    /// Why the flag refuses to spend: for another reason than want of credits or of a subscription.
    package static let denials: Set<ProblemCode> = [.paymentOverdue, .disputed, .overrideDeny, .customerDeleted]

    /// For how long one is made or extended, in seconds.
    package static let times: ClosedRange<Int64> = 1...86_400

    package static let settledAmounts = 0...PricesAPI.credits.upperBound

    // MARK: What is asked

    package struct Path: ObjectContent {
        package static let form = ObjectForm("HoldPath", Path())

        package let customer = Property(path: "customer", .id("cus_1"))
        /// Chosen by the gateway; never used twice for one customer.
        package let hold = Property(path: "hold", .id("hold_1"))
    }

    package struct ListParameters: ObjectContent {
        package static let form = ObjectForm("HoldListParameters", ListParameters())

        package let customer = Property(path: "customer", .id("cus_1"))
        package let status = Property(query: "status", .oneOf(StatusWord.allCases))
        package let limit = Property(query: "limit", .integer(PageLimit.longRange), default: PageLimit.longStandard)
        package let startingAfter = Property(query: "starting_after", .place)
    }

    package struct Request: ObjectContent {
        package static let form = ObjectForm("HoldRequest", Request())

        /// One of this and `estimate` is there.
        package let amount = Property(optional: "amount", PricesAPI.creditsForm)
        /// The call that is to be made: what it will cost at most is kept.
        package let estimate = Property(optional: "estimate", .object(EstimateAPI.Call.self))
        /// The least that is of use; all of it without it.
        package let minimum = Property(optional: "minimum", PricesAPI.creditsForm)
        /// Without it 10 minutes.
        package let ttl = Property(optional: "ttl", .holdTime)
        /// What becomes of it if nobody settles it in time.
        package let onExpiry = Property(optional: "on_expiry", .oneOf(ExpiryWord.allCases))
        package let metadata = Property(optional: "metadata", .metadata)
    }

    package struct SettleRequest: ObjectContent {
        package static let form = ObjectForm("SettleRequest", SettleRequest())

        /// 0, and more than was granted, too.
        package let amount = Property(
            "amount", .integer(settledAmounts, "a whole number from 0 to 10^15"))
    }

    package struct ExtendRequest: ObjectContent {
        package static let form = ObjectForm("ExtendRequest", ExtendRequest())

        /// From now.
        package let ttl = Property("ttl", .holdTime)
    }

    // MARK: What is answered

    package struct Hold: HoldContent {
        package static let form = ObjectForm("Hold", Hold())

        package let hold = Property("hold", .id)
        package let customer = Property("customer", .id)
        package let status = Property("status", .word(of: StatusWord.self))
        package let granted = Property("granted", .integer)
        package let createdAt = Property("created_at", .time)
        package let expiresAt = Property("expires_at", .time)
        package let available = Property("available", .integer)
        package let credits = Property(maybe: "credits", .integer)
        package let debited = Property(maybe: "debited", .integer)
        package let released = Property(maybe: "released", .integer)
        package let overdraft = Property(maybe: "overdraft", .integer)
        package let late = Property(maybe: "late", .bool)
        /// What an `estimate` has come to now.
        package let estimate = Property(maybe: "estimate", .object(EstimateAPI.Answer.self))
    }

    /// With what was asked for.
    package struct Detail: HoldContent {
        package static let form = ObjectForm("HoldDetail", Detail())

        package let hold = Property("hold", .id)
        package let customer = Property("customer", .id)
        package let status = Property("status", .word(of: StatusWord.self))
        package let granted = Property("granted", .integer)
        package let createdAt = Property("created_at", .time)
        package let expiresAt = Property("expires_at", .time)
        package let endedAt = Property("ended_at", .nullable(.time))
        package let available = Property("available", .integer)
        package let credits = Property(maybe: "credits", .integer)
        package let debited = Property(maybe: "debited", .integer)
        package let released = Property(maybe: "released", .integer)
        package let overdraft = Property(maybe: "overdraft", .integer)
        package let late = Property(maybe: "late", .bool)
        package let amount = Property("amount", .integer)
        package let minimum = Property("minimum", .integer)
        package let onExpiry = Property("on_expiry", .word(of: ExpiryWord.self))
        package let metadata = Property("metadata", .metadata)
    }

    package struct Page: PageContent {
        package static let form = ObjectForm("HoldPage", Page())

        package let data = Property("data", .list(of: Hold.self))
        package let hasMore = Property("has_more", .bool)

        package static func cursor(of line: Object<Hold>) -> String { line.hold }
    }

    // MARK: Operations

    package static let create = Operation<Path, Request, Hold>(
        .put, "/v1/customers/{customer}/holds/{hold}", id: "createHold", by: .gateway,
        "Keep credits for a call; repeated while it is open, the same hold", bodyLimit: bodyLimit, status: 201,
        others: [
            Endpoint.Answer(
                status: 200, mediaType: "application/json", schema: Hold.form.schema,
                description: "The same was asked for before: the hold that was made then."),
            InsufficientCredits.answer,
        ],
        problems: denials.union([
            .unknownCustomer, .conflict, .holdResolved, .balanceOutOfRange, .noRate, .nothingToHold,
        ]), links: links)

    package static let show = Operation<Path, Nothing, Detail>(
        .get, "/v1/customers/{customer}/holds/{hold}", id: "showHold", by: .gateway,
        "A hold, with what was asked for and how it ended", problems: [.unknownCustomer, .unknownHold])

    package static let list = Operation<ListParameters, Nothing, Page>(
        .get, "/v1/customers/{customer}/holds", id: "listHolds", by: .gateway,
        "The holds of a customer, in the order of their ids", problems: [.unknownCustomer])

    package static let settle = Operation<Path, SettleRequest, Hold>(
        .post, "/v1/customers/{customer}/holds/{hold}/settle", id: "settleHold", by: .gateway,
        "Debit what the call used, in full, and give back the rest",
        problems: [.unknownCustomer, .unknownHold, .conflict, .holdReleased, .balanceOutOfRange])

    package static let release = Operation<Path, Nothing, Hold>(
        .post, "/v1/customers/{customer}/holds/{hold}/release", id: "releaseHold", by: .gateway,
        "Give everything back", problems: [.unknownCustomer, .unknownHold, .holdSettled])

    package static let extend = Operation<Path, ExtendRequest, Hold>(
        .post, "/v1/customers/{customer}/holds/{hold}/extend", id: "extendHold", by: .gateway,
        "Keep a hold for longer, from now",
        problems: [
            .unknownCustomer, .unknownHold, .holdSettled, .holdReleased, .holdExpired,
        ])

    private static let links = ["showHold", "settleHold", "releaseHold", "extendHold"].map {
        Endpoint.Link(operation: $0, ["customer": "/customer", "hold": "/hold"])
    }

    static let endpoints = [
        create.endpoint, show.endpoint, list.endpoint, settle.endpoint, release.endpoint, extend.endpoint,
    ]
}
