# SPDX-License-Identifier: Apache-2.0
"""A customer's story at localstripe (scripts/stripe/local.py), step by step. story.py FOLDER plays it, and holds what
localstripe sends for each step against what is noted there.

localstripe 1.15.10 signs each webhook and posts it once, a second after the fact, whatever the answer; its events are listed
oldest first, `types[]` and `delivery_success` are refused. It never sends invoice.paid, customer.subscription.updated, charge.*
or refund.*: those facts show in its objects alone. It takes secret keys only (sk_…)."""

import pathlib
import signal
import sys

import programs

import checks
import servers
from sink import Sink

KEY = "sk_test_localstripe"
SECRET = "whsec_localstripe0123456789abcdef012345"
# Asks for 3-D Secure at every payment.
CAREFUL_CARD = "4000002500003155"


class LocalStripe(servers.Server):
    script = "local.py"

    def ask(self, method, path, form=None):
        status, value = servers.ask(method, self.url + path, headers={"Authorization": f"Bearer {KEY}"}, form=form)
        if status != 200:
            raise RuntimeError(f"{method} {path}: {status} {value}")
        return value

    def send_to(self, url):
        status, _ = servers.ask("POST", f"{self.url}/_config/webhooks/tollgate", {"url": url, "secret": SECRET})
        if status != 200:
            raise RuntimeError(f"localstripe takes no webhook: {status}")

    def events(self):
        """Oldest first."""
        # Of limits it knows no highest.
        return self.ask("GET", "/v1/events?limit=10000")["data"]


class Story:
    """Each step says which events localstripe makes for it, in any order."""

    def __init__(self, stripe):
        self.stripe = stripe

    def ask(self, path, **form):
        return self.stripe.ask("POST", path, form)

    def sign_up(self):
        """Sends product.created, plan.created, customer.created, customer.updated, invoice.created, payment_intent.succeeded,
        invoice.payment_succeeded, customer.subscription.created. The invoice's `billing_reason` is null."""
        self.plan = self.ask("/v1/plans", amount=2000, currency="usd", interval="month", **{"product[name]": "Standard"})["id"]
        self.customer = self.ask("/v1/customers", email="story@example.com")["id"]
        self.use_card("4242424242424242")
        subscription = self.ask("/v1/subscriptions", customer=self.customer, **{"items[0][plan]": self.plan})
        self.subscription = subscription["id"]
        return subscription

    def use_card(self, number):
        """Sends customer.updated."""
        card = self.ask("/v1/payment_methods", type="card", **{
            "card[number]": number, "card[exp_month]": 12, "card[exp_year]": 2039, "card[cvc]": "123"})["id"]
        self.ask(f"/v1/payment_methods/{card}/attach", customer=self.customer)
        self.ask(f"/v1/customers/{self.customer}", **{"invoice_settings[default_payment_method]": card})

    def fail_renewal(self):
        """Sends customer.updated, invoice.created, invoice.payment_failed. The subscription is past_due then, without an event;
        a card that is simply declined would send no failure either."""
        self.use_card(CAREFUL_CARD)
        self.invoice = self.ask("/v1/invoices", customer=self.customer, subscription=self.subscription)["id"]
        self.pay_invoice(False)

    def pay(self):
        """Sends payment_intent.succeeded, invoice.payment_succeeded. The subscription is active then, without an event."""
        self.pay_invoice(True)

    def pay_invoice(self, success):
        intent = self.ask(f"/v1/invoices/{self.invoice}/pay")["payment_intent"]
        secret = self.stripe.ask("GET", f"/v1/payment_intents/{intent}")["client_secret"]
        # As a browser does it, with the publishable key.
        self.ask(f"/v1/payment_intents/{intent}/_authenticate", client_secret=secret, success=str(success).lower(),
                 key="pk_test_localstripe")

    def top_up(self, credits, amount=1000):
        """Sends payment_intent.succeeded."""
        self.top_up_intent = self.ask("/v1/payment_intents", amount=amount, currency="usd", customer=self.customer,
                                      payment_method="pm_card_visa", confirm="true", **{"metadata[credits]": credits})["id"]

    def refund(self, amount):
        """Sends nothing. The charge's `amount_refunded` grows."""
        return self.ask("/v1/refunds", payment_intent=self.top_up_intent, amount=amount)

    def cancel(self):
        """Sends customer.subscription.deleted."""
        self.stripe.ask("DELETE", f"/v1/subscriptions/{self.subscription}")

    def status(self):
        return self.stripe.ask("GET", f"/v1/subscriptions/{self.subscription}")["status"]


def noted(step):
    """The types that the step's description names as sent."""
    text = step.__doc__.partition("Sends ")[2].partition(". ")[0].rstrip(".")
    return [] if text == "nothing" else sorted(text.replace("\n", " ").replace(" ", "").split(","))


def play(stripe, sink):
    import stripe as sdk

    found = checks.Checks("localstripe")
    story, known = Story(stripe), 0
    statuses = {"sign_up": "active", "fail_renewal": "past_due", "pay": "active", "cancel": "canceled"}
    steps = [(story.sign_up, ()), (story.fail_renewal, ()), (story.pay, ()), (story.top_up, (500,)), (story.refund, (400,)),
             (story.cancel, ())]
    for step, arguments in steps:
        step(*arguments)
        events = stripe.events()
        found.equal(f"{step.__name__} sends", sorted(event["type"] for event in events[known:]), noted(step))
        known = len(events)
        if step.__name__ in statuses:
            found.equal(f"after {step.__name__} the subscription is", story.status(), statuses[step.__name__])
    charge = stripe.ask("GET", f"/v1/payment_intents/{story.top_up_intent}")["latest_charge"]
    found.equal("refunded", stripe.ask("GET", f"/v1/charges/{charge['id']}")["amount_refunded"], 400)
    programs.wait("the webhooks", lambda: len(sink.seen) >= known)
    posted = [sdk.Webhook.construct_event(body, signature, SECRET) for body, signature in sink.seen]
    found.equal("each is posted once, whatever the answer, rightly signed", sorted(event.id for event in posted),
                sorted(event["id"] for event in stripe.events()))
    times = [event["created"] for event in stripe.events()]
    found.equal("its list is oldest first", times, sorted(times))
    for query in ["types[]=invoice.paid", "delivery_success=false", "ending_before=evt_1"]:
        status, _ = servers.ask("GET", f"{stripe.url}/v1/events?{query}", headers={"Authorization": f"Bearer {KEY}"})
        found.equal(f"it does not know {query}", status, 400)
    return found


def pickle_time():
    file = pathlib.Path("/tmp/localstripe.pickle")
    return file.stat().st_mtime_ns if file.exists() else None


def main(folder):
    # Ended from outside, it ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    before = pickle_time()
    # localstripe does not care what it is answered.
    sink, stripe = Sink(lambda body: 503), LocalStripe(pathlib.Path(folder))
    try:
        stripe.send_to(f"http://{sink.address}/webhooks/stripe")
        found = play(stripe, sink)
    finally:
        stripe.end()
        sink.stop()
    found.equal("it does not write the file in /tmp", pickle_time(), before)
    checks.end(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
