// SPDX-License-Identifier: Apache-2.0

import Console
import EventForge
import FoundationEssentials
import Glibc
import NIOHTTP1
import Notation

/// A story played against a running Tollgate: each step is one line with the flag before and after, and each is
/// checked, so a story that completes proves that Tollgate works.
struct DemoStory {
    private let client: DemoClient
    private let customer: String
    private let gracePeriod: Duration
    private let terminal = Terminal.standardOutput

    /// A step that did not turn out as the story expects.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(_ client: DemoClient, customer: String, gracePeriod: Duration) {
        self.client = client
        self.customer = customer
        self.gracePeriod = gracePeriod
    }

    func play() async throws {
        print("\n\(terminal.bold("The story of \(customer)"))\n")
        try await subscription()
        try await credits()
        try await trouble()
        print("\n\(terminal.green("Done: every step ended as it should."))")
    }

    private func subscription() async throws {
        try await step("a subscription is paid", expecting: "invoice_paid") {
            try await client.post(event("invoice.paid", invoice: "in_1_\(customer)"))
        }
        // Stripe's clock decides: if a first failure was almost a whole grace period ago, seconds are left.
        let failedAt = WallClock.now - gracePeriod + .seconds(6)
        try await step("the renewal failed, 6 s of grace left", expecting: "grace_period") {
            try await client.post(event("invoice.payment_failed", invoice: "in_2_\(customer)", created: failedAt))
        }
        try await step("its deadline passes, no event comes", expecting: "payment_overdue") {
            try await client.waitUntil(customer, is: "payment_overdue")
        }
        try await step("the renewal is paid after all", expecting: "invoice_paid") {
            try await client.post(event("invoice.paid", invoice: "in_2_\(customer)"))
        }
    }

    private func credits() async throws {
        let topUp = event("checkout.session.completed", credits: 500)
        try await step("500 credits are bought", expecting: "invoice_paid", credits: 500) {
            try await client.post(topUp)
        }
        try await step("the same event comes again", expecting: "invoice_paid", credits: 500) {
            try await client.post(topUp, expecting: "duplicate")
        }
    }

    private func trouble() async throws {
        let unusable = event("checkout.session.completed", credits: 100, set: "data.object.metadata.credits=plenty")
        try await step("a purchase of \"plenty\" credits fails", expecting: "invoice_paid", credits: 500) {
            try await client.post(unusable, ending: "failed")
        }
        let id = unusable["id"]?.string ?? ""
        try await step("an operator replays it, in vain", expecting: "invoice_paid", credits: 500) {
            try await client.replay(id, ending: "failed", attempts: 2)
        }
        let error = try await client.event(id).error ?? ""
        print(terminal.dim("      it fails again, both attempts are kept: \(error)"))
        try await step("and grants the 100 credits by hand", expecting: "invoice_paid", credits: 600) {
            try await client.grant(100, to: customer, reason: "purchase said plenty", key: id)
        }
    }

    private func step(
        _ title: String,
        expecting reason: String,
        credits: Int64 = 0,
        _ act: () async throws -> Void
    ) async throws {
        let before = try await client.access(of: customer)
        try await act()
        let after = try await client.access(of: customer)
        let padding = String(repeating: " ", count: max(1, 38 - title.count))
        print("  \(title)\(padding)\(line(before))  →  \(line(after))")
        // Otherwise a pipe would buffer each line.
        fflush(nil)
        guard after?["reason"]?.string == reason, after?["credits"]?.integer == credits else {
            throw Failure(description: "\(title): expected \(reason) with \(credits) credits")
        }
    }

    private func line(_ access: JSON?) -> String {
        guard let access else { return terminal.dim("unknown") }
        let reason = access["reason"]?.string ?? "?"
        var words = access["allowed"]?.bool == true ? terminal.green("allowed") : terminal.red("blocked")
        words += " \(reason)"
        if let until = access["until"]?.string { words += " until \(until)" }
        if let credits = access["credits"]?.integer, credits != 0 { words += ", \(credits) credits" }
        return words
    }

    private func event(
        _ type: String,
        invoice: String? = nil,
        credits: Int64? = nil,
        created: Timestamp = WallClock.now,
        set: String? = nil
    ) -> JSON {
        var generator = SystemRandomNumberGenerator()
        let template = EventTemplate(
            type: type,
            customer: customer,
            invoice: invoice,
            credits: credits,
            created: created
        )
        var event = template.event(using: &generator)
        if let set, let assignment = try? Assignment(set), let changed = try? assignment.applied(to: event) {
            event = changed
        }
        return event
    }
}
