# SPDX-License-Identifier: Apache-2.0
"""Checks of what Tollgate learns from objects: refetch, thin events, line items; for scripts/stripe/trial.py."""

import json
import re
import time
import urllib.error

from programs import wait

import ground
import samples
from ground import KEY, SECRET, rfc3339

HOUR = 3600


class Refetching(ground.Ground):
    def credits(self, tollgate, customer):
        """None of an unknown customer."""
        try:
            return tollgate.access(customer)["credits"]
        except urllib.error.HTTPError:
            return None

    def refetch(self):
        """A customer of whom no event ever came: the truth from the objects alone, and the same state is one entry."""
        now = int(time.time())
        customer, name = "cus_silent", "silent"
        due = samples.invoice("due", customer, now - 9 * HOUR, "open", f"sub_{name}")
        paid = samples.invoice("paid", customer, now - 800 * HOUR, "paid", f"sub_{name}", reason="subscription_create")
        due["status_transitions"]["finalized_at"] = now - 8 * HOUR
        objects = [
            samples.customer(customer, now - 900 * HOUR),
            samples.subscription(name, customer, now - 800 * HOUR, "past_due", invoice="in_due"), paid, due,
            samples.invoice_payment("paid", "in_paid", "pi_paid", now - 800 * HOUR),
            samples.invoice_payment("due", "in_due", "pi_due", now - 9 * HOUR) | {"status": "open"},
            samples.payment_intent("paid", customer, now - 800 * HOUR, 2000, charge="ch_paid"),
            samples.payment_intent("due", customer, now - 9 * HOUR, 2000, charge="ch_due_2", status="requires_payment_method"),
            samples.payment_intent("pack", customer, now - 2 * HOUR, 1000, credits=1000, charge="ch_pack"),
            samples.charge("paid", customer, now - 800 * HOUR, "pi_paid", 2000),
            # The first that failed, and another try.
            samples.charge("due_1", customer, now - 7 * HOUR, "pi_due", 2000, status="failed"),
            samples.charge("due_2", customer, now - HOUR, "pi_due", 2000, status="failed"),
            samples.charge("pack", customer, now - 2 * HOUR, "pi_pack", 1000, refunded=250),
            samples.refund("pack", "ch_pack", "pi_pack", now - HOUR, 250),
        ]
        stripe = self.stand_in("refetch_stripe", {"objects": objects})
        tollgate = self.tollgate("refetch", STRIPE_API_KEY=KEY, STRIPE_API_BASE=stripe.url)

        def fetch(what):
            code, output, errors = tollgate.run("stripe", "refetch", "--customer", customer)
            self.expect(f"{what}: refetch ends well", code == 0, code, output, errors)
            tollgate.wait_until_read()

        def answers(what, **wanted):
            seen = {}

            def is_so():
                try:
                    seen.update(tollgate.access(customer))
                except urllib.error.HTTPError:
                    return False
                return all(seen.get(key) == value for key, value in wanted.items())
            try:
                wait(what, is_so, 15)
            except RuntimeError:
                pass
            self.expect(f"{what}: {wanted}", all(seen.get(key) == value for key, value in wanted.items()), seen)

        fetch("of nothing known")
        # Grace runs from the first charge that failed, not from now.
        answers("a debt", allowed=True, reason="grace_period", credits=750, until=rfc3339(now - 7 * HOUR + 72 * HOUR))
        events = tollgate.events()
        self.equal("all by refetch", {event["source"] for event in events}, {"refetch"})
        fetch("again")
        self.equal("the same state is no new entry", len(tollgate.events()), len(events))
        answers("the same", allowed=True, reason="grace_period", credits=750)
        stripe.add(objects=[{**due, "status": "paid", "amount_paid": 2000, "amount_remaining": 0},
                            samples.subscription(name, customer, now - 800 * HOUR, "active", invoice="in_due"),
                            samples.charge("pack", customer, now - 2 * HOUR, "pi_pack", 1000, refunded=500),
                            samples.refund("pack_2", "ch_pack", "pi_pack", now, 250)])
        fetch("after payment and another refund")
        answers("paid", allowed=True, reason="subscription_active", credits=500)
        ended = samples.subscription(name, customer, now - 800 * HOUR, "canceled", invoice="in_due")
        charge = samples.charge("pack", customer, now - 2 * HOUR, "pi_pack", 1000, refunded=500)
        stripe.add(objects=[{**ended, "ended_at": now, "canceled_at": now}, {**charge, "disputed": True},
                            samples.dispute("pack", "ch_pack", "pi_pack", now, 500)])
        fetch("after the end and a dispute")
        answers("ended", allowed=False, reason="credits_exhausted", credits=0)
        self.equal("none failed", tollgate.events(status="failed"), [])
        # What was learned agrees with the events that come after all.
        late = samples.event("evt_after_all", "payment_intent.succeeded", objects[8], now - 2 * HOUR)
        stripe.add(events=[late])
        stripe.post(tollgate.webhooks(), SECRET, ["evt_after_all"])
        tollgate.wait_until_read()
        answers("a purchase counts once", credits=0)
        self.equal("only reads", {entry["method"] for entry in stripe.requests()}, {"GET"})
        self.expect_budget(stripe.requests())
        status, _ = self.administer(tollgate, "POST", f"/customers/{customer}/refetch")
        self.equal("the route answers 202", status, 202)
        code, output, errors = tollgate.run("stripe", "refetch", "--customer", "cus_none")
        self.expect("one whom Stripe does not know", code == 1 and "cus_none" in output + errors, code, output, errors)
        self.stop(tollgate, stripe)

    def lines(self):
        """Credits by price and quantity: of a Checkout session, whose event has no lines, and of a long invoice."""
        now = int(time.time())
        items = [samples.checkout_item(f"item_{number}", quantity=2) for number in range(13)]
        session = samples.checkout_session("cart", "cus_cart", now, "pi_cart", items)
        rows = [samples.line(f"row_{number}", now, amount=1000, price="price_pack") for number in range(23)]
        invoice = samples.invoice("rows", "cus_rows", now, "paid", lines=rows, reason="manual")
        shown = {**invoice, "lines": {**invoice["lines"], "data": rows[:10], "has_more": True}}
        bare = {name: value for name, value in session.items() if name != "line_items"}
        objects = [samples.customer("cus_cart", now), samples.customer("cus_rows", now), session, invoice,
                   samples.payment_intent("cart", "cus_cart", now, 26000)]
        events = [samples.event("evt_cart", "checkout.session.completed", bare, now - 5),
                  samples.event("evt_rows", "invoice.paid", shown, now - 5)]
        stripe = self.stand_in("lines_stripe", {"objects": objects, "events": events})
        tollgate = self.tollgate("lines", STRIPE_API_KEY=KEY, STRIPE_API_BASE=stripe.url)
        code, output, errors = tollgate.run("prices", "set", "price_pack", "--credits", "10")
        self.expect("the price map", code == 0, output, errors)
        stripe.post(tollgate.webhooks(), SECRET, ["evt_cart", "evt_rows"])
        for customer, credits in [("cus_cart", 260), ("cus_rows", 230)]:
            try:
                wait(customer, lambda: self.credits(tollgate, customer) == credits, 15)
            except RuntimeError:
                pass
            self.equal(f"credits of {customer}", self.credits(tollgate, customer), credits)
        triggers = {entry["headers"].get("stripe-request-trigger") for entry in stripe.requests()}
        self.expect("Stripe is told why", {"event=evt_cart", "event=evt_rows"} <= triggers, triggers)
        self.stop(tollgate, stripe)

    def thin(self):
        """A thin event and its snapshot are one; without a snapshot, the object is fetched; no URL leads elsewhere."""
        now = int(time.time())
        intent = samples.payment_intent("thin", "cus_thin", now, 1000, credits=100)
        other = samples.payment_intent("other", "cus_other", now, 1000, credits=50)
        thief = self.stand_in("thin_thief")
        kind, path = "v1.payment_intent.succeeded", "/v1/payment_intents"
        objects = [
            samples.customer("cus_thin", now), samples.customer("cus_other", now), intent, other,
            samples.thin_event("evt_thin_snapshot", kind, now, "pi_thin", f"{path}/pi_thin", snapshot="evt_snapshot"),
            samples.thin_event("evt_thin_alone", kind, now, "pi_other", f"{path}/pi_other"),
            samples.thin_event("evt_thin_evil", kind, now, "pi_evil", f"{thief.url}{path}/pi_evil"),
            samples.thin_event("evt_thin_at", kind, now, "pi_evil", f"@{thief.url.removeprefix('http://')}{path}/pi_evil"),
        ]
        stripe = self.stand_in("thin_stripe", {
            "objects": objects, "events": [samples.event("evt_snapshot", "payment_intent.succeeded", intent, now)]})
        tollgate = self.tollgate("thin", STRIPE_API_KEY=KEY, STRIPE_API_BASE=stripe.url)
        names = ["evt_thin_snapshot", "evt_thin_alone", "evt_thin_evil", "evt_thin_at"]
        results = stripe.post(tollgate.webhooks(), SECRET, names)
        self.equal("all are taken", {result["status"] for result in results}, {200})
        for customer, credits in [("cus_thin", 100), ("cus_other", 50)]:
            try:
                wait(customer, lambda: self.credits(tollgate, customer) == credits, 15)
            except RuntimeError:
                pass
        sources = {event["id"]: event["source"] for event in tollgate.events()}
        self.equal("the snapshot came by its notification", sources.get("evt_snapshot"), "thin")
        self.equal("the notifications stay", [sources.get(name) for name in names], ["webhook"] * 4)
        others = [source for name, source in sources.items() if name not in [*names, "evt_snapshot"]]
        self.equal("the object was fetched", others, ["refetch"])
        result, = stripe.post(tollgate.webhooks(), SECRET, ["evt_snapshot"])
        self.equal("the snapshot after it is a duplicate", json.loads(result["body"])["outcome"], "duplicate")
        tollgate.wait_until_read()
        for customer, credits in [("cus_thin", 100), ("cus_other", 50)]:
            self.equal(f"credits of {customer}", self.credits(tollgate, customer), credits)
        self.equal("nobody else was asked", thief.requests(), [])
        self.stop(tollgate, stripe, thief)

    def states(self):
        """What refetch makes of states that come again, of answers that come late, and of keys that may not read all."""
        now = int(time.time())
        late = samples.invoice("finalised", "cus_finalised", now - 9 * HOUR, "open", "sub_finalised")
        late["status_transitions"]["finalized_at"] = now - 5 * HOUR
        void = samples.invoice("void", "cus_void", now - 9 * HOUR, "void", "sub_void")
        lost = samples.invoice("lost", "cus_lost", now - 90 * HOUR, "uncollectible", "sub_lost")
        objects = [late, void, lost, {"id": "cus_gone", "object": "customer", "deleted": True}]
        for name, status in [("flap", "active"), ("race", "active"), ("finalised", "past_due"), ("void", "active"),
                             ("lost", "active")]:
            objects += [samples.customer(f"cus_{name}", now - 99 * HOUR),
                        samples.subscription(name, f"cus_{name}", now - 99 * HOUR, status)]
        stripe = self.stand_in("states_stripe", {"objects": objects})
        tollgate = self.tollgate("states", STRIPE_API_KEY=KEY, STRIPE_API_BASE=stripe.url)

        def fetch(name):
            code, output, errors = tollgate.run("stripe", "refetch", "--customer", f"cus_{name}")
            tollgate.wait_until_read()
            return code, output + errors

        def answer(name):
            try:
                seen = tollgate.access(f"cus_{name}")
            except urllib.error.HTTPError:
                return None
            return seen["allowed"], seen["reason"], seen["until"]

        active, grace = (True, "subscription_active", None), lambda at: (True, "grace_period", rfc3339(at + 72 * HOUR))
        fetch("flap")
        self.equal("active", answer("flap"), active)
        # By webhooks: it is unpaid, and a moment later its state is the first again, without an event.
        unpaid = samples.subscription("flap", "cus_flap", now - 99 * HOUR, "unpaid")
        second = int(time.time()) + 2
        stripe.add(events=[samples.event("evt_flap", "customer.subscription.updated", unpaid, second)])
        # Refetch counts as of a second before it was asked, in whole seconds.
        wait("some seconds after it", lambda: time.time() > second + 4)
        stripe.post(tollgate.webhooks(), SECRET, ["evt_flap"])
        tollgate.wait_until_read()
        self.expect("unpaid", not (answer("flap") or [True])[0], answer("flap"))
        fetch("flap")
        self.equal("the first state again, as it is now", answer("flap"), active)

        # Stripe's answer is on its way for four seconds, while the subscription becomes unpaid.
        stripe.fault(path="/v1/subscriptions", delay=4, times=1)
        process = tollgate.command("stripe", "refetch", "--customer", "cus_race")
        wait("the question", lambda: any(entry["path"] == "/v1/subscriptions" and "cus_race" in str(entry["query"])
                                         for entry in stripe.requests()))
        # Stripe's times are whole seconds: two later, it is certain which was first.
        asked = time.time()
        wait("two seconds", lambda: time.time() > asked + 2)
        stripe.add(events=[samples.event("evt_race", "customer.subscription.updated", samples.subscription(
            "race", "cus_race", now - 99 * HOUR, "unpaid"), time.time())])
        stripe.post(tollgate.webhooks(), SECRET, ["evt_race"])
        process.communicate(timeout=60)
        tollgate.wait_until_read()
        self.expect("a late answer does not undo what happened since", not (answer("race") or [True])[0], answer("race"))

        fetch("finalised")
        self.equal("without a charge, a debt begins when the invoice is final", answer("finalised"), grace(now - 5 * HOUR))
        fetch("void")
        self.equal("what is void is no debt", answer("void"), active)
        fetch("lost")
        self.equal("what is uncollectible is one", (answer("lost") or [None])[:2], (False, "payment_overdue"))
        fetch("gone")
        self.equal("a deleted customer", (answer("gone") or [None])[:2], (False, "customer_deleted"))
        code, told = fetch("gone")
        self.expect("what was told before is found, and not new", re.search(r"[1-9]\d* found, 0 new", told), code, told)

        few = "rk_test_few0123456789"
        stripe.add(keys={few: ["rak_customer_read", "rak_subscription_read", "rak_invoice_read"]},
                   objects=[samples.customer("cus_few", now), samples.subscription("few", "cus_few", now)])
        code, output, errors = tollgate.run("stripe", "refetch", "--customer", "cus_few", STRIPE_API_KEY=few)
        self.expect("what may not be read is named", code == 1 and "rak_charge_read" in output + errors, code, output, errors)
        tollgate.wait_until_read()
        self.equal("the rest counts", answer("few"), active)
        for name in ["cus_x/../../v1/account", "", KEY, "whsec_0123456789"]:
            code, output, errors = tollgate.run("stripe", "refetch", "--customer", name)
            self.equal(f"64 for {name!r}", code, 64)
            self.expect("no secret is shown", not name.startswith(("sk_", "whsec_")) or name not in output + errors, errors)
        self.equal("none failed", tollgate.events(status="failed"), [])
        self.stop(tollgate, stripe)

    def connected(self):
        """Refetch and thin events of a connected account ask that account."""
        now = int(time.time())
        intents = [samples.payment_intent(name, "cus_far", now, credits=5, charge=f"ch_{name}") for name in ["first", "second"]]
        objects = [samples.customer("cus_far", now), samples.subscription("far", "cus_far", now - HOUR), intents[0],
                   samples.charge("first", "cus_far", now, "pi_first"), samples.thin_event(
                       "evt_thin_far", "v1.payment_intent.succeeded", now, "pi_second", "/v1/payment_intents/pi_second",
                       context="acct_far")]
        known = samples.event("evt_far", "customer.created", objects[0], now - 100, account="acct_far")
        stripe = self.stand_in("connected_stripe", {"accounts": {"acct_far": {"events": [known], "objects": objects}}})
        tollgate = self.tollgate("connected_refetch", STRIPE_API_KEY=KEY, STRIPE_API_BASE=stripe.url,
                                 STRIPE_ACCOUNTS="acct_far")
        stripe.post(tollgate.webhooks(), SECRET, ["evt_far"], account="acct_far")
        tollgate.wait_until_read()
        code, output, errors = tollgate.run("stripe", "refetch", "--customer", "cus_far")
        self.expect("refetch ends well", code == 0, code, output, errors)
        tollgate.wait_until_read()
        seen = tollgate.access("cus_far")
        self.equal("what is learned counts", (seen["reason"], seen["credits"]), ("subscription_active", 5))
        stripe.add(account="acct_far", objects=[intents[1], samples.charge("second", "cus_far", now, "pi_second")])
        stripe.post(tollgate.webhooks(), SECRET, ["evt_thin_far"], account="acct_far")
        try:
            wait("the thin event's object", lambda: self.credits(tollgate, "cus_far") == 10, 15)
        except RuntimeError:
            pass
        self.equal("what a thin event is about counts", self.credits(tollgate, "cus_far"), 10)
        asked = {entry["headers"].get("stripe-context" if entry["path"].startswith("/v2/") else "stripe-account")
                 for entry in stripe.requests()}
        self.equal("only that account is asked", asked, {"acct_far"})
        self.equal("all is of that account", {event["account"] for event in tollgate.events()}, {"acct_far"})
        self.stop(tollgate, stripe)

    def at_once(self):
        """The same purchases by webhook, by backfill, by thin events and by refetch, all at the same time: each counts once."""
        now, customers = int(time.time()), [f"cus_{number}" for number in range(6)]
        objects = [samples.customer(name, now) for name in customers]
        events, thin = [], []
        for number in range(240):
            of = customers[number % 6]
            intent = samples.payment_intent(f"{number}", of, now - 100, credits=1, charge=f"ch_{number}")
            objects += [intent, samples.charge(f"{number}", of, now - 100, intent["id"])]
            events.append(samples.event(f"evt_{number}", "payment_intent.succeeded", intent, now - 100 + number // 10))
            if number % 8 == 0:
                thin.append(samples.thin_event(f"evt_thin_{number}", "v1.payment_intent.succeeded", now, intent["id"],
                                               f"/v1/payment_intents/{intent['id']}", snapshot=f"evt_{number}"))
        stripe = self.stand_in("at_once_stripe", {"events": events, "objects": objects + thin})
        tollgate = self.tollgate("at_once", STRIPE_API_KEY=KEY, STRIPE_API_BASE=stripe.url)
        stripe.fault(path="/v1/events", delay=0.3)
        processes = [tollgate.command("stripe", "backfill", "--since", "1h")]
        processes += [tollgate.command("stripe", "refetch", "--customer", name) for name in customers[:3]]
        stripe.post(tollgate.webhooks(), SECRET, [event["id"] for event in thin])
        names = [event["id"] for event in events]
        self.random.shuffle(names)
        wait("the list to be asked for", lambda: any(entry["path"] == "/v1/events" for entry in stripe.requests()))
        results = stripe.post(tollgate.webhooks(), SECRET, names)
        self.equal("all are taken", {result["status"] for result in results}, {200})
        for process in processes:
            output, errors = process.communicate(timeout=120)
            self.equal(f"{' '.join(process.args[2:])}: {output} {errors}", process.returncode, 0)
        tollgate.wait_until_read()
        for name in customers[3:]:
            tollgate.run("stripe", "refetch", "--customer", name)
        tollgate.wait_until_read()
        self.equal("each purchase counts once", [self.credits(tollgate, name) for name in customers], [40] * 6)
        found = tollgate.events()
        ids = [event["id"] for event in found]
        self.expect("each event is there once", set(names) <= set(ids) and len(ids) == len(set(ids)), len(ids))
        sources = {event["source"] for event in found}
        self.expect("by more than one way", len(sources) > 2, sources)
        self.equal("none failed", tollgate.events(status="failed"), [])
        self.stop(tollgate, stripe)
