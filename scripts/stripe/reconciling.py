# SPDX-License-Identifier: Apache-2.0
"""The check of what Tollgate asks Stripe by itself, for scripts/stripe/trial.py."""

import json
import signal
import time

from programs import wait

import ground
import samples
from ground import as_json

# The types that docs/stripe.md does not ask for, of those in a history.
UNWANTED = {"customer.created", "product.updated", "invoice.created"}


TROUBLES = {"slow": {"hang": 25}, "down": {"status": 503}, "wrong": {"garbage": True}, "limited": {"status": 429}}


class Reconciling(ground.Ground):
    def reconciler(self):
        """Two servers, one reconciler: finds by itself what is missing, counts and logs it once; also what is listed late."""
        stripe, lost, answers = self.make_gap()
        now = time.time()
        early = samples.event("evt_early", "invoice.paid", samples.invoice("early", "cus_early", now), now - 300)
        stripe.add(events=[{**early, "_standin": {"appears_at": now + 25}}])
        stripe.forget_requests()
        # Slow enough for the other to have its turn meanwhile.
        stripe.fault(path="/v1/events", hang=1.5)
        first = self.asking(stripe, "reconciled", TOLLGATE_RECONCILE="10s")
        second = ground.Tollgate(self.program, self.folder / "reconciled_second", first.settings["DATABASE_URL"],
                                 **first.settings)
        self.running.append(second)
        stored = lambda: {event["id"] for event in first.events() if event["source"] == "backfill"}
        try:
            wait("what is missing", lambda: "evt_early" in stored(), 90)
        except RuntimeError as error:
            self.expect("an event that is listed late is found", False, error)
        wanted = {event["id"] for event in stripe.control("GET", "state")["events"]
                  if event["id"] in lost and event["type"] not in UNWANTED} | {"evt_early"}
        self.equal("what the rules want is taken in, and nothing else", stored() ^ wanted, set())
        missed = sum(one.metric("tollgate_stripe_missed_total") or 0 for one in (first, second))
        self.equal("counted once", missed, len(wanted))
        lines = [line for one in (first, second) for line in one.log().splitlines() if "missed events were taken in" in line]
        self.expect("logged", lines and len(lines) <= 7, lines)
        success = max(one.metric("tollgate_reconcile_last_success_timestamp_seconds") or 0 for one in (first, second))
        self.expect("when it last went well", abs(time.time() - success) < 60, success)
        first.wait_until_read()
        seen = first.answers()
        seen.pop("cus_early", None)
        for name in sorted(set(seen) & set(answers)):
            self.equal(f"reconciled: {name}", seen[name], answers[name])
        requests = [entry for entry in stripe.requests() if entry["path"] == "/v1/events"]
        # Each walk asks for each page once.
        pages = {}
        for entry in requests:
            pages.setdefault(dict(entry["query"]).get("starting_after"), []).append(entry["at"])
        pauses = [later - earlier for times in pages.values() for earlier, later in zip(times, times[1:])]
        self.expect("one of both does it", pauses and min(pauses) > 5, sorted(pauses)[:5])
        self.expect_budget(requests)
        stripe.without_faults()
        code, output, errors = first.run("stripe", "doctor", "--json")
        told = [one for one in as_json(output).get("checks", []) if one["name"] == "missed"]
        self.expect("the doctor knows", code == 1 and told and told[0]["ok"] is False and str(len(wanted)) in told[0]["detail"]
                    and told[0]["advice"], told, errors)
        # Its owner dies: the other goes on.
        for one in (first, second):
            one_at = len(stripe.requests())
            one.end(signal.SIGKILL)
            try:
                wait("the other to go on", lambda: len(stripe.requests()) > one_at, 90)
            except RuntimeError as error:
                self.expect("the other goes on", False, error)
            one.start()
        stripe.add(remove=["evt_early"])
        self.stop(first, second)

    def unfelt(self):
        """A Stripe that is slow, down or wrong: what is acknowledged and what is read does not feel it, nor does the end."""
        now = int(time.time())
        thin = [samples.thin_event(f"evt_thin_{number}", "v1.payment_intent.succeeded", now, f"pi_{number}",
                                   f"/v1/payment_intents/pi_{number}") for number in range(20)]
        events = [samples.event(f"evt_{kind}_{number}", "payment_intent.succeeded", samples.payment_intent(
            f"{kind}_{number}", "cus_busy", now, credits=1), now) for kind in ["calm", *TROUBLES] for number in range(100)]
        stripe = self.stand_in("unfelt_stripe", {"events": events, "objects": thin})
        for kind, fault in {"calm": None, **TROUBLES}.items():
            tollgate = self.asking(stripe, f"unfelt_{kind}", None, TOLLGATE_RECONCILE="10s")
            if fault:
                stripe.fault(**fault)
            # Something to ask for, and a while to ask it.
            stripe.post(tollgate.webhooks(), ground.SECRET, [event["id"] for event in thin])
            stripe.forget_requests()
            if fault:
                wait("Stripe to be asked", stripe.requests)
            acknowledged, read = [], []
            for number in range(100):
                start = time.monotonic()
                result, = stripe.post(tollgate.webhooks(), ground.SECRET, [f"evt_{kind}_{number}"])
                acknowledged.append((time.monotonic() - start, result["status"], json.loads(result["body"])["outcome"]))
                if number == 0:
                    tollgate.wait_until_read()
                start = time.monotonic()
                tollgate.access("cus_busy")
                read.append(time.monotonic() - start)
            outcomes = {outcome for _, _, outcome in acknowledged}
            self.equal(f"{kind}: all are taken at once", outcomes, {"accepted"})
            wait("the credits", lambda: tollgate.access("cus_busy")["credits"] == 100)
            tell = lambda times: f"{1000 * sorted(times)[len(times) // 2]:.0f} ms, at most {1000 * max(times):.0f} ms"
            taken = tell([seconds for seconds, _, _ in acknowledged])
            print(f"unfelt, {kind}: acknowledged in {taken}; read in {tell(read)}", flush=True)
            tollgate.end()
            self.equal(f"{kind}: it ends when it is told to", tollgate.running.process.returncode, 0)
            self.expect(f"{kind}: no key in the log", ground.KEY not in tollgate.log())
            stripe.without_faults()
            self.running.remove(tollgate)
        self.stop(stripe)
