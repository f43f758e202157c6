# SPDX-License-Identifier: Apache-2.0
"""The check with a Stripe that nobody here wrote, for scripts/stripe/trial.py."""

from programs import wait

import ground
import story


class Stories(ground.Ground):
    def tell(self, name, **settings):
        """→ localstripe, a Tollgate that it sends to, and the story that is told there"""
        stripe = story.LocalStripe(self.folder / f"{name}_stripe")
        self.running.append(stripe)
        tollgate = self.tollgate(name, STRIPE_API_KEY=story.KEY, STRIPE_API_BASE=stripe.url,
                                 STRIPE_WEBHOOK_SECRET=story.SECRET, **settings)
        stripe.send_to(tollgate.webhooks())
        return stripe, tollgate, story.Story(stripe)

    def becomes(self, what, tollgate, customer, seconds=20, **wanted):
        seen = {}

        def is_so():
            try:
                seen.update(tollgate.access(customer))
            except OSError:
                return False
            return all(seen.get(name) == value for name, value in wanted.items())
        try:
            wait(what, is_so, seconds)
        except RuntimeError:
            pass
        self.expect(f"localstripe, {what}: {wanted}", all(seen.get(name) == value for name, value in wanted.items()), seen)

    def while_away(self, stripe, tollgate, *steps):
        """Steps of which Tollgate hears nothing."""
        # What came of each webhook stands in localstripe's log.
        all_posted = lambda: stripe.running.log.read_text().count('aiohttp.access:webhook "') == len(stripe.events())
        wait("the last webhooks", all_posted)
        tollgate.end()
        for step, *arguments in steps:
            step(*arguments)
        wait("webhooks in vain", all_posted)
        tollgate.start()

    def localstripe(self):
        """With Tollgate stopped in between: by backfill and by the reconciler to the truth."""
        stripe, tollgate, told = self.tell("story")
        told.sign_up()
        customer = told.customer
        self.becomes("sign-up, by webhooks", tollgate, customer, allowed=True, reason="subscription_active", credits=0)
        self.while_away(stripe, tollgate, (told.fail_renewal,))
        self.equal("it did not hear of the failure", tollgate.access(customer)["reason"], "subscription_active")
        code, output, errors = tollgate.run("stripe", "backfill", "--since", "1h")
        self.expect("a backfill from localstripe ends well", code == 0, code, output, errors)
        self.becomes("the failed renewal, by backfill", tollgate, customer, allowed=True, reason="grace_period", credits=0)
        tollgate.settings["TOLLGATE_RECONCILE"] = "10s"
        self.while_away(stripe, tollgate, (told.pay,), (told.top_up, 500))
        self.becomes("payment and top-up, by the reconciler", tollgate, customer, 120, allowed=True,
                     reason="subscription_active", credits=500)
        self.equal("they are counted as missed", tollgate.metric("tollgate_stripe_missed_total"), 3)
        self.while_away(stripe, tollgate, (told.cancel,))
        code, output, errors = tollgate.run("stripe", "backfill", "--since", "1h")
        self.becomes("the cancellation, by backfill", tollgate, customer, allowed=True, reason="credits", credits=500)
        tollgate.wait_until_read()
        ids = [event["id"] for event in tollgate.events()]
        listed = sorted(event["id"] for event in stripe.events())
        self.equal("all of localstripe's events are there, each once", sorted(ids), listed)
        self.equal("none failed", tollgate.events(status="failed"), [])
        self.stop(tollgate, stripe)

    def refund(self):
        """What localstripe never sends: by refetch to the truth."""
        stripe, tollgate, told = self.tell("refund")
        told.sign_up()
        told.top_up(500)
        customer = told.customer
        self.becomes("sign-up and top-up, by webhooks", tollgate, customer, allowed=True, reason="subscription_active",
                     credits=500)
        # 400 of 1000.
        told.refund(400)

        def refetch():
            code, output, errors = tollgate.run("stripe", "refetch", "--customer", customer)
            self.expect("refetch from localstripe ends well", code == 0, code, output, errors)
            tollgate.wait_until_read()
        refetch()
        self.becomes("the refund, by refetch", tollgate, customer, allowed=True, credits=300)
        refetch()
        self.equal("refetched twice, the same", tollgate.access(customer)["credits"], 300)
        self.while_away(stripe, tollgate, (told.fail_renewal,))
        refetch()
        self.becomes("the failed renewal, by refetch", tollgate, customer, allowed=True, reason="grace_period", credits=300)
        until = tollgate.access(customer)["until"]
        failed = next(event for event in stripe.events() if event["type"] == "invoice.payment_failed")
        self.equal("its grace began with the failure", until, ground.rfc3339(failed["created"] + 72 * 3600))
        code, output, errors = tollgate.run("stripe", "backfill", "--since", "1h")
        self.becomes("and the same by backfill", tollgate, customer, allowed=True, reason="grace_period", credits=300,
                     until=until)
        self.while_away(stripe, tollgate, (told.pay,), (told.cancel,))
        refetch()
        self.becomes("payment and cancellation, by refetch", tollgate, customer, allowed=True, reason="credits", credits=300)
        code, output, errors = tollgate.run("stripe", "backfill", "--since", "1h")
        tollgate.wait_until_read()
        self.becomes("and the same by backfill", tollgate, customer, allowed=True, reason="credits", credits=300)
        self.equal("none failed", tollgate.events(status="failed"), [])
        self.stop(tollgate, stripe)
