# SPDX-License-Identifier: Apache-2.0
"""The check of what Tollgate asks Stripe by itself, for scripts/stripe/trial.py."""

import signal
import time

from programs import wait

import ground
import samples
from ground import as_json

# The types that docs/stripe.md does not ask for, of those in a history.
UNWANTED = {"customer.created", "product.updated", "invoice.created"}


class Reconciling(ground.Ground):
    def reconciler(self):
        """Two servers, one reconciler: finds by itself what is missing, counts and logs it once; also what is listed late."""
        stripe, lost, answers = self.make_gap()
        now = time.time()
        early = samples.event("evt_early", "invoice.paid", samples.invoice("early", "cus_early", now), now - 300)
        stripe.add(events=[{**early, "_standin": {"appears_at": now + 25}}])
        stripe.forget_requests()
        first = self.asking(stripe, "reconciled", TOLLGATE_RECONCILE="10s")
        second = ground.Tollgate(self.program, self.folder / "reconciled_second", first.settings["DATABASE_URL"],
                          **{name: value for name, value in first.settings.items() if name != "DATABASE_URL"})
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
        lines = [line for one in (first, second) for line in one.log().splitlines() if "had not come" in line]
        self.expect("logged", lines and len(lines) <= 7, lines)
        success = max(one.metric("tollgate_reconcile_last_success_timestamp_seconds") or 0 for one in (first, second))
        self.expect("when it last went well", abs(time.time() - success) < 60, success)
        first.wait_until_read()
        seen = first.answers()
        seen.pop("cus_early", None)
        for name in sorted(set(seen) & set(answers)):
            self.equal(f"reconciled: {name}", seen[name], answers[name])
        requests = [entry for entry in stripe.requests() if entry["path"] == "/v1/events"]
        # A walk is six pages.
        starts = [entry["at"] for entry in requests if not any(name == "starting_after" for name, _ in entry["query"])]
        pauses = [later - earlier for earlier, later in zip(starts, starts[1:])]
        self.expect("one of both does it", all(pause > 5 for pause in pauses), pauses)
        self.expect_budget(requests)
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
