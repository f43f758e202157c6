# SPDX-License-Identifier: Apache-2.0
"""Checks of `tollgate stripe backfill` and of its routes, for scripts/stripe/trial.py."""

import json
import re
import signal
import subprocess
import time

from programs import wait

import ground
import samples
from ground import EVENTS, LOST, SECRET, as_json, rfc3339


class Backfills(ground.Ground):
    def backfill(self):
        stripe, lost, answers = self.make_gap()
        tollgate = self.asking(stripe, "backfill")
        before = tollgate.answers()
        stripe.forget_requests()
        code, output, errors = tollgate.run("stripe", "backfill", "--since", "1h", "--dry-run", "--json")
        self.equal("a dry run ends well", code, 0)
        dry = as_json(output)
        self.equal("a dry run counts", (dry.get("listed"), dry.get("known"), dry.get("stored"), dry.get("status")),
                   (EVENTS, EVENTS - LOST, 0, "done"))
        self.equal("and stores nothing", len(tollgate.events()), EVENTS - LOST)
        self.equal("and changes no answer", tollgate.answers(), before)
        code, output, errors = tollgate.run("stripe", "backfill", "--since", "1h", "--json")
        self.expect("a backfill ends well", code == 0, code, output, errors)
        done = as_json(output)
        self.equal("it counts", (done.get("listed"), done.get("known"), done.get("stored"), done.get("status"),
                                 done.get("error", "absent")), (EVENTS, EVENTS - LOST, LOST, "done", None))
        self.expect("its id", re.fullmatch(r"bkf_\w+", done.get("id", "")), done)
        self.expect_whole("after a backfill", tollgate, lost, answers)
        code, output, errors = tollgate.run("stripe", "backfill", "--since", "1h", "--json")
        self.equal("a second one finds nothing", (code, as_json(output).get("stored"), as_json(output).get("known")),
                   (0, 0, EVENTS))
        self.expect_whole("after a second one", tollgate, lost, answers)
        status, page = self.administer(tollgate, "GET", "/events?source=backfill&limit=100")
        self.equal("filtered by source", (status, {event["source"] for event in page["data"]}, len(page["data"])),
                   (200, {"backfill"}, 100))
        self.equal("by hand found is not missed", tollgate.metric("tollgate_stripe_missed_total") or 0, 0)
        self.expect_requests(stripe, tollgate)
        code, output, errors = tollgate.run("stripe", "backfill", "--since", "1h")
        self.expect("as text", code == 0 and str(EVENTS) in output and "{" not in output, output)
        self.stop(tollgate)

    def routes(self):
        stripe, lost, answers = self.make_gap()
        tollgate = self.asking(stripe, "routes")
        since = rfc3339(time.time() - 3600)
        stripe.fault(path="/v1/events", hang=1)
        made = tollgate.administer("POST", "/backfills", {"since": since})
        self.expect("202 and a backfill", re.fullmatch(r"bkf_\w+", made.get("id", "")) and made["status"] == "running"
                    and {"since", "until", "listed", "stored", "known", "error"} <= set(made), made)
        status, problem = self.administer(tollgate, "POST", "/backfills", {"since": since})
        self.equal("one at a time", (status, problem.get("code")), (409, "backfill_running"))
        status, _ = self.administer(tollgate, "DELETE", f"/backfills/{made['id']}")
        self.expect("it can be canceled", status in (200, 202, 204), status)
        wait("its end", lambda: tollgate.administer("GET", f"/backfills/{made['id']}")["status"] == "canceled")
        stripe.without_faults()
        made = tollgate.administer("POST", "/backfills", {"since": since})
        found = wait("the second's end", lambda: [
            one for one in [tollgate.administer("GET", f"/backfills/{made['id']}")] if one["status"] != "running"])[0]
        self.equal("the second is done", (found["status"], found["listed"]), ("done", EVENTS))
        listed = tollgate.administer("GET", "/backfills")["data"]
        self.equal("both are listed", [one["status"] for one in listed], ["done", "canceled"])
        self.expect_whole("by the route", tollgate, lost, answers)
        for body in [{}, {"since": "yesterday"}, {"since": since, "strange": 1}, {"since": since, "until": rfc3339(0)}]:
            status, _ = self.administer(tollgate, "POST", "/backfills", body)
            self.expect(f"refused: {body}", status in (400, 409), status)
        status, _ = self.administer(tollgate, "GET", "/backfills/bkf_none")
        self.equal("404 for none", status, 404)
        self.stop(tollgate)

    def interrupted(self):
        """SIGINT and kill -9, of the command and of the server, wherever it happens to be, until it is done."""
        stripe, lost, answers = self.make_gap()
        stripe.fault(path="/v1/events", hang=0.4)
        for name, kind in [("by_sigint", signal.SIGINT), ("by_sigkill", signal.SIGKILL)]:
            # With the server, that does the command's work or none of it, and without.
            tollgate = self.asking(stripe, name)
            if kind == signal.SIGKILL:
                tollgate.end()
            cut, at, codes = 0, [], []
            for turn in range(40):
                process = tollgate.command("stripe", "backfill", "--since", "1h", "--json")
                pause = self.random.uniform(0.05, 1.5) if turn < 12 else 60
                try:
                    process.wait(pause)
                except subprocess.TimeoutExpired:
                    process.send_signal(kind)
                    cut += 1
                    at.append(round(pause, 2))
                output, errors = process.communicate(timeout=60)
                codes.append(process.returncode)
                if process.returncode == 0:
                    break
                # Before it listens for signals, it has nothing to say.
                self.expect(f"{name}: it ends by the signal, or with 1 and what to do", process.returncode == -kind or (
                    kind == signal.SIGINT and process.returncode == 1 and errors), process.returncode, errors)
            self.expect(f"{name}: it was interrupted, and ended well", cut > 0 and codes[-1] == 0, cut, codes, at, errors)
            print(f"{name}: interrupted {cut} times after {at} s", flush=True)
            if kind == signal.SIGKILL:
                tollgate.start()
            self.expect_whole(name, tollgate, lost, answers)
            self.stop(tollgate)
        # The server's own work, by the route.
        tollgate = self.asking(stripe, "server_killed")
        made = tollgate.administer("POST", "/backfills", {"since": rfc3339(time.time() - 3600)})["id"]
        cut = 0
        while tollgate.administer("GET", f"/backfills/{made}")["status"] == "running" and cut < 6:
            time.sleep(self.random.uniform(0, 0.6))
            tollgate.end(signal.SIGKILL)
            tollgate.start()
            cut += 1
        end = wait("the backfill's end", lambda: [
            one for one in [tollgate.administer("GET", f"/backfills/{made}")] if one["status"] != "running"], 120)[0]
        self.equal("a killed server's backfill goes on", (end["status"], end["error"]), ("done", None))
        print(f"server_killed: {cut} times", flush=True)
        self.expect_whole("server_killed", tollgate, lost, answers)
        stripe.without_faults()
        self.stop(tollgate)

    def troubles(self):
        """A Stripe that limits, fails, breaks off and lies: everything comes all the same."""
        stripe, lost, answers = self.make_gap()
        tollgate = self.asking(stripe, "troubles")
        stripe.forget_requests()
        for after, fault in enumerate([
                {"status": 429, "reason": "endpoint-rate", "headers": {"Retry-After": "1"}},
                {"status": 429, "code": "lock_timeout"}, {"status": 500}, {"cut": True}, {"status": 503}, {"garbage": True}]):
            stripe.fault(path="/v1/events", times=1, after=after, **fault)
        code, output, errors = tollgate.run("stripe", "backfill", "--since", "1h", "--json")
        if code != 0:
            self.expect("it says so and goes on the next time", code == 1 and errors, code, errors)
            code, output, errors = tollgate.run("stripe", "backfill", "--since", "1h", "--json")
        self.expect("it ends well", code == 0, code, output, errors)
        self.expect_budget(stripe.requests())
        self.expect_whole("after troubles", tollgate, lost, answers)
        stripe.without_faults()
        stripe.forget_requests()
        other = self.stand_in("thief")
        stripe.fault(path="/v1/events", redirect=f"{other.url}/v1/events", times=3)
        tollgate.run("stripe", "backfill", "--since", "1h", "--json")
        self.equal("a redirect does not take the key elsewhere", other.requests(), [])
        stripe.without_faults()
        self.stop(tollgate, other)

    def keys(self):
        """Keys that may not, that are of the other mode, that are none."""
        stripe, _, _ = self.make_gap()
        limited = "rk_test_few0123456789"
        stripe.add(keys={limited: ["rak_charge_read"], "rk_test_right0123456789": ["rak_event_read"]})
        tollgate = self.asking(stripe, "keys")
        cases = [
            ("no key", "", 78, "STRIPE_API_KEY"), ("a key of live mode", "sk_live_0123456789abcdef", 78, "STRIPE_API_KEY"),
            ("no permission", limited, 1, "rak_event_read"), ("an unknown key", "sk_test_unknown0123456789", 1, ""),
            ("just the permission", "rk_test_right0123456789", 0, ""),
        ]
        for what, key, wanted, text in cases:
            code, output, errors = tollgate.run("stripe", "backfill", "--since", "1h", STRIPE_API_KEY=key)
            self.expect(f"{what}: {wanted} and {text!r}", code == wanted and text in output + errors, code, output, errors)
            self.expect(f"{what}: the key is not shown", not key or key not in output + errors, output, errors)
        for arguments in [[], ["--since", "tomorrow"], ["--since", "1h", "--until", "2h"]]:
            code, output, errors = tollgate.run("stripe", "backfill", *arguments)
            self.equal(f"64 for {arguments}", code, 64)
        without = self.tollgate("without")
        status, problem = self.administer(without, "POST", "/backfills", {"since": rfc3339(time.time() - 3600)})
        self.equal("without a key 409", (status, problem.get("code")), (409, "stripe_key_missing"))
        self.stop(tollgate, without)

    def accounts(self):
        """Connected accounts: one whose access was revoked is named, the others are fetched."""
        now = int(time.time())
        first = [samples.event(f"evt_own_{number}", "customer.created", samples.customer(f"cus_own{number}", now), now - 200)
                 for number in range(5)]
        second = [samples.event(f"evt_far_{number}", "payment_intent.succeeded", samples.payment_intent(
            f"far{number}", "cus_far", now - 200, credits=10), now - 200, account="acct_far") for number in range(7)]
        stripe = self.stand_in("connect", {"events": first, "accounts": {
            "acct_far": {"events": second}, "acct_gone": {"revoked": True, "events": []}}})
        tollgate = self.asking(stripe, "connected", like=None, STRIPE_ACCOUNTS="acct_far,acct_gone")
        code, output, errors = tollgate.run("stripe", "backfill", "--since", "1h")
        self.expect("exit 1, and the revoked one is named", code == 1 and "acct_gone" in output + errors, code, output, errors)
        self.expect("the others are not", "acct_far" not in errors, errors)
        tollgate.wait_until_read()
        self.equal("the others' events are there", len(tollgate.events()), 12)
        seen = tollgate.administer("GET", "/events/evt_far_1")
        self.equal("with their account", (seen.get("account"), seen.get("status"), seen.get("source")),
                   ("acct_far", "processed", "backfill"))
        self.equal("and they count", tollgate.access("cus_far")["credits"], 70)
        # The same events by webhook: duplicates.
        results = stripe.post(tollgate.webhooks(), SECRET, [event["id"] for event in second], account="acct_far")
        outcomes = {json.loads(result["body"])["outcome"] for result in results}
        self.equal("a webhook after it is a duplicate", outcomes, {"duplicate"})
        self.equal("credits stay", tollgate.access("cus_far")["credits"], 70)
        self.stop(tollgate, stripe)

    def away(self):
        """Stripe is away for a minute: exit 1, and the next call goes on from there."""
        stripe, lost, answers = self.make_gap()
        tollgate = self.asking(stripe, "away")
        stripe.forget_requests()
        # After two pages.
        stripe.fault(path="/v1/events", status=503, after=2)
        start = time.monotonic()
        code, output, errors = tollgate.run("stripe", "backfill", "--since", "1h", "--json", seconds=150)
        self.expect("exit 1 after a minute", code == 1 and 45 < time.monotonic() - start < 120, code, errors,
                    time.monotonic() - start)
        self.expect("what came is there", EVENTS - LOST < len(tollgate.events()) < EVENTS, len(tollgate.events()))
        stripe.without_faults()
        stripe.forget_requests()
        code, output, errors = tollgate.run("stripe", "backfill", "--since", "1h", "--json")
        self.expect("the next ends well", code == 0, code, errors)
        listed = as_json(output).get("listed", 0)
        self.expect("and went on from there", 0 < listed < EVENTS, listed)
        self.expect_whole("after Stripe was away", tollgate, lost, answers)
        self.stop(tollgate)
