# SPDX-License-Identifier: Apache-2.0
"""Checks of `tollgate stripe setup` and `doctor`, for scripts/stripe/trial.py."""

import re
import stat
import typing

from stripe.params._webhook_endpoint_create_params import WebhookEndpointCreateParams

import ground
import samples
from ground import KEY, as_json

URL = "https://hooks.example.com/webhooks/stripe"


def known_types():
    """The event types that the official SDK knows."""
    def words(hint):
        for part in typing.get_args(hint):
            if isinstance(part, str):
                yield part
            else:
                yield from words(part)
    return set(words(WebhookEndpointCreateParams.__annotations__["enabled_events"]))


class SettingUp(ground.Ground):
    def endpoints(self, stripe):
        return [item for item in stripe.control("GET", "state")["objects"] if item["object"] == "webhook_endpoint"]

    def written(self, stripe):
        return [entry for entry in stripe.requests() if entry["method"] != "GET"]

    def setup(self):
        stripe = self.stand_in("setup_stripe")
        tollgate = self.tollgate("setup", STRIPE_API_KEY=KEY, STRIPE_API_BASE=stripe.url)
        secret = tollgate.folder / "secret"
        code, output, errors = tollgate.run("stripe", "setup", "--url", URL)
        self.expect("without a place for the secret it refuses", code == 64, code, output, errors)
        self.equal("and makes nothing", (self.endpoints(stripe), self.written(stripe)), ([], []))

        code, output, errors = tollgate.run("stripe", "setup", "--url", URL, "--secret-file", str(secret))
        self.expect("it ends well", code == 0, code, output, errors)
        made = self.endpoints(stripe)
        self.equal("it makes one", [item["url"] for item in made], [URL])
        wanted = set(made[0]["enabled_events"]) if made else set()
        self.equal("of types that Stripe has", wanted - known_types(), set())
        must = {"invoice.paid", "invoice.payment_failed", "customer.subscription.updated", "checkout.session.completed",
                "payment_intent.succeeded", "charge.refunded", "refund.failed", "charge.dispute.closed", "invoice_payment.paid"}
        self.equal("with those that the rules read", must - wanted, set())
        version = made[0]["api_version"] if made else None
        self.expect("of a dated version", version and re.fullmatch(r"\d{4}-\d\d-\d\d(\.[a-z]+)?", version), version)
        self.equal("the secret in the file", secret.read_text().strip(), made[0]["secret"])
        self.equal("that only its owner reads", stat.S_IMODE(secret.stat().st_mode), 0o600)
        for place in [output, errors, tollgate.log()]:
            self.expect("the secret is shown nowhere", made[0]["secret"] not in place and KEY not in place, place)
        posts = self.written(stripe)
        keys = [bool(entry["headers"].get("idempotency-key")) for entry in posts]
        self.equal("made by one request, with an idempotency key", keys, [True])

        stripe.forget_requests()
        before, text = self.endpoints(stripe), secret.read_text()
        code, output, errors = tollgate.run("stripe", "setup", "--url", URL, "--secret-file", str(secret))
        self.equal("again: nothing changes", (code, self.endpoints(stripe), secret.read_text(), self.written(stripe)),
                   (0, before, text, []))

        self.change(stripe, made[0], enabled_events=["invoice.paid", "topup.created"], status="disabled")
        code, output, errors = tollgate.run("stripe", "setup", "--url", URL, "--secret-file", str(secret))
        mended = self.endpoints(stripe)
        self.equal("it mends: one endpoint", len(mended), 1)
        self.equal("what lacked is added, what was there stays", set(mended[0]["enabled_events"]), wanted | {"topup.created"})
        self.equal("and it is enabled", mended[0]["status"], "enabled")
        code, output, errors = tollgate.run("stripe", "setup", "--url", URL, "--secret-file", str(secret), "--exact")
        self.equal("--exact: just those", set(self.endpoints(stripe)[0]["enabled_events"]), wanted)
        self.change(stripe, made[0], enabled_events=["*"])
        code, output, errors = tollgate.run("stripe", "setup", "--url", URL, "--secret-file", str(secret))
        self.equal("all types are enough", (code, self.endpoints(stripe)[0]["enabled_events"]), (0, ["*"]))

        connect = tollgate.folder / "connect"
        code, output, errors = tollgate.run("stripe", "setup", "--url", URL, "--connect", "--secret-file", str(connect))
        ends = self.endpoints(stripe)
        self.equal("of connected accounts: another one", [bool(item["application"]) for item in ends], [False, True])
        self.equal("with a secret of its own", connect.read_text().strip(), ends[-1]["secret"])

        other = "https://other.example.com/webhooks/stripe"
        code, output, errors = tollgate.run("stripe", "setup", "--url", other, "--print-secret",
                                            "--api-version", "2025-03-31.basil")
        ends = {item["url"]: item for item in self.endpoints(stripe)}
        self.expect("another URL, its secret printed", code == 0 and ends[other]["secret"] in output, code, output, errors)
        self.equal("of the version that was asked for", ends[other]["api_version"], "2025-03-31.basil")

        third = tollgate.folder / "third"
        for what, key, text in [("that may not write", ["rak_webhook_read"], "rak_webhook_write"),
                                ("that may not read", [], "rak_webhook_read")]:
            stripe.add(keys={"rk_test_weak0123456789": key})
            stripe.forget_requests()
            code, output, errors = tollgate.run("stripe", "setup", "--url", "https://third.example.com/webhooks/stripe",
                                                "--secret-file", str(third), STRIPE_API_KEY="rk_test_weak0123456789")
            self.expect(f"a key {what}", code == 1 and text in output + errors and not third.exists(), code, output, errors)
        stripe.forget_requests()
        code, output, errors = tollgate.run("stripe", "setup", "--url", "https://third.example.com/webhooks/stripe",
                                            "--secret-file", "/proc/no/such/folder/secret")
        self.expect("a file that cannot be written: no secret is lost", code != 0 and errors and not self.written(stripe),
                    code, output, errors, self.written(stripe))
        for number in range(20 - len(self.endpoints(stripe))):
            stripe.add(objects=[{**made[0], "id": f"we_full{number}", "url": f"https://full{number}.example.com/"}])
        code, output, errors = tollgate.run("stripe", "setup", "--url", "https://third.example.com/webhooks/stripe",
                                            "--secret-file", str(third))
        self.expect("one too many", code == 1 and errors and not third.exists(), code, output, errors)
        self.stop(tollgate, stripe)

    def change(self, stripe, endpoint, **fields):
        now = next(item for item in self.endpoints(stripe) if item["id"] == endpoint["id"])
        stripe.add(objects=[{**now, **fields}])

    def doctor(self):
        stripe = self.stand_in("doctor_stripe")
        tollgate = self.tollgate("doctor", STRIPE_API_KEY=KEY, STRIPE_API_BASE=stripe.url)
        secret = tollgate.folder / "secret"

        def examine(*arguments, **settings):
            code, output, errors = tollgate.run("stripe", "doctor", "--json", *arguments, **settings)
            found = as_json(output).get("checks", [])
            self.expect("a line for each", found and all({"name", "ok", "detail", "advice"} <= set(one) for one in found),
                        output, errors)
            wrong = [one for one in found if one["ok"] is False]
            self.equal("the exit code says so", code, 1 if wrong else 0)
            self.expect("no key is shown", KEY not in output + errors)
            return {one["name"]: one for one in found}, wrong

        found, wrong = examine()
        self.expect("without an endpoint", wrong, found)
        tollgate.run("stripe", "setup", "--url", URL, "--secret-file", str(secret))
        last = samples.event("evt_last", "invoice.paid", samples.invoice("last", "cus_last", ground.now()), ground.now() - 900)
        stripe.add(events=[last])
        stripe.post(tollgate.webhooks(), ground.SECRET, ["evt_last"])
        found, wrong = examine()
        self.equal("all is well", wrong, [])
        unknown = [one for one in found.values() if one["ok"] is None]
        self.equal("what cannot be known", [one["name"] for one in unknown], ["missed"])
        endpoint, = self.endpoints(stripe)
        faults = [
            ("disabled", {"endpoint_enabled"}, lambda: self.change(stripe, endpoint, status="disabled")),
            ("incomplete", {"endpoint_events"}, lambda: self.change(stripe, endpoint, enabled_events=["invoice.paid"])),
            ("elsewhere", {"endpoint"}, lambda: self.change(stripe, endpoint, url="https://hooks.example.com/other")),
            ("another clock", {"clock", "database_clock"}, lambda: stripe.control("POST", "clock", {"ahead": 120})),
        ]
        for what, names, make in faults:
            make()
            found, wrong = examine()
            self.expect(f"{what} is found, with advice", {one["name"] for one in wrong} == names and all(
                one["advice"] for one in wrong), wrong)
            stripe.add(objects=[endpoint])
            stripe.control("POST", "clock", {"ahead": 0})
        found, wrong = examine()
        self.equal("all is well again", wrong, [])
        stripe.add(keys={"rk_test_few0123456789": ["rak_event_read"]})
        found, wrong = examine(STRIPE_API_KEY="rk_test_few0123456789")
        text = str(wrong)
        self.expect("permissions by their names", "rak_webhook_read" in text and "rak_subscription_read" in text, found)
        found, wrong = examine(STRIPE_API_KEY="sk_test_unknown0123456789")
        self.expect("a key that Stripe does not know", wrong, found)
        code, output, errors = tollgate.run("stripe", "doctor")
        self.expect("as text", code == 0 and len(output.splitlines()) >= len(found) and "{" not in output, code, output, errors)
        code, output, errors = tollgate.run("stripe", "doctor", STRIPE_API_KEY="")
        self.equal("without a key 78", code, 78)
        # A ping that arrives, where there is a v2 destination.
        stripe.forget_requests()
        stripe.add(objects=[samples.destination("ed_ours", tollgate.webhooks(), ground.SECRET)])
        found, wrong = examine("--url", tollgate.webhooks())
        pings = [entry for entry in stripe.requests() if entry["path"].endswith("/ping")]
        self.expect("a ping arrives", len(pings) == 1 and found["ping"]["ok"] is True, pings, found.get("ping"))
        stripe.add(objects=[samples.destination("ed_ours", tollgate.webhooks(), "whsec_of_somebody_else_0123456789")])
        found, wrong = examine("--url", tollgate.webhooks())
        self.equal("or does not", [one["name"] for one in wrong if one["name"] != "endpoint"], ["ping"])
        self.stop(tollgate, stripe)
