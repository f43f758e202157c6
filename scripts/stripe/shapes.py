# SPDX-License-Identifier: Apache-2.0
"""Holds the stand-in against Stripe's official SDK as its client: what it answers has the shapes that the SDK reads, pages as
the SDK pages, and refuses so that the SDK throws the right exception. shapes.py FOLDER

The process is started by scripts/stripe/servers.py with the objects of scripts/stripe/samples.py; scripts/stripe/checks.py
counts, and scripts/stripe/sink.py takes what is sent."""

import datetime
import http.client
import json
import pathlib
import signal
import sys
import threading
import time
import typing

import stripe

import checks
import samples
import servers
from sink import Sink

KEY = "sk_test_standin"
SECRET = "whsec_of_the_check_0123456789"
NOW = int(time.time())
EVENTS = 230


def state():
    """Two accounts. Of the events three share each second; the second oldest second has one that appears late."""
    events = []
    for number in range(EVENTS):
        kind = ["invoice.paid", "invoice.payment_failed", "charge.refunded", "customer.subscription.updated"][number % 4]
        events.append(samples.event(f"evt_event_{number}", kind, samples.customer("cus_one", NOW), NOW - 1000 + number // 3))
    old = samples.event("evt_old", "invoice.paid", samples.customer("cus_one", NOW), NOW - 31 * 86400)
    lines = [samples.line(f"many_{number}", NOW, subscription="sub_one") for number in range(23)]
    items = [samples.checkout_item(f"item_{number}", quantity=2) for number in range(13)]
    objects = [
        samples.customer("cus_one", NOW - 50), samples.customer("cus_two", NOW - 40),
        {"id": "cus_gone", "object": "customer", "deleted": True},
        samples.subscription("one", "cus_one", NOW - 50, invoice="in_many"),
        samples.subscription("ended", "cus_one", NOW - 40, status="canceled"),
        samples.subscription("two", "cus_two", NOW - 30, status="past_due"),
        samples.invoice("many", "cus_one", NOW - 50, subscription="sub_one", lines=lines),
        samples.invoice("open", "cus_two", NOW - 40, status="open", subscription="sub_two"),
        samples.invoice("single", "cus_one", NOW - 30, reason="manual"),
        samples.invoice_payment("one", "in_many", "pi_one", NOW - 50),
        samples.invoice_payment("two", "in_single", "pi_two", NOW - 40),
        samples.payment_intent("one", "cus_one", NOW - 50, charge="ch_one"),
        samples.payment_intent("two", "cus_two", NOW - 50, credits=500, charge="ch_two"),
        samples.charge("one", "cus_one", NOW - 50, "pi_one", refunded=300),
        samples.charge("two", "cus_two", NOW - 50, "pi_two"),
        samples.refund("one", "ch_one", "pi_one", NOW - 20, 100), samples.refund("two", "ch_one", "pi_one", NOW - 10, 200),
        samples.dispute("one", "ch_two", "pi_two", NOW - 10),
        samples.checkout_session("one", "cus_one", NOW - 50, "pi_one", items),
        samples.checkout_session("two", "cus_two", NOW - 50, "pi_two"),
        samples.price("price_pack"), samples.price("price_old", active=False), samples.price("price_month", kind="recurring"),
        *[samples.thin_event(f"evt_thin_{number}", "v1.invoice.paid", NOW - number, "in_many", "/v1/invoices/in_many",
                             snapshot=f"evt_event_{number}" if number % 2 else None) for number in range(45)],
    ]
    far = samples.customer("cus_far", NOW)
    other = [samples.event(f"evt_other_{number}", "invoice.paid", far, NOW - 10, account="acct_other") for number in range(3)]
    return {
        "account": "acct_standin", "events": [*events, old], "objects": objects,
        "keys": {KEY: None, "rk_test_events0123456789": ["rak_event_read"], "rk_test_nothing0123456789": [],
                 "rk_test_writer0123456789": ["rak_webhook_write"], "sk_live_standin": None},
        "accounts": {"acct_other": {"events": other, "objects": [far]},
                     "acct_revoked": {"revoked": True}},
    }


class Shapes:
    def __init__(self, standin, sink):
        self.standin, self.sink = standin, sink
        self.checks = checks.Checks("shapes")
        self.expect, self.equal = self.checks.expect, self.checks.equal
        stripe.api_base, stripe.api_key, stripe.max_network_retries = standin.url, KEY, 0
        self.client = stripe.StripeClient(KEY, base_addresses={"api": standin.url}, max_network_retries=0)

    def throws(self, what, kind, call, status, code=None, param=None, text=""):
        """The SDK throws exactly this."""
        try:
            seen = call()
        except stripe.StripeError as error:
            # Not every exception has the code itself.
            told = (error.json_body or {}).get("error", {})
            seen = (type(error), error.http_status, told.get("code"), told.get("param"))
            self.expect(f"{what}: {kind.__name__} {status} {code} {param}", seen == (kind, status, code, param)
                        and text in str(error), *seen, str(error))
            self.expect(f"{what}: a request's id", (error.request_id or "").startswith("req_"), error.headers)
            return error
        self.expect(f"{what}: {kind.__name__}", False, seen)
        return None

    def whole(self, what, item, absent=()):
        """Has every field that the SDK says is always there, and none that it does not know."""
        kind = type(item)
        hints = kind.__annotations__
        needed = {name for name, hint in hints.items()
                  if not name.startswith("_") and "ClassVar" not in str(hint)
                  and type(None) not in typing.get_args(hint) and "Optional" not in str(hint)[:30]} - set(absent)
        fields = set(item.to_dict())
        self.expect(f"{what}: has what a {kind.__name__} has", needed <= fields, sorted(needed - fields))
        known = {name for one in kind.__mro__ for name in getattr(one, "__annotations__", {})}
        self.expect(f"{what}: has nothing else", fields <= known, sorted(fields - known))

    # What follows: one check each.

    def events(self):
        listed = stripe.Event.list()
        self.equal("ten by default", len(listed.data), 10)
        self.expect("a list", listed.url == "/v1/events" and listed.has_more and listed.object == "list", listed)
        self.expect("an event", isinstance(listed.data[0], stripe.Event) and listed.data[0].data.object["id"] == "cus_one")
        self.whole("an event", listed.data[0])
        for limit in [1, 7, 100]:
            ids = [event.id for event in stripe.Event.list(limit=limit).auto_paging_iter()]
            self.equal(f"all of them, by {limit}", len(ids), EVENTS)
            self.equal(f"each once, by {limit}", len(set(ids)), EVENTS)
            self.equal(f"newest first, by {limit}", ids, [f"evt_event_{number}" for number in reversed(range(EVENTS))])
        upwards = [event.id for event in stripe.Event.list(limit=9, ending_before="evt_event_0").auto_paging_iter()]
        self.equal("ending_before goes upwards", upwards, [f"evt_event_{number}" for number in range(1, EVENTS)])
        at = NOW - 1000 + 20
        for name, wanted in {"gt": 170 - 3, "gte": 170, "lt": 60, "lte": 63}.items():
            seen = list(stripe.Event.list(limit=100, created={name: at}).auto_paging_iter())
            self.equal(f"created[{name}]", len(seen), wanted)
        self.equal("a second", len(stripe.Event.list(created=at).data), 3)
        self.equal("a window", len(stripe.Event.list(limit=100, created={"gte": at, "lt": at + 5}).data), 15)
        found = stripe.Event.list(type="charge.refunded", limit=100)
        self.equal("a type", {event.type for event in found}, {"charge.refunded"})
        found = stripe.Event.list(type="invoice.*", limit=100).auto_paging_iter()
        self.equal("a type with a wildcard", {event.type for event in found}, {"invoice.paid", "invoice.payment_failed"})
        found = list(stripe.Event.list(types=["invoice.paid", "charge.refunded"], limit=40).auto_paging_iter())
        self.equal("types", (len(found), {event.type for event in found}), (115, {"invoice.paid", "charge.refunded"}))
        self.equal("an event by its id", stripe.Event.retrieve("evt_event_5").id, "evt_event_5")
        self.throws("an old event", stripe.InvalidRequestError, lambda: stripe.Event.retrieve("evt_old"), 404,
                    "resource_missing", "id", "No such event: 'evt_old'")
        refusals = [
            ("an unknown parameter", {"customer": "cus_one"}, "parameter_unknown", "customer"),
            ("an unknown cursor", {"starting_after": "evt_none"}, "resource_missing", "starting_after"),
            ("another account's cursor", {"starting_after": "evt_other_1"}, "resource_missing", "starting_after"),
            ("an old cursor", {"starting_after": "evt_old"}, "resource_missing", "starting_after"),
            ("no limit", {"limit": 0}, "parameter_invalid_integer", "limit"),
            ("a limit too high", {"limit": 101}, "parameter_invalid_integer", "limit"),
            ("both cursors", {"starting_after": "evt_event_1", "ending_before": "evt_event_9"}, None, "ending_before"),
            ("21 types", {"types": ["invoice.paid"] * 21}, "parameter_invalid_array", "types"),
            ("type and types", {"types": ["invoice.paid"], "type": "invoice.paid"}, None, "types"),
            ("a time that is none", {"created": {"gte": "2026-01-01"}}, "parameter_invalid_integer", "created[gte]"),
        ]
        for what, params, code, param in refusals:
            self.throws(what, stripe.InvalidRequestError, lambda: stripe.Event.list(**params), 400, code, param)

    def late(self):
        event = samples.event("evt_late", "invoice.paid", samples.customer("cus_one", NOW), NOW - 990)
        self.standin.add(events=[{**event, "_standin": {"appears_at": time.time() + 3600}}])
        ids = lambda: [event.id for event in stripe.Event.list(limit=100, created={"gte": NOW - 990, "lte": NOW - 990})]
        self.expect("a late event is not listed", "evt_late" not in ids(), ids())
        self.standin.control("POST", "clock", {"ahead": 3700})
        try:
            seen = ids()
            self.expect("then it is, with its old time", seen[0] == "evt_late" and len(seen) == 4, seen)
            skew = stripe.Event.retrieve("evt_late").last_response.headers["Date"]
            ahead = datetime.datetime.strptime(skew, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=datetime.timezone.utc)
            self.expect("its clock shows in Date", 3600 < ahead.timestamp() - time.time() < 3800, skew)
        finally:
            self.standin.control("POST", "clock", {"ahead": 0})
        self.standin.add(remove=["evt_late"])

    def accounts(self):
        listed = stripe.Event.list(stripe_account="acct_other")
        self.equal("another account's events", [event.id for event in listed], ["evt_other_2", "evt_other_1", "evt_other_0"])
        self.expect("they do not name it", all("account" not in event.to_dict() for event in listed), listed)
        self.equal("another account's object", stripe.Customer.retrieve("cus_far", stripe_account="acct_other").id, "cus_far")
        self.equal("the own account", stripe.Account.retrieve().id, "acct_standin")
        self.whole("an account", stripe.Account.retrieve())
        for name in ["acct_revoked", "acct_unknown"]:
            self.throws(name, stripe.PermissionError, lambda: stripe.Event.list(stripe_account=name), 403,
                        "account_invalid", None, "Application access may have been revoked.")

    def keys(self):
        unknown = lambda: stripe.Event.list(api_key="sk_test_unknown0123456789")
        self.throws("an unknown key", stripe.AuthenticationError, unknown, 401, None, None,
                    "Invalid API Key provided: sk_test_*************6789")
        self.equal("a key of live mode sees no test events", stripe.Event.list(api_key="sk_live_standin").data, [])
        events, nothing, writer = "rk_test_events0123456789", "rk_test_nothing0123456789", "rk_test_writer0123456789"
        self.equal("a restricted key that may", len(stripe.Event.list(api_key=events)), 10)
        self.equal("who may write may read", stripe.WebhookEndpoint.list(api_key=writer).data, [])
        url = {"url": "https://example.com/", "enabled_events": ["*"]}
        lacks = {
            "rak_event_read": lambda: stripe.Event.list(api_key=nothing),
            "rak_webhook_read": lambda: stripe.WebhookEndpoint.list(api_key=events),
            "rak_webhook_write": lambda: stripe.WebhookEndpoint.create(api_key=events, **url),
            "rak_plan_read": lambda: stripe.Price.list(api_key=events),
            "rak_customer_read": lambda: stripe.Customer.retrieve("cus_one", api_key=events),
            "rak_subscription_read": lambda: stripe.Subscription.list(api_key=events),
            "rak_invoice_read": lambda: stripe.Invoice.list_lines("in_many", api_key=events),
            "rak_charge_read": lambda: stripe.Charge.list(api_key=events),
            "rak_payment_intent_read": lambda: stripe.PaymentIntent.list(api_key=events),
            "rak_dispute_read": lambda: stripe.Dispute.list(api_key=events),
            "rak_checkout_session_read": lambda: stripe.checkout.Session.list_line_items("cs_test_one", api_key=events),
            "rak_accounts_kyc_basic_read": lambda: stripe.Account.retrieve(api_key=events),
        }
        for permission, call in lacks.items():
            self.throws(f"without {permission}", stripe.PermissionError, call, 403, "more_permissions_required", None,
                        f"Having the '{permission}' permission would allow this request to continue.")

    def objects(self):
        kinds = {
            "cus_one": stripe.Customer, "sub_one": stripe.Subscription, "in_open": stripe.Invoice,
            "inpay_one": stripe.InvoicePayment, "pi_one": stripe.PaymentIntent, "ch_one": stripe.Charge,
            "re_one": stripe.Refund, "dp_one": stripe.Dispute, "cs_test_one": stripe.checkout.Session,
            "price_pack": stripe.Price,
        }
        for name, kind in kinds.items():
            item = kind.retrieve(name)
            self.expect(f"GET {name}", type(item) is kind and item.id == name, item)
            # One dispute, but all the others at least two.
            every = [item.id for item in kind.list(limit=1).auto_paging_iter()]
            self.expect(f"the list with {name}", name in every and len(set(every)) == len(every), every)
            self.throws(f"no such {kind.OBJECT_NAME}", stripe.InvalidRequestError, lambda: kind.retrieve("none_1"), 404,
                        "resource_missing", "id", f"No such {kind.OBJECT_NAME.replace('.', ' ')}: 'none_1'")
            self.throws(f"{kind.OBJECT_NAME}: an unknown parameter", stripe.InvalidRequestError,
                        lambda: kind.list(strange="1"), 400, "parameter_unknown", "strange")
        lists = [
            (stripe.Subscription, {"customer": "cus_one"}, ["sub_one"]),
            (stripe.Subscription, {"customer": "cus_one", "status": "all"}, ["sub_ended", "sub_one"]),
            (stripe.Subscription, {"status": "past_due"}, ["sub_two"]),
            (stripe.Invoice, {"customer": "cus_one"}, ["in_single", "in_many"]),
            (stripe.Invoice, {"subscription": "sub_one"}, ["in_many"]),
            (stripe.Invoice, {"status": "open"}, ["in_open"]),
            (stripe.Invoice, {"customer": "cus_one", "status": "open"}, []),
            (stripe.InvoicePayment, {"invoice": "in_many"}, ["inpay_one"]),
            (stripe.InvoicePayment, {"payment": {"type": "payment_intent", "payment_intent": "pi_two"}}, ["inpay_two"]),
            (stripe.PaymentIntent, {"customer": "cus_two"}, ["pi_two"]),
            (stripe.Charge, {"customer": "cus_one"}, ["ch_one"]),
            (stripe.Charge, {"payment_intent": "pi_two"}, ["ch_two"]),
            (stripe.Refund, {"charge": "ch_one"}, ["re_two", "re_one"]),
            (stripe.Refund, {"payment_intent": "pi_two"}, []),
            (stripe.Refund, {"created": {"gte": NOW - 10}}, ["re_two"]),
            (stripe.Dispute, {"charge": "ch_two"}, ["dp_one"]),
            (stripe.Dispute, {"payment_intent": "pi_one"}, []),
            (stripe.checkout.Session, {"customer": "cus_one"}, ["cs_test_one"]),
            (stripe.checkout.Session, {"payment_intent": "pi_two"}, ["cs_test_two"]),
            (stripe.Price, {"active": False}, ["price_old"]),
            (stripe.Price, {"product": "prod_price_pack", "active": True}, ["price_pack"]),
            (stripe.Price, {"type": "recurring"}, ["price_month"]),
            (stripe.Customer, {"email": "cus_two@example.com"}, ["cus_two"]),
        ]
        for kind, params, wanted in lists:
            self.equal(f"{kind.OBJECT_NAME}s of {params}", [item.id for item in kind.list(**params).auto_paging_iter()], wanted)
        for kind, params in [(stripe.Invoice, {"customer": "cus_none"}), (stripe.Refund, {"charge": "ch_none"})]:
            (param, value), = params.items()
            self.throws(f"{kind.OBJECT_NAME}s of none", stripe.InvalidRequestError, lambda: kind.list(**params), 400,
                        "resource_missing", param, f"No such {param}: '{value}'")
        self.expect("a deleted customer", stripe.Customer.retrieve("cus_gone").deleted is True)
        self.throws("a test object in live mode", stripe.InvalidRequestError,
                    lambda: stripe.Charge.retrieve("ch_one", api_key="sk_live_standin"), 404, "resource_missing", "id")

    def lines(self):
        embedded = stripe.Invoice.retrieve("in_many").lines
        self.expect("ten lines in the invoice", len(embedded.data) == 10 and embedded.has_more, embedded)
        self.equal("the others follow", len(list(embedded.auto_paging_iter())), 23)
        lines = list(stripe.Invoice.list_lines("in_many", limit=5).auto_paging_iter())
        self.equal("lines by five", [line.id for line in lines], [f"il_many_{number}" for number in range(23)])
        self.expect("a line", isinstance(lines[0], stripe.InvoiceLineItem)
                    and lines[0].pricing.price_details.price == "price_standard", lines[0])
        self.equal("lines in a list", len(stripe.Invoice.list(customer="cus_one").data[1].lines.data), 10)
        session = stripe.checkout.Session.retrieve("cs_test_one")
        self.expect("a session comes without its items", "line_items" not in session.to_dict(), session)
        session = stripe.checkout.Session.retrieve("cs_test_one", expand=["line_items"])
        self.equal("unless they are asked for", len(session.line_items.data), 10)
        items = list(stripe.checkout.Session.list_line_items("cs_test_one", limit=4).auto_paging_iter())
        self.expect("items", len(items) == 13 and items[0].price.id == "price_pack" and items[0].quantity == 2, items)
        self.equal("no items", stripe.checkout.Session.list_line_items("cs_test_two").data, [])
        self.throws("lines of none", stripe.InvalidRequestError, lambda: stripe.Invoice.list_lines("in_none"), 404,
                    "resource_missing", "id")
        intent = stripe.PaymentIntent.retrieve("pi_one", expand=["latest_charge.refunds"])
        self.equal("expanded", [refund.id for refund in intent.latest_charge.refunds], ["re_two", "re_one"])
        listed = stripe.Invoice.list(customer="cus_one", expand=["data.payments"])
        self.equal("expanded in a list", listed.data[1].payments.data[0].payment.payment_intent, "pi_one")

    def endpoints(self):
        params = {"url": "https://hooks.example.com/webhooks/stripe", "enabled_events": ["invoice.paid", "charge.refunded"],
                  "api_version": "2025-09-30.clover", "description": "of the check", "metadata": {"made": "here"}}
        made = stripe.WebhookEndpoint.create(**params, idempotency_key="once")
        self.whole("an endpoint", made)
        self.expect("its secret", made.secret.startswith("whsec_"), made)
        self.expect("as it was asked for", made.url == params["url"] and made.enabled_events == params["enabled_events"]
                    and made.api_version == "2025-09-30.clover" and made.status == "enabled" and made.livemode is False
                    and made.metadata.to_dict() == {"made": "here"} and made.application is None, made)
        again = stripe.WebhookEndpoint.create(**params, idempotency_key="once")
        self.expect("the same key and body: the same answer", again.to_dict() == made.to_dict()
                    and again.last_response.headers["Idempotent-Replayed"] == "true", again)
        self.throws("the same key, another body", stripe.IdempotencyError, lambda: stripe.WebhookEndpoint.create(
            **{**params, "url": "https://other.example.com/"}, idempotency_key="once"), 400, None, None, "same parameters")
        self.equal("made once", [item.id for item in stripe.WebhookEndpoint.list()], [made.id])
        self.expect("its secret is not told again", "secret" not in stripe.WebhookEndpoint.retrieve(made.id).to_dict()
                    and "secret" not in stripe.WebhookEndpoint.list().data[0].to_dict())
        changed = stripe.WebhookEndpoint.modify(made.id, disabled=True, enabled_events=["*"], metadata={"made": "", "new": "1"},
                                                url="https://hooks.example.com/other", description="")
        self.expect("changed", changed.status == "disabled" and changed.enabled_events == ["*"]
                    and changed.metadata.to_dict() == {"new": "1"} and changed.url == "https://hooks.example.com/other"
                    and changed.description is None, changed)
        self.equal("enabled", stripe.WebhookEndpoint.modify(made.id, disabled=False).status, "enabled")
        self.throws("another version", stripe.InvalidRequestError,
                    lambda: stripe.WebhookEndpoint.modify(made.id, api_version="2024-06-20"), 400, "parameter_unknown",
                    "api_version")
        refusals = [
            ("no URL", {"url": None}, "parameter_missing", "url"),
            ("a URL that is none", {"url": "hooks"}, "url_invalid", "url"),
            ("no events", {"enabled_events": None}, "parameter_missing", "enabled_events"),
            ("an event that is none", {"enabled_events": ["invoice paid"]}, None, "enabled_events[0]"),
            ("all and one", {"enabled_events": ["*", "invoice.paid"]}, None, "enabled_events"),
            ("an unknown field", {"secret": "whsec_mine"}, "parameter_unknown", "secret"),
        ]
        for what, other, code, param in refusals:
            fields = {name: value for name, value in {**params, **other}.items() if value is not None}
            self.throws(what, stripe.InvalidRequestError, lambda: stripe.WebhookEndpoint.create(**fields), 400, code, param)
        connect = stripe.WebhookEndpoint.create(url="http://127.0.0.1/", enabled_events=["*"], connect=True)
        self.expect("of connected accounts", connect.application is not None, connect)
        for _ in range(14):
            stripe.WebhookEndpoint.create(url="https://hooks.example.com/", enabled_events=["*"])
        self.throws("the seventeenth", stripe.InvalidRequestError, lambda: stripe.WebhookEndpoint.create(
            url="https://hooks.example.com/", enabled_events=["*"]), 400, None, None, "16")
        every = [item.id for item in stripe.WebhookEndpoint.list(limit=5).auto_paging_iter()]
        self.equal("sixteen by five", len(set(every)), 16)
        for name in every:
            gone = stripe.WebhookEndpoint.delete(name)
            self.expect("deleted", gone.deleted is True and gone.id == name, gone)
        self.throws("one that is gone", stripe.InvalidRequestError, lambda: stripe.WebhookEndpoint.retrieve(made.id), 404,
                    "resource_missing", "id")

    def thin(self):
        events = self.client.v2.core.events
        event = events.retrieve("evt_thin_1")
        self.expect("a thin event", type(event).__name__ == "V1InvoicePaidEvent" and event.snapshot_event == "evt_event_1"
                    and event.related_object.url == "/v1/invoices/in_many", event)
        self.equal("one without a snapshot", events.retrieve("evt_thin_2").snapshot_event, None)
        self.equal("its object", event.fetch_related_object().id, "in_many")
        every = [event.id for event in events.list({"limit": 7}).auto_paging_iter()]
        self.equal("by seven, newest first", every, [f"evt_thin_{number}" for number in range(45)])
        since = datetime.datetime.fromtimestamp(NOW - 9, datetime.timezone.utc).isoformat()
        found = events.list({"limit": 4, "types": ["v1.invoice.paid", "v1.charge.failed"], "created": {"gte": since}})
        self.equal("of two types since then", len(list(found.auto_paging_iter())), 10)
        self.equal("of another type", events.list({"types": ["v1.charge.failed"]}).data, [])
        self.equal("of an object", len(list(events.list({"object_id": "in_many"}).auto_paging_iter())), 45)
        self.throws("an unknown thin event", stripe.InvalidRequestError, lambda: events.retrieve("evt_none"), 404, "not_found")
        self.throws("a parameter that v2 does not have", stripe.InvalidRequestError,
                    lambda: events.list({"starting_after": "evt_thin_1"}), 400, "parameter_unknown", "starting_after")

    def destinations(self):
        url = f"http://{self.sink.address}/thin"
        self.standin.add(objects=[samples.destination(f"ed_{number}", url, SECRET) for number in range(3)])
        service = self.client.v2.core.event_destinations
        every = list(service.list({"limit": 2, "include": ["webhook_endpoint.url"]}).auto_paging_iter())
        self.expect("destinations with their URL", len(every) == 3 and every[2].webhook_endpoint.url == url, every)
        self.whole("a destination", every[0])
        self.equal("the secret is not told", {item.webhook_endpoint.signing_secret for item in every}, {None})
        self.equal("nor the URL to who does not ask", service.retrieve("ed_1").webhook_endpoint.url, None)
        before = len(self.sink.seen)
        event = service.ping("ed_1")
        self.whole("a ping", event)
        self.equal("is about the destination", event.related_object.id, "ed_1")
        servers.programs.wait("the ping", lambda: len(self.sink.seen) > before)
        body, signature = self.sink.seen[before]
        note = self.client.parse_event_notification(body, signature, SECRET)
        self.equal("and arrives there, signed", (note.id, note.type), (event.id, "v2.core.event_destination.ping"))
        self.throws("a ping of none", stripe.InvalidRequestError, lambda: service.ping("ed_none"), 404, "not_found")

    def posts(self):
        url, before = f"http://{self.sink.address}/", len(self.sink.seen)
        results = self.standin.post(url, SECRET, ["evt_event_6", "evt_event_7", "evt_thin_3"])
        self.equal("posted in order", [(result["id"], result["status"]) for result in results],
                   [("evt_event_6", 200), ("evt_event_7", 500), ("evt_thin_3", 200)])
        self.standin.post(url, SECRET, ["evt_other_1"], account="acct_other")
        posted = self.sink.seen[before:]
        self.equal("each once", len(posted), 4)
        for body, signature in posted[:2] + posted[3:]:
            event = stripe.Webhook.construct_event(body, signature, SECRET)
            self.expect("a delivery that the SDK verifies",
                        event.object == "event" and "_standin" not in event.to_dict(), event)
        self.equal("of which account it is", json.loads(posted[3][0])["account"], "acct_other")
        self.expect("the own account's do not say", "account" not in json.loads(posted[0][0]))
        note = self.client.parse_event_notification(*posted[2], SECRET)
        self.equal("a thin one", (note.id, note.related_object.id), ("evt_thin_3", "in_many"))
        fields = set(json.loads(posted[2][0]))
        self.expect("has no more than a notification", not {"data", "changes", "snapshot_event"} & fields, fields)
        self.equal("an event whose delivery failed", [event.id for event in stripe.Event.list(delivery_success=False)],
                   ["evt_event_7"])
        self.equal("no server there", self.standin.post("http://127.0.0.1:9/", SECRET, ["evt_event_6"])[0]["status"], None)
        self.standin.post(url, SECRET, ["evt_event_6"], time=NOW - 4000)
        try:
            stripe.Webhook.construct_event(*self.sink.seen[-1], SECRET)
            self.expect("an old signature is one", False)
        except stripe.SignatureVerificationError as error:
            self.expect("an old signature is one", "tolerance" in str(error), error)

    def faults(self):
        limited = lambda: stripe.Event.list()
        self.standin.fault(path="/v1/events", status=429, reason="endpoint-rate", times=2, headers={"Retry-After": "2"})
        error = self.throws("429", stripe.RateLimitError, limited, 429, "rate_limit")
        self.equal("with its reason", error and (error.headers["Stripe-Rate-Limited-Reason"], error.headers["Retry-After"]),
                   ("endpoint-rate", "2"))
        self.equal("other paths pass", stripe.Customer.retrieve("cus_one").id, "cus_one")
        self.throws("429 again", stripe.RateLimitError, limited, 429, "rate_limit")
        self.equal("and no more", len(limited()), 10)
        self.standin.fault(path="/v1/events", status=429, code="lock_timeout", times=1)
        self.throws("a lock", stripe.RateLimitError, limited, 429, "lock_timeout")
        for status in [500, 503]:
            self.standin.fault(status=status, times=1)
            self.throws(f"{status}", stripe.APIError, limited, status)
        self.standin.fault(garbage=True, times=1)
        try:
            limited()
            self.expect("garbage", False)
        except stripe.APIError as error:
            self.equal("garbage", (error.http_status, "Invalid response body" in str(error)), (200, True))
        for fault in [{"cut": True}, {"redirect": f"http://{self.sink.address}/"}]:
            self.standin.fault(times=1, **fault)
            try:
                seen = limited()
                self.expect(f"{fault}", False, seen)
            except stripe.StripeError as error:
                broken = type(error) in (stripe.APIError, stripe.APIConnectionError)
                self.expect(f"{fault}: no answer of Stripe's", broken, error)
        self.standin.fault(hang=1, after=1, times=1)
        start = time.monotonic()
        limited()
        middle = time.monotonic()
        limited()
        self.expect("one second, of the second request", middle - start < 0.9 < time.monotonic() - middle, start, middle)
        self.standin.fault(path="/v1/customers", delay=1, times=1)
        renamed = {**samples.customer("cus_one", NOW), "name": "New"}
        threading.Timer(0.4, self.standin.add, kwargs={"objects": [renamed]}).start()
        self.equal("a late answer is an old one", stripe.Customer.retrieve("cus_one").name, "cus_one")
        self.equal("the next is new", stripe.Customer.retrieve("cus_one").name, "New")
        # The SDK's own rule of repeating.
        stripe.max_network_retries = 2
        try:
            self.standin.forget_requests()
            self.standin.fault(status=503, times=1)
            self.equal("503 once: the SDK asks again", len(limited()), 10)
            self.equal("twice in all", len(self.standin.requests()), 2)
            self.standin.forget_requests()
            self.standin.fault(status=503, times=1, headers={"Stripe-Should-Retry": "false"})
            self.throws("and not if it should not", stripe.APIError, limited, 503)
            self.equal("once in all", [entry["status"] for entry in self.standin.requests()], [503])
        finally:
            stripe.max_network_retries = 0
        self.standin.fault(status=500, path="/v1/events")
        for _ in range(3):
            self.throws("500 until it is removed", stripe.APIError, limited, 500)
        self.standin.without_faults()
        self.equal("then no more", len(limited()), 10)

    def log(self):
        self.standin.forget_requests()
        stripe.Event.list(limit=3, stripe_account="acct_other", stripe_version="2025-09-30.clover")
        entry, = self.standin.requests()
        self.equal("what was asked", (entry["method"], entry["path"], entry["query"], entry["status"]),
                   ("GET", "/v1/events", [["limit", "3"]], 200))
        headers = entry["headers"]
        self.equal("its headers", (headers["stripe-account"], headers["stripe-version"]), ("acct_other", "2025-09-30.clover"))
        self.expect("not the key",
                    KEY not in json.dumps(entry) and headers["authorization"].startswith("Bearer sk_test_*"), entry)
        self.throws("an unknown version", stripe.InvalidRequestError, lambda: stripe.Event.list(stripe_version="latest"), 400,
                    "api_version_invalid")
        connection = http.client.HTTPConnection(self.standin.url.removeprefix("http://"), timeout=10)
        for _ in range(3):
            connection.request("GET", "/v1/events?limit=1", headers={"Authorization": f"Bearer {KEY}"})
            response = connection.getresponse()
            response.read()
            self.equal("one connection", (response.status, response.headers["Stripe-Version"], response.version,
                                          connection.sock is not None), (200, "2026-10-28.endive", 11, True))
        connection.request("GET", "/v1/strange", headers={"Authorization": f"Bearer {KEY}"})
        response = connection.getresponse()
        self.expect("an unknown route", response.status == 404 and b"Unrecognized request URL" in response.read())
        connection.close()

    def run(self):
        for check in [self.events, self.late, self.accounts, self.keys, self.objects, self.lines, self.endpoints, self.thin,
                      self.destinations, self.posts, self.faults, self.log]:
            check()


def main(folder):
    # Ended from outside, it ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sink = Sink(lambda body: 500 if b"evt_event_7\"" in body else 200)
    standin = servers.StandIn(pathlib.Path(folder), state())
    shapes = Shapes(standin, sink)
    try:
        shapes.run()
    finally:
        standin.end()
        sink.stop()
    shapes.expect("SIGTERM ends it", standin.running.process.returncode == 0, standin.running.process.returncode)
    errors = standin.running.log.read_text()
    shapes.expect("it has no fault of its own", "Traceback" not in errors, errors[-2000:])
    checks.end(shapes.checks)


if __name__ == "__main__":
    main(*sys.argv[1:])
