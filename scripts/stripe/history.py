# SPDX-License-Identifier: Apache-2.0
"""What happens to some customers in an hour, as Stripe's events tell it, from objects as in scripts/stripe/samples.py."""

import copy
import itertools
import random

import samples


class History:
    """events: in the order of happening, those of one customer seconds or minutes apart, often several in one second."""

    def __init__(self, seed, count, began, ended):
        """count: how many events, of a time from began to ended"""
        self.random = random.Random(seed)
        self.numbers = itertools.count(1)
        self.events, self.customers = [], []
        lives = [self.subscriber, self.debtor, self.late_payer, self.buyer, self.returner, self.shopper, self.disputer,
                 self.leaver, self.deleted, self.mixed]
        while len(self.events) < count:
            self.name = f"{len(self.customers)}"
            self.customer = f"cus_{self.name}"
            self.customers.append(self.customer)
            self.now = began + self.random.randrange(max(1, int(ended - began - 600)))
            self.ended = ended
            self.add("customer.created", samples.customer(self.customer, self.now))
            lives[len(self.customers) % len(lives)]()
        # The last one's life is cut short.
        del self.events[count:]
        self.events.sort(key=lambda event: event["created"])

    def add(self, kind, item, **previous):
        data = {"object": copy.deepcopy(item)}
        if previous:
            data["previous_attributes"] = previous
        event = samples.event(f"evt_{self.random.randrange(10 ** 9):09}_{next(self.numbers)}", kind, item, self.now)
        self.events.append({**event, "data": data})

    def later(self):
        self.now = min(self.ended, self.now + self.random.choice([0, 0, 1, 5, 60, 120]))

    # Parts of lives.

    def subscribe(self):
        self.subscription = samples.subscription(self.name, self.customer, self.now, invoice=f"in_{self.name}_first")
        self.add("customer.subscription.created", self.subscription)
        self.bill("first", "paid", "subscription_create")

    def bill(self, name, status, reason="subscription_cycle"):
        invoice = samples.invoice(
            f"{self.name}_{name}", self.customer, self.now, status, self.subscription["id"], reason=reason)
        self.add("invoice.created", {**invoice, "status": "draft"})
        if status == "paid":
            self.settle(invoice)
        else:
            self.add("invoice.payment_failed", invoice)
            self.change(status="past_due", latest_invoice=invoice["id"])
        return invoice

    def settle(self, invoice):
        paid = {**invoice, "status": "paid", "amount_paid": invoice["amount_due"], "amount_remaining": 0,
                "status_transitions": {**invoice["status_transitions"], "paid_at": self.now}}
        name = invoice["id"].removeprefix("in_")
        intent = samples.payment_intent(name, self.customer, self.now, invoice["amount_due"], charge=f"ch_{name}")
        self.add("payment_intent.succeeded", intent)
        self.add("charge.succeeded", samples.charge(name, self.customer, self.now, intent["id"], invoice["amount_due"]))
        self.add("invoice_payment.paid", samples.invoice_payment(name, invoice["id"], intent["id"], self.now))
        self.add("invoice.payment_succeeded", paid)
        self.add("invoice.paid", paid)

    def change(self, **fields):
        before = {name: self.subscription.get(name) for name in fields}
        self.subscription |= fields
        self.add("customer.subscription.updated", self.subscription, **before)

    def buy(self, name, credits):
        name = f"{self.name}_{name}"
        intent = samples.payment_intent(name, self.customer, self.now, 1000, credits, charge=f"ch_{name}")
        self.add("payment_intent.succeeded", intent)
        self.add("charge.succeeded", samples.charge(name, self.customer, self.now, intent["id"]))
        return name

    def give_back(self, name, amount, before=0, number=1):
        refund = samples.refund(f"{name}_{number}", f"ch_{name}", f"pi_{name}", self.now, amount)
        charge = samples.charge(name, self.customer, self.now, f"pi_{name}", refunded=before + amount)
        self.add("refund.created", refund)
        self.add("charge.refunded", charge, amount_refunded=before)
        return refund

    # Lives.

    def subscriber(self):
        self.subscribe()
        self.later()
        self.bill("second", "paid")
        self.later()
        self.change(cancel_at_period_end=True)

    def debtor(self):
        self.subscribe()
        self.later()
        self.bill("second", "open")

    def late_payer(self):
        self.subscribe()
        self.later()
        invoice = self.bill("second", "open")
        self.later()
        self.add("invoice.payment_failed", {**invoice, "attempt_count": 2})
        self.later()
        self.settle(invoice)
        self.change(status="active")

    def buyer(self):
        for number in range(self.random.randrange(1, 5)):
            self.buy(f"pack_{number}", self.random.randrange(1, 1000))
            self.later()

    def returner(self):
        name = self.buy("pack", self.random.randrange(100, 1000))
        self.later()
        self.give_back(name, 300)
        self.later()
        refund = self.give_back(name, 200, before=300, number=2)
        if self.random.random() < 0.5:
            self.later()
            self.add("refund.failed", {**refund, "status": "failed"})

    def shopper(self):
        name = f"{self.name}_cart"
        session = samples.checkout_session(name, self.customer, self.now, f"pi_{name}", credits=self.random.randrange(1, 500))
        session.pop("line_items")
        self.add("checkout.session.completed", session)
        self.add("payment_intent.succeeded", samples.payment_intent(name, self.customer, self.now, 1000, charge=f"ch_{name}"))
        if self.random.random() < 0.5:
            self.later()
            self.give_back(name, 500)

    def disputer(self):
        name = self.buy("pack", self.random.randrange(100, 1000))
        self.later()
        dispute = samples.dispute(name, f"ch_{name}", f"pi_{name}", self.now)
        self.add("charge.dispute.created", dispute)
        if self.random.random() < 0.7:
            self.later()
            self.add("charge.dispute.closed", {**dispute, "status": self.random.choice(["won", "lost"])})

    def leaver(self):
        self.subscribe()
        self.later()
        self.subscription |= {"status": "canceled", "ended_at": self.now, "canceled_at": self.now}
        self.add("customer.subscription.deleted", self.subscription)

    def deleted(self):
        self.buy("pack", 100)
        self.later()
        self.add("customer.deleted", samples.customer(self.customer, self.now))

    def mixed(self):
        self.subscribe()
        self.buy("pack", 700)
        self.later()
        invoice = self.bill("second", "open")
        self.later()
        self.add("invoice.voided", {**invoice, "status": "void"})
        self.add("product.updated", {"id": f"prod_{self.name}", "object": "product", "created": self.now, "name": "Standard"})
