# SPDX-License-Identifier: Apache-2.0
"""The checks of TOLLGATE_BILL=usage, for scripts/litellm/trial.py: LiteLLM reports what calls have used, and Tollgate charges
it by rates of its own, which are others than LiteLLM's. What a customer has left is compared to the last credit with what the
provider has counted."""

import concurrent.futures
import datetime
import math
import signal
from fractions import Fraction

from programs import wait

CLAUDE, GPT, EMBEDDING = "sonnet", "gpt-4o-mini", "text-embedding-3-small"
# The name that clients use is not the provider's.
MODELS = f"""  - model_name: {CLAUDE}
    litellm_params:
      model: anthropic/claude-sonnet-4-5
      api_key: os.environ/ANTHROPIC_API_KEY
"""
# Of litellm_settings, with which config.yaml ends: LiteLLM answers the same call again by itself.
CACHE = "  cache: true\n  cache_params: {type: local}\n"

# Dollars for a million tokens are credits for one token here; for a thousand searches, a thousand credits for one.
SINCE = "2026-01-01T00:00:00Z"
RATES = {
    CLAUDE: {"provider": "anthropic", "model": "claude-sonnet-4-5", "effective_at": SINCE, "input": "3.1", "output": "15.3",
             "cache_write_5m": "3.7", "cache_write_1h": "6.3", "cache_read": "0.31", "web_search": "10", "geo": {"us": "1.1"}},
    GPT: {"provider": "openai", "model": GPT, "effective_at": SINCE, "input": "1.3", "output": "4.1", "cache_read": "0.7"},
    EMBEDDING: {"provider": "openai", "model": EMBEDDING, "effective_at": SINCE, "input": "0.7", "output": "1"},
}
POOLS = {"input": ("input", 100), "output": ("output", 50), "read": ("cache_read", 0), "write_5m": ("cache_write_5m", 0),
         "write_1h": ("cache_write_1h", 0)}
ROUTES = ["chat/completions", "messages", "responses"]
CACHED = {CLAUDE: {"input": 101, "read": 1003, "write_5m": 17, "write_1h": 211, "searches": 2},
          GPT: {"input": 101, "read": 1003}}


def cost(model, plan, output=None):
    """→ credits, exact, of what the provider counts of a call"""
    rate = RATES[model]
    used = {pool: plan.get(name, least) for name, (pool, least) in POOLS.items()}
    if output is not None:
        used["output"] = output
    tokens = sum(Fraction(rate[pool]) * quantity for pool, quantity in used.items() if quantity)
    geo = plan.get("usage", {}).get("inference_geo")
    searches = Fraction(rate.get("web_search", 0)) * 1000 * plan.get("searches", 0)
    return tokens * Fraction(rate["geo"][geo] if geo else 1) + searches


class UsageTrial:
    def __init__(self, trial):
        self.trial, self.proxy = trial, trial.usage
        self.approved = False

    def checks(self):
        return [self.usage_routes, self.usage_ends, self.usage_tricks, self.usage_quarantine, self.usage_repeats,
                self.usage_outages]

    # Tollgate.

    def approve(self, *models):
        draft = self.trial.tollgate.administer("POST", "/rates/drafts", {"rates": [RATES[model] for model in models]})
        self.trial.tollgate.administer("POST", f"/rates/drafts/{draft['id']}/approve")

    def approve_once(self):
        if not self.approved:
            self.approve(CLAUDE, GPT)
            self.approved = True

    def waiting(self, customer):
        """What is quarantined of the customer's calls: each was made with a key, which alone was reported."""
        keys = {key["id"] for key in self.trial.tollgate.administer("GET", f"/customers/{customer}/keys")["data"]}
        found = self.trial.tollgate.administer("GET", "/usage?status=quarantined&limit=100")["data"]
        return [record for record in found if record["report"]["key"] in keys]

    # LiteLLM.

    def call(self, key, plan=None, route="chat/completions", model=GPT, **fields):
        if route != "embeddings":
            fields["model"] = model
        return self.trial.call(key, plan, route, self.proxy, **fields)

    def expect_charge(self, what, customer, credits, seconds=10):
        """Of 1,000,000: whole credits are taken, and the rest is carried to the next call."""
        self.trial.expect_balance(what, customer, 1_000_000 - math.floor(credits), seconds)

    # What follows: one check each.

    def usage_routes(self):
        """Cached and uncached, streamed and not, all of a customer's calls summed: no fraction is lost."""
        self.approve_once()
        for model in [CLAUDE, GPT]:
            for route in ROUTES + (["completions"] if model == GPT else []):
                for plan in [{"input": 101}, CACHED[model]]:
                    customer, key = self.trial.customer(1_000_000)
                    for count, stream in enumerate([False, True], 1):
                        answer, calls = self.call(key, plan, route, model, **({"stream": True} if stream else {}))
                        what = f"{model}, {route}, {plan}, {'streamed' if stream else 'whole'}"
                        self.trial.expect(f"{what}: passes", answer.status == 200 and len(calls) == 1, answer, calls)
                        self.expect_charge(what, customer, cost(model, plan) * count)
                    holds = [hold["status"] for hold in self.trial.holds(customer)]
                    self.trial.expect(f"{what}: the holds are settled", holds == ["settled"] * 2, holds)
        customer, key = self.trial.customer(1_000_000)
        for route in ["chat/completions", "messages"]:
            plan = {"usage": {"inference_geo": "us"}, "write_1h": 100}
            self.trial.expect(f"in the US, {route}", self.call(key, plan, route, CLAUDE)[0].status == 200)
        self.expect_charge("dearer in the US", customer, 2 * cost(CLAUDE, plan))

    def usage_ends(self):
        """Calls that end otherwise."""
        self.approve_once()
        for model, route in [(GPT, "chat/completions"), (CLAUDE, "chat/completions"), (CLAUDE, "messages")]:
            customer, key = self.trial.customer(1_000_000)
            answer, calls = self.call(key, {"status": 400}, route, model)
            self.trial.expect(f"{model}, {route}, failed: it says so", answer.status == 400 and calls, answer)
            self.expect_charge(f"{model}, {route}, failed", customer, 0)
            holds = [hold["status"] for hold in self.trial.holds(customer)]
            self.trial.expect(f"{model}, {route}, failed: released", holds == ["released"], holds)
        customer, key = self.trial.customer(1_000_000)
        answer, calls = self.call(key, {"status": 500, "times": 1}, model=CLAUDE)
        self.trial.expect("the second try succeeds", answer.status == 200 and len(calls) == 2, answer, calls)
        self.expect_charge("the second try", customer, cost(CLAUDE, {}))
        # Anthropic tells the prompt at the beginning; the answer is what LiteLLM counts of it.
        plan = {**CACHED[CLAUDE], "searches": 0, "chunks": 40, "pause": 0.1}
        for what in ["left", "broken"]:
            customer, key = self.trial.customer(1_000_000)
            if what == "left":
                self.trial.leave(key, plan, 3, proxy=self.proxy, model=CLAUDE)
            else:
                self.call(key, {**plan, "hang_up": 5}, model=CLAUDE, stream=True)
            wait(f"the end of a {what} stream", lambda: not self.trial.holds(customer, "open"), 30)
            possible = [math.floor(cost(CLAUDE, plan, output)) for output in range(1, 16)]
            taken = 1_000_000 - self.trial.balance(customer)["credits"]
            self.trial.expect(f"a {what} stream costs its prompt and what came", taken in possible, taken, possible)
            self.trial.expect(f"a {what} stream: nothing waits", not self.waiting(customer), self.waiting(customer))

        for route in ["chat/completions", "messages"]:
            customer, key = self.trial.customer(1_000_000)
            plan = {"call": f"cached-{route}", "input": 101}
            for _ in range(2):
                answer, calls = self.call(key, plan, route, CLAUDE)
                self.trial.expect(f"{route}, twice: it passes", answer.status == 200, answer)
                self.expect_charge(f"{route}, twice: as often as the provider was asked", customer,
                                   cost(CLAUDE, plan) * len(calls))
        self.trial.expect("LiteLLM had one of its own", len(self.trial.backend.calls("cached-chat/completions")) == 1)

    def usage_tricks(self):
        """What a client could send to be charged as for another call, or for none."""
        self.approve_once()
        free = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        for route in ["chat/completions", "completions"]:
            for fields in [
                {"metadata": {"usage_object": free}}, {"usage": free}, {"combined_usage_object": free},
                {"base_model": EMBEDDING}, {"custom_llm_provider": "free"}, {"model_info": {"base_model": EMBEDDING}},
                {"mock_response": "free"},
                {"standard_logging_object": {"model": EMBEDDING, "metadata": {"usage_object": free}}}, {"cache_hit": True},
                {"litellm_metadata": {"usage_object": free}}, {"litellm_session_id": "x" * 300}, {"session_id": 5},
            ]:
                customer, key = self.trial.customer(1_000_000)
                answer, calls = self.call(key, None, route, **fields)
                self.trial.expect(f"{fields}: passes, or is refused", len(calls) == (answer.status < 400), answer, calls)
                self.expect_charge(f"{route}, {fields}", customer, cost(GPT, {}) * len(calls))

    def usage_quarantine(self):
        """What cannot be priced waits, with its hold; an operator mends it, and it is charged to the last credit."""
        self.approve_once()
        customer, key = self.trial.customer(1_000_000)
        before = datetime.datetime.now(datetime.timezone.utc)
        answer, calls = self.call(key, {"input": 1003, "seconds": 3}, "embeddings", litellm_session_id="a session")
        self.trial.expect("no rate: the client notices nothing", answer.status == 200 and len(calls) == 1, answer)
        wait("the record in quarantine", lambda: self.waiting(customer))
        record, hold = self.waiting(customer)[0], self.trial.holds(customer)[0]
        report = record["report"]
        self.trial.expect("no rate", record["reason"] == "no_rate", record)
        self.trial.expect("no rate: what was reported", [report[name] for name in (
            "id", "hold", "provider", "model", "status", "customer", "request")] == [
            hold["hold"], hold["hold"], "openai", EMBEDDING, "ok", None, {"session": "a session"}], record)
        at = datetime.datetime.fromisoformat(report["at"])
        self.trial.expect("no rate: when the call began", before <= at < before + datetime.timedelta(seconds=3), before, at)
        self.trial.expect("no rate: the hold stays", hold["status"] == "open", hold)
        self.trial.expect("no rate: nothing is charged", self.trial.balance(customer)["credits"] == 1_000_000,
                          self.trial.balance(customer))
        wait("the line in the log", lambda: "quarantined: " in self.proxy.log())
        self.trial.expect("the prompt is not in the log", '"input": 1003' not in self.proxy.log())
        self.approve(EMBEDDING)
        outcome = wait("the replay", lambda: self.replayed(record["id"]))
        self.trial.expect("replayed", outcome["outcome"] == "recorded", outcome)
        self.expect_charge("replayed", customer, cost(EMBEDDING, {"input": 1003, "output": 0}))
        # Numbers that contradict each other, told as such by Anthropic.
        for route, stream in [("messages", False), ("messages", True), ("chat/completions", False)]:
            customer, key = self.trial.customer(1_000_000)
            plan = {"write_5m": 10, "write_1h": 20, "usage": {"cache_creation_input_tokens": 1000}}
            self.call(key, plan, route, CLAUDE, **({"stream": True} if stream else {}))
            wait("the record in quarantine", lambda: self.waiting(customer))
            record = self.waiting(customer)[0]
            self.trial.expect(f"{route}, contradictory numbers", record["reason"] == "invalid_usage", record)
            self.trial.expect(f"{route}, contradictory numbers: nothing is charged",
                              self.trial.balance(customer)["credits"] == 1_000_000, self.trial.balance(customer))
        customer, key = self.trial.customer(1_000_000)
        self.call(key, {"input": -500, "read": 800})
        wait("the record in quarantine", lambda: self.waiting(customer))
        self.trial.expect("more in the cache than in the prompt", self.waiting(customer)[0]["reason"] == "invalid_usage",
                          self.waiting(customer))

    def replayed(self, id):
        # A rate is known to the book within a second.
        outcome = self.trial.tollgate.administer("POST", f"/usage/{id}/replay")
        return outcome if outcome["outcome"] != "quarantined" else None

    def usage_repeats(self):
        """Tollgate's answers are lost, with and without the report: it is charged once."""
        self.approve_once()
        for arrives in [True, False]:
            customer, key = self.trial.customer(1_000_000)
            reports = self.reports()
            self.trial.network.lose("POST /v1/usage", 4, arrives)
            answer, calls = self.call(key, CACHED[CLAUDE], "messages", CLAUDE)
            self.trial.expect("answers to a report are lost: it passes", answer.status == 200, answer)
            self.expect_charge("answers to a report are lost: one charge", customer, cost(CLAUDE, CACHED[CLAUDE]), 30)
            if arrives:
                wait("the repeated report", lambda: self.reports() >= reports + 5, 30)
            self.expect_charge("reported again: it stays so", customer, cost(CLAUDE, CACHED[CLAUDE]))
            self.trial.network.lose_nothing()

    def reports(self):
        return self.trial.network.passed.count("POST /v1/usage")

    def usage_outages(self):
        """Tollgate answers 503 for a while, and is killed while a call is under way."""
        self.approve_once()
        customer, key = self.trial.customer(1_000_000)
        self.trial.network.refuse("POST /v1/usage", 5)
        self.trial.expect("503: it passes", self.call(key, CACHED[GPT])[0].status == 200)
        self.expect_charge("503: reported when it is over", customer, cost(GPT, CACHED[GPT]), 30)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            call = pool.submit(self.call, key, {"seconds": 3})
            wait("a hold", lambda: self.trial.holds(customer, "open"))
            self.trial.tollgate.end(signal.SIGKILL)
            try:
                self.trial.expect("killed: the call passes", call.result()[0].status == 200, call.result())
            finally:
                self.trial.tollgate.start()
        self.expect_charge("killed: reported when it is back", customer, cost(GPT, CACHED[GPT]) + cost(GPT, {}), 60)


# What becomes of LiteLLM's numbers, of the file alone.
FORMS = """
from decimal import Decimal
from tollgate_litellm import Hold, Price, call_of, outcome_of, session_of, usage_report

def report(provider="openai", **usage):
    return usage_report({"completion_tokens": 5, **usage}, provider)
details = {"cached_tokens": 30, "cache_write_tokens": 18}
lifetimes = {"ephemeral_5m_input_tokens": 7, "ephemeral_1h_input_tokens": 11}
whole = {"input_tokens": 52, "output_tokens": 5, "cache_read_input_tokens": 30, "cache_creation_input_tokens": 18}
assert report("anthropic", prompt_tokens=100, prompt_tokens_details=details) == ("anthropic", whole)
split = {**details, "cache_creation_token_details": lifetimes}
for provider in ["anthropic", "bedrock"]:
    assert report(provider, prompt_tokens=100, prompt_tokens_details=split) == ("anthropic", {
        **whole, "cache_creation": lifetimes})
assert report("anthropic", prompt_tokens=40, prompt_tokens_details=details)[1]["input_tokens"] == -8
assert report("anthropic", prompt_tokens=5, speed="fast", inference_geo="us", service_tier=None, cost=1,
              server_tool_use={"web_search_requests": 2, "tool_search_requests": None}) == ("anthropic", {
    "input_tokens": 5, "output_tokens": 5, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0,
    "server_tool_use": {"web_search_requests": 2}, "speed": "fast", "inference_geo": "us"})
assert report(prompt_tokens=9, total_tokens=15, prompt_tokens_details={"cached_tokens": 3, "text_tokens": 6},
              cache_read_input_tokens=3) == ("openai", {
    "prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 15, "prompt_tokens_details": {"cached_tokens": 3}})
assert report("gemini", prompt_tokens=9, prompt_tokens_details={"cached_tokens": 3, "web_search_requests": 2}) == ("tokens", {
    "input": 6, "output": 5, "cache_read": 3, "cache_write_5m": 0, "web_search": 2})
assert [usage_report(usage, "openai") for usage in [None, {}, {"prompt_tokens": 3}, "x"]] == [("openai", None)] * 4

logged = {"custom_llm_provider": "openai", "model": "openai/gpt", "metadata": {"usage_object": {
    "prompt_tokens": 3, "completion_tokens": 4}}}
assert call_of(logged, None, "ok") == {"provider": "openai", "model": "gpt", "dialect": "openai", "status": "ok", "usage": {
    "prompt_tokens": 3, "completion_tokens": 4}}
assert call_of(None, None, "ok") == {"provider": "unknown", "model": "unknown", "dialect": "openai", "status": "ok"}
assert [session_of(data) for data in [{"litellm_session_id": "a"}, {"metadata": {"session_id": "b"}}, {}, {
    "litellm_session_id": "x" * 256}, {"litellm_session_id": 5, "metadata": []}]] == ["a", "b", None, None, None]

found = {"outcome": "recorded"}
assert [outcome_of(answer) for answer in [{"data": [found]}, {}, {"data": []}, {"data": [{}]}, {"data": [found, found]}]] == [
    found, None, None, None, None]

def hold():
    return Hold("h", "cus_1", "key_1", 10, Price(Decimal(1), Decimal(1)), 0, "2026-11-29T00:00:00+00:00", "s")
def answered(**outcome):
    first = hold()
    first.used("a", {"status": "ok"})
    return first.answered(first.pending[0], 200, "no code", {"data": [outcome]})
twice = hold()
for name in ["a", "a", "b"]: twice.used(name, {"status": "ok"})
records = [step[2]["records"][0] for step in twice.pending]
same = {"at": "2026-11-29T00:00:00+00:00", "status": "ok", "key": "key_1", "request": {"session": "s"}}
assert records == [{"id": "h", **same, "hold": "h"}, {"id": "h-2", **same}]
assert twice.state == "settled"
assert [answered(outcome=word, error="why") for word in ["recorded", "duplicate", "quarantined", "conflict", "invalid"]] == [
    None, None, "quarantined: 'why'", "conflict: 'why'", "invalid: 'why'"]
"""
