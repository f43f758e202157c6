// SPDX-License-Identifier: Apache-2.0

/// The ids of one event and of the objects it names.
struct TemplateIDs {
    let event: String
    let invoice: String
    /// Nil for what has nothing to do with a subscription.
    let subscription: String?
    let paymentIntent: String
    let charge: String
    /// What new objects are named after.
    let random: String

    init(of template: EventTemplate, using generator: inout some RandomNumberGenerator) {
        let suffix = Self.suffix(of: template.customer)
        random = Self.random(using: &generator)
        event = template.id ?? "evt_\(random)"
        // Credits bought by invoice are a separate purchase, apart from the subscription's invoice.
        let isPurchase = template.credits != nil && template.subscription == nil
        invoice = template.invoice ?? "in_\(isPurchase ? random : suffix)"
        subscription = template.subscription ?? (isPurchase ? nil : "sub_\(suffix)")
        paymentIntent = template.paymentIntent ?? "pi_\(random)"
        // Derived from the payment intent, so that a charge, its refund and its dispute agree if they share it.
        charge = "ch_\(Self.suffix(of: paymentIntent))"
    }

    /// What follows the prefix: `tollgate_demo` in `cus_tollgate_demo`.
    private static func suffix(of id: String) -> String {
        id.firstIndex(of: "_").map { String(id[id.index(after: $0)...]) } ?? id
    }

    private static func random(using generator: inout some RandomNumberGenerator) -> String {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return String((0..<24).compactMap { _ in letters.randomElement(using: &generator) })
    }
}
