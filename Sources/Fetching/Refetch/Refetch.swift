// SPDX-License-Identifier: Apache-2.0

import Notation
import StripeAPI

/// Reads objects from Stripe's API, so that the same rules that read events can read them. A value: it says which request
/// comes next, and is told the answer.
package struct Refetch: Sendable {
    package enum Step: Sendable {
        case send(StripeRequest)
        case done(Refetched)
    }

    /// Of one list. Ten pages hold the invoices of a lifetime.
    static let pageLimit = 10
    static let requestLimit = 500

    private let account: String?
    private let livemode: Bool
    private var plan: RefetchPlan
    private var found = FoundObjects()
    private var waiting: [RefetchQuestion]
    private var everAsked: Set<RefetchQuestion>
    /// The page of the first question that waits.
    private var page = (number: 1, after: String?.none)
    private var requests = 0
    private var omissions: [RefetchOmission] = []

    /// All that rules need to know of a customer.
    /// - Parameters:
    ///   - account: the connected account that the customer is of; nil for the platform's own.
    ///   - livemode: the key's mode.
    ///   - since: how far lists of payments reach back.
    ///   - named: further objects that are read whatever their age: what the books hold as a debt, or wait for.
    ///   - failed: invoices of which events have said when they failed.
    ///   - bringsSales: whether payments are listed, and what they sold; else only subscriptions, and what is named.
    package init(
        customer: String, account: String?, livemode: Bool, since: Timestamp, named: [String] = [],
        failed: Set<String> = [], bringsSales: Bool = true
    ) {
        self.init(
            account: account, livemode: livemode,
            RefetchPlan(
                customer: customer, since: since, named: named, failed: failed, bringsSales: bringsSales))
    }

    /// One object, and what says whose it is, what it bought and what became of it.
    package init(
        _ kind: ObjectKind, id: String, account: String?, livemode: Bool, failed: Set<String> = []
    ) {
        self.init(account: account, livemode: livemode, RefetchPlan(kind, id: id, failed: failed))
    }

    private init(account: String?, livemode: Bool, _ plan: RefetchPlan) {
        (self.account, self.livemode, self.plan) = (account, livemode, plan)
        waiting = plan.first
        everAsked = Set(plan.first)
    }

    /// What to do; the same until an answer was taken.
    package mutating func next() -> Step {
        if waiting.isEmpty {
            waiting = plan.following(found).filter { !everAsked.contains($0) }
            everAsked.formUnion(waiting)
        }
        if requests >= Self.requestLimit, !waiting.isEmpty {
            omissions.append(.tooMuch(requests: requests))
            waiting = []
        }
        guard let question = waiting.first else {
            if !plan.knowsLinks(found) { note(.links) }
            return .done(
                Refetched(
                    omissions: omissions, statements: plan.statements(found), account: account, livemode: livemode))
        }
        var request = question.request(after: page.after, since: plan.since)
        request.account = account
        return .send(request)
    }

    /// Takes the answer to the request that came last.
    /// - Parameter asked: a moment by Stripe's clock at which the answer was certainly not yet out of date.
    /// - Throws: what keeps everything else from being read too, or may pass. Then the same request is still the next.
    package mutating func take(
        _ answer: Result<JSON, StripeAPIError>, asked: Timestamp
    ) throws(StripeAPIError) {
        guard let question = waiting.first else { return }
        let last: String?
        switch answer {
        case .success(let json): last = try take(json, to: question, asked: asked)
        case .failure(let error):
            last = nil
            try note(error, of: question)
        }
        requests += 1
        if let last, page.number < Self.pageLimit, requests < Self.requestLimit {
            page = (page.number + 1, last)
            return
        }
        if last != nil { note(.tooMany(question.kind)) }
        page = (1, nil)
        waiting.removeFirst()
    }

    /// - Returns: the id after which more comes.
    private mutating func take(
        _ json: JSON, to question: RefetchQuestion, asked: Timestamp
    ) throws(StripeAPIError) -> String? {
        guard case .list(let kind, _) = question else {
            if case .object(_, let id) = question, json["id"]?.string != id {
                throw .unreadable("another \(question.kind.rawValue) than was asked for")
            }
            guard found.add(json, question.kind, asked: asked) else {
                throw .unreadable("\(question.kind.rawValue) without an id")
            }
            found.answered.insert(question)
            return nil
        }
        let page = try StripePage(json)
        let next = try page.next(after: self.page.after)
        var added = found
        for object in page.data where !added.add(object, kind, asked: asked) {
            throw .unreadable("\(kind.rawValue) without an id")
        }
        found = added
        if next == nil { found.answered.insert(question) }
        return next
    }

    private mutating func note(_ error: StripeAPIError, of question: RefetchQuestion) throws(StripeAPIError) {
        switch error {
        case .keyRefused, .accountRefused, .limited, .unavailable, .unreadable, .tooLarge: throw error
        case .notFound:
            // What does not exist has no list either.
            if case .object(_, let id) = question { note(.unknown(object: id)) }
        case .refused(_, "resource_missing", _, _): break
        // Then each is read by itself.
        case .refused where question.kind == .paymentIntent: break
        case .notPermitted, .refused: note(.refused(question.kind, error))
        }
    }

    private mutating func note(_ omission: RefetchOmission) {
        if !omissions.contains(omission) { omissions.append(omission) }
    }
}
