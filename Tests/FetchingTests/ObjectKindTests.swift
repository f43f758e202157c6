// SPDX-License-Identifier: Apache-2.0

import Fetching
import Stripe
import Testing

@Suite struct ObjectKindTests {
    @Test(arguments: [
        ("in_1", ObjectKind.invoice), ("inpay_1", .invoicePayment), ("py_1", .charge), ("du_1", .dispute),
        ("cs_test_1", .checkoutSession), ("evt_1", nil), ("price_1", nil), ("in", nil), ("in_/1", nil), ("", nil),
    ]) func `an id shows its kind`(_ id: String, _ kind: ObjectKind?) {
        #expect(ObjectKind(id: id) == kind)
    }

    @Test(arguments: [
        ("invoice.paid", ObjectKind.invoice), ("invoice_payment.paid", .invoicePayment), ("invoiceitem.created", nil),
        ("v1.invoice.paid", .invoice), ("customer.subscription.deleted", .subscription),
        ("v1.customer.subscription.past_due", .subscription), ("customer.deleted", .customer),
        ("customer.source.created", nil), ("charge.dispute.closed", .dispute), ("charge.refund.updated", .refund),
        ("charge.refunded", .charge), ("v2.core.account.updated", nil), ("billing.meter.created", nil),
    ]) func `a type of event shows what it is about`(_ type: String, _ kind: ObjectKind?) {
        #expect(ObjectKind(eventType: type) == kind)
    }

    @Test(arguments: [
        ("/v1/invoices/in_1", "invoice in_1"), ("https://api.stripe.com/v1/invoices/in_1", "invoice in_1"),
        ("/v1/checkout/sessions/cs_1", "checkout.session cs_1"), ("/v1/customers/old-id", "customer old-id"),
        ("/v1/invoices/in_1/lines", nil), ("/v1/invoices/in_1?expand[]=customer", nil), ("/v1/invoices/", nil),
        ("/v1/invoices/..", nil), ("/v1/invoices", nil), ("/v2/core/accounts/acct_1", nil),
        ("https://evil.example/v1/invoices/in_1", nil), ("https://api.stripe.com.evil.example/v1/invoices/in_1", nil),
        ("https://api.stripe.com@evil.example/v1/invoices/in_1", nil), ("//evil.example/v1/invoices/in_1", nil),
        ("v1/invoices/in_1", nil), ("http://api.stripe.com/v1/invoices/in_1", nil),
    ]) func `a URL names an object only below the API's address`(_ url: String, _ object: String?) {
        let named = ObjectKind.object(at: url, base: .standard)
        #expect(named.map { "\($0.kind.rawValue) \($0.id)" } == object)
    }

    @Test func `an address of a port is below itself alone`() throws {
        let base = try #require(APIAddress("http://127.0.0.1:81"))
        #expect(ObjectKind.object(at: "http://127.0.0.1:81/v1/charges/ch_1", base: base)?.id == "ch_1")
        #expect(ObjectKind.object(at: "http://127.0.0.1:8181/v1/charges/ch_1", base: base) == nil)
    }
}
