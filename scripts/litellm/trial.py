# SPDX-License-Identifier: Apache-2.0
"""Tries docker/litellm with the real LiteLLM proxy in front of a real Tollgate: trial.py PROGRAM FOLDER [CHECK…]

The provider is scripts/litellm/provider.py, and between LiteLLM and Tollgate is scripts/litellm/relay.py; both are servers as
in scripts/litellm/loopback.py. The prices are those of LiteLLM's map for gpt-4o-mini: at a credit of a millionth dollar, 0.15
credits for a token of the prompt and 0.6 for one of the answer. With TOLLGATE_BILL=usage they are those of
scripts/litellm/usage_trial.py."""

import concurrent.futures
import http.client
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback
import urllib.request

import programs
import provider
import relay
import usage_trial
from programs import wait

FILES = pathlib.Path("docker/litellm")
MODEL = "gpt-4o-mini"
ROUTES = ["chat/completions", "completions", "messages", "responses", "embeddings"]
STREAMED = ROUTES[:-1]
PROVIDER_KEY = "sk-key-of-the-trial-at-the-provider"
MASTER_KEY = "sk-0f3b8a6e5d2c4917a8b6c5d4e3f2a1908f7e6d5c4b3a29180f3b8a6e5d2c4917"


class Proxy:
    """LiteLLM with exactly the files of docker/litellm; of its settings only addresses and what a credit is worth."""

    def __init__(self, name, folder, tollgate, provider_address, settings=(), callbacks=None, models="", last=""):
        self.folder = folder / name
        self.folder.mkdir()
        for file in ["config.yaml", "tollgate_litellm.py"]:
            shutil.copy(FILES / file, self.folder)
        if callbacks:
            shutil.copy("scripts/litellm/twice.py", self.folder)
            text = (self.folder / "config.yaml").read_text()
            assert "callbacks: tollgate_litellm.gate\n" in text
            text = text.replace("callbacks: tollgate_litellm.gate", f"callbacks: {callbacks}")
            # Any other model will do as the one that a call falls back to.
            text += f"\nrouter_settings:\n  fallbacks: [{{{MODEL}: [text-embedding-3-small]}}]\n"
            (self.folder / "config.yaml").write_text(text)
        if models:
            text = (self.folder / "config.yaml").read_text()
            assert text.count("model_list:\n") == 1
            (self.folder / "config.yaml").write_text(text.replace("model_list:\n", f"model_list:\n{models}") + last)
        self.address = programs.free_address()
        host, port = self.address.split(":")
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1",
            # Prices as installed, and no look at the network.
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_MASTER_KEY": MASTER_KEY, "OPENAI_API_KEY": PROVIDER_KEY,
            "OPENAI_BASE_URL": f"http://{provider_address}/v1",
            "ANTHROPIC_API_KEY": PROVIDER_KEY, "ANTHROPIC_API_BASE": f"http://{provider_address}",
            "TOLLGATE_URL": f"http://{tollgate}", "TOLLGATE_GATEWAY_TOKEN": programs.GATEWAY_TOKEN,
            "TOLLGATE_CREDIT_VALUE": "0.000001", **dict(settings),
        }
        self.running = programs.Program(
            "litellm", [f"{sys.prefix}/bin/litellm", "--config", "config.yaml", "--host", host, "--port", port,
                        "--telemetry", "False"], self.folder, self.environment)

    def wait(self):
        end = time.monotonic() + 270
        while not programs.listens(self.address) and time.monotonic() < end:
            if self.running.process.poll() is not None:
                break
            time.sleep(0.1)
        self.running.wait_until(lambda: programs.listens(self.address))

    def log(self):
        return self.running.log.read_text(errors="replace")

    def end(self):
        self.running.end()


class Answer:
    def __init__(self, response, text):
        self.status, self.headers, self.text = response.status, response.headers, text

    def __repr__(self):
        return f"{self.status} {self.text[:500]!r}"

    def code(self):
        try:
            return json.loads(self.text)["error"]["type"]
        except (ValueError, KeyError, TypeError):
            return None


class Trial:
    def __init__(self, tollgate, network, backend, proxy, other, usage):
        self.tollgate, self.network, self.backend, self.proxy, self.other = tollgate, network, backend, proxy, other
        self.usage = usage
        self.failures, self.checks = [], 0
        self.numbers = itertools.count(1)

    def expect(self, what, holds, *seen):
        self.checks += 1
        if not holds:
            text = f"{what}: {' '.join(repr(value)[:600] for value in seen)}"
            print("✘ " + text, flush=True)
            self.failures.append(text)

    # Tollgate.

    def customer(self, credits=0):
        """→ a new customer's id and key"""
        name = f"cus_{next(self.numbers)}"
        if credits:
            self.tollgate.grant(name, credits)
        else:
            self.tollgate.override(name, True)
        return name, self.tollgate.make_key(name, name)["key"]

    def read(self, path):
        request = urllib.request.Request(f"http://{self.tollgate.address}/v1{path}",
                                         headers={"Authorization": f"Bearer {programs.GATEWAY_TOKEN}"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def balance(self, customer):
        return self.read(f"/customers/{customer}/balance")

    def holds(self, customer, status=None):
        return self.read(f"/customers/{customer}/holds" + (f"?status={status}" if status else ""))["data"]

    def expect_balance(self, what, customer, credits, seconds=10):
        """In the end, with nothing held; and it stays so for a moment, as what comes twice would come then."""
        seen = []

        def is_so():
            seen[:] = [self.balance(customer)]
            return seen[0]["credits"] == credits and seen[0]["held"] == 0
        try:
            wait(what, is_so, seconds)
            holds = True
        except RuntimeError:
            holds = False
        self.expect(f"{what}: {credits} credits are left, none held", holds, *seen, self.holds(customer))

    # LiteLLM.

    def request(self, key, plan, route="chat/completions", **fields):
        """→ headers and body"""
        prompt = json.dumps(plan)
        body = {"model": MODEL, **fields}
        if route == "chat/completions" or route == "messages":
            body["messages"] = [{"role": "user", "content": prompt}]
        else:
            body["prompt" if route == "completions" else "input"] = prompt
        limit = {"responses": "max_output_tokens"}.get(route, "max_tokens")
        if route == "embeddings":
            body["model"] = "text-embedding-3-small"
        else:
            body.setdefault(limit, 50)
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        return headers, body

    def send(self, method, path, headers, body=None, proxy=None, seconds=60):
        connection = http.client.HTTPConnection((proxy or self.proxy).address, timeout=seconds)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            try:
                text = response.read()
            except http.client.IncompleteRead as error:
                text = error.partial
            return Answer(response, text.decode(errors="replace"))
        finally:
            connection.close()

    def call(self, key, plan=None, route="chat/completions", proxy=None, headers=(), **fields):
        """→ the answer and what the provider was sent"""
        plan = {"call": f"call-{next(self.numbers)}", **(plan or {})}
        sent, body = self.request(key, plan, route, **fields)
        answer = self.send("POST", f"/v1/{route}", {**sent, **dict(headers)}, body, proxy)
        return answer, self.backend.calls(plan["call"])

    def leave(self, key, plan, after, stream=True, proxy=None, **fields):
        """Sends a call, and hangs up when `after` is true of what has come."""
        plan = {"call": f"call-{next(self.numbers)}", **plan}
        headers, body = self.request(key, plan, stream=stream, **fields)
        connection = http.client.HTTPConnection((proxy or self.proxy).address, timeout=30)
        connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
        wait("the provider's turn", lambda: self.backend.calls(plan["call"]))
        if after:
            response = connection.getresponse()
            text = b""
            while text.count(b"word") < after:
                text += response.read1(1)
        connection.sock.close() if connection.sock else response.close()
        connection.close()

    def expect_refusal(self, what, status, code, answer, calls):
        self.expect(f"{what}: {status} {code}", answer.status == status and answer.code() == code, answer)
        self.expect(f"{what}: the provider hears nothing", not calls, calls)

    # What follows: one check each.

    def identity(self):
        """A key that may, in both headers; keys that may not."""
        customer, key = self.customer(1000)
        _, other = self.customer(1000)
        answer, calls = self.call(key)
        self.expect("a good key passes", answer.status == 200 and len(calls) == 1, answer, calls)
        self.expect("the client's key stays here", key not in json.dumps(calls), calls)
        answer, calls = self.call(None, headers={"X-Api-Key": key})
        self.expect("a good key in X-Api-Key passes", answer.status == 200 and len(calls) == 1, answer)
        self.expect("the client's key in X-Api-Key stays here", key not in json.dumps(calls), calls)
        self.expect_balance("two calls", customer, 1000 - 2 * 45)
        for what, headers in {
            "an unknown key": {"Authorization": "Bearer tg_test_" + "0" * 38}, "no key": {},
            "LiteLLM's master key": {"Authorization": f"Bearer {MASTER_KEY}"},
            "the gateway's own token as a key": {"Authorization": f"Bearer {programs.GATEWAY_TOKEN}"},
            "two different keys": {"Authorization": f"Bearer {key}", "X-Api-Key": other},
            "a key under another name": {"Api-Key": key}, "a key as LiteLLM's own": {"X-Litellm-Api-Key": key},
            "the gateway's token of a client": {"Authorization": "Bearer x", "Tollgate-Gateway-Token": programs.GATEWAY_TOKEN},
        }.items():
            answer, calls = self.call(None, headers=headers)
            self.expect_refusal(what, 401, "invalid_key", answer, calls)
            self.expect(f"{what}: WWW-Authenticate", answer.headers.get("WWW-Authenticate") == "Bearer", answer.headers.items())
        self.tollgate.override(customer, False)
        answer, calls = wait_for(lambda: self.call(key), lambda seen: seen[0].status == 403)
        self.expect_refusal("a blocked customer", 403, "override_deny", answer, calls)

    def routes(self):
        """Only what is metered is open."""
        _, key = self.customer(1000)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        answer = self.send("GET", "/v1/models", headers)
        self.expect("the list of models", answer.status == 200 and MODEL in answer.text, answer)
        self.expect("the list of models without a key", self.send("GET", "/v1/models", {}).status == 401)
        for line in ["GET /model/info", "GET /v1/model/info", "POST /key/generate", "POST /model/new", "GET /user/info",
                     "GET /get/config/callbacks", "GET /config/yaml", "GET /global/spend", "POST /v1/images/generations",
                     "POST /v1/moderations", "POST /openai/v1/chat/completions", "GET /v1/responses/resp_1", "POST /v1/batches",
                     f"POST /openai/deployments/{MODEL}/chat/completions", "POST /v1/audio/speech", "GET /v1/files",
                     "GET /v1/chat/completions", "POST /v1/messages/count_tokens", "POST /v1/responses/compact"]:
            method, path = line.split()
            answer = self.send(method, path, headers, {"model": MODEL, "input": "{}"} if method == "POST" else None)
            self.expect(f"{line} is closed", answer.status in (403, 404, 405) and PROVIDER_KEY not in answer.text, answer)

    def settlements(self):
        """Each route, with a stream and without: what is debited is what LiteLLM says it has cost, rounded up once."""
        for route, stream in [(route, False) for route in ROUTES] + [(route, True) for route in STREAMED]:
            customer, key = self.customer(1000)
            answer, calls = self.call(key, {"input": 101}, route, **({"stream": True} if stream else {}))
            what = f"{route}{', streamed' if stream else ''}"
            self.expect(f"{what} passes", answer.status == 200 and len(calls) == 1, answer, calls)
            if stream:
                self.expect(f"{what} streams", answer.text.count("word ") >= 3, answer.text)
            # 101 tokens at 0.15 and 50 at 0.6; the embedding's cost 0.02.
            self.expect_balance(what, customer, 1000 - (3 if route == "embeddings" else 46))
            self.expect(f"{what}: one hold", len(holds := self.holds(customer)) == 1, holds)
            text = json.dumps(calls) + answer.text + str(answer.headers.items())
            self.expect(f"{what}: the hold's id leaves for nowhere", not any(hold["hold"] in text for hold in holds), text)

    def holding(self):
        """While the provider thinks, the most that the call can cost is held, and for how long."""
        customer, key = self.customer(1000)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            call = pool.submit(self.call, key, {"seconds": 2})
            wait("a hold", lambda: self.holds(customer, "open"))
            balance = self.balance(customer)
            self.expect("held: 30 for 50 tokens, and the prompt's", 31 <= balance["held"] <= 45, balance)
            self.expect("held, not spent", balance["credits"] == 1000, balance)
            self.expect("the call passes", call.result()[0].status == 200, call.result())
        self.expect_balance("then settled", customer, 955)
        # More than was held: in full, below zero if need be, and then no more.
        customer, key = self.customer(40)
        self.expect("a call that will cost more", self.call(key, {"output": 500})[0].status == 200)
        self.expect_balance("dearer than held", customer, 40 - 15 - 300)
        answer, calls = wait_for(lambda: self.call(key), lambda seen: seen[0].status != 200)
        self.expect("a debtor has to pay first", answer.status in (402, 403) and not calls, answer)

    def shortage(self):
        customer, key = self.customer(10)
        answer, calls = self.call(key)
        self.expect_refusal("too few credits", 402, "insufficient_credits", answer, calls)
        self.expect("it says how many there are", "10 are available" in answer.text, answer)
        self.expect_balance("nothing is spent", customer, 10)
        # 4.5 of the prompt and 0.6 for each token: 300 are enough for the least, 256 tokens, and not for all.
        for fields, name in [({"max_tokens": 1000}, "max_tokens"), ({}, "max_tokens"),
                             ({"max_completion_tokens": 1000}, "max_completion_tokens")]:
            _, key = self.customer(300)
            plan = {"call": f"call-{next(self.numbers)}"}
            headers, body = self.request(key, plan)
            del body["max_tokens"]
            answer = self.send("POST", "/v1/chat/completions", headers, {**body, **fields})
            calls = self.backend.calls(plan["call"])
            limit = calls[0][2].get(name) if calls else None
            self.expect(f"a part is granted, {fields}: the limit is lower",
                        answer.status == 200 and limit and 470 <= limit < 500, answer, calls)
        for route, name in [("messages", "max_tokens"), ("responses", "max_output_tokens"), ("completions", "max_tokens")]:
            _, key = self.customer(300)
            answer, calls = self.call(key, None, route, **{name: 1000})
            text = json.dumps(calls)
            limits = [int(found) for found in re.findall(r'"max_[a-z_]*tokens": (\d+)', text)]
            self.expect(f"a part is granted, {route}: the limit is lower",
                        limits and all(470 <= found < 500 for found in limits), answer, calls)

    def tricks(self):
        """What a client could send to pay less."""
        _, key = self.customer(10_000)
        for fields in [{"no-log": True}, {"fallbacks": ["text-embedding-3-small"]}, {"extra_body": {"max_tokens": 9}},
                       {"model": f"{MODEL},{MODEL}"}, {"n": 0}, {"n": 10**6}, {"max_tokens": -1}, {"max_tokens": "5"},
                       {"max_tokens": 0}]:
            answer, calls = self.call(key, **fields)
            self.expect_refusal(f"{fields}", 400, "invalid_request", answer, calls)
        answer, calls = self.call(key, model="no-such-model")
        self.expect_refusal("an unknown model", 400, "unknown_model", answer, calls)
        answer, calls = self.call(key, route="responses", background=True)
        self.expect_refusal("background", 400, "invalid_request", answer, calls)
        for fields, headers in [
            ({"input_cost_per_token": 0, "output_cost_per_token": 0}, {}), ({"model_info": {"input_cost_per_token": 0}}, {}),
            ({"metadata": {"model_info": {"input_cost_per_token": 0}}}, {}), ({"mock_response": "free"}, {}),
            ({"base_model": "free"}, {}), ({"litellm_disabled_callbacks": ["gate"]}, {}), ({"no-log": "true"}, {}),
            ({}, {"X-Litellm-Disable-Callbacks": "gate,tollgate,custom"}), ({"cache": {"no-store": False}}, {}),
            ({"stream": True, "stream_options": {"include_usage": False}}, {}), ({"response_cost": 0}, {}),
            ({"turn_off_message_logging": True}, {}), ({"litellm_metadata": {"no-log": True}}, {}),
        ]:
            customer, key = self.customer(1000)
            answer, calls = self.call(key, headers=headers, **fields)
            what = f"{fields} {headers}"
            if answer.status >= 400:
                self.expect(f"{what} is refused", not calls, answer, calls)
                self.expect_balance(what, customer, 1000)
                continue
            # Without the provider's count LiteLLM counts for itself, and the few words here are fewer than the 50 said.
            if fields.get("stream_options"):
                wait("the settlement", lambda: self.balance(customer)["held"] == 0)
                self.expect(f"{what} costs", self.balance(customer)["credits"] < 1000, self.balance(customer))
            else:
                self.expect_balance(what, customer, 955)
        # Neither the call's id nor its metadata names the hold.
        customer, key = self.customer(1000)
        stranger, strange_key = self.customer(1000)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            slow = pool.submit(self.call, strange_key, {"seconds": 5})
            wait("a stranger's hold", lambda: self.holds(stranger, "open"))
            id = self.holds(stranger, "open")[0]["hold"]
            for _ in range(2):
                headers = {"X-Litellm-Call-Id": "the-same", "X-Litellm-Trace-Id": "the-same"}
                metadata = {"tollgate_hold": id, "tollgate_customer": stranger, "user_api_key_user_id": stranger}
                answer, calls = self.call(key, headers=headers, metadata=metadata, litellm_metadata=metadata,
                                          litellm_call_id="the-same", user=stranger)
                self.expect("a call with another's hold in its metadata", answer.status == 200, answer)
                answer, calls = self.call(key, {"status": 400}, headers=headers, metadata=metadata)
                self.expect("a failed call with another's hold", answer.status == 400 and calls, answer)
                # Refused before it has a hold of its own.
                answer, calls = self.call("tg_test_" + "0" * 38, headers=headers, metadata=metadata, response_cost=1)
                self.expect("a refused call with another's hold", answer.status == 401, answer)
                answer, calls = self.call(key, metadata=metadata, n=0)
                self.expect("an invalid call with another's hold", answer.status == 400, answer)
            self.expect("the stranger's hold is as it was", [hold["hold"] for hold in self.holds(stranger, "open")] == [id])
            self.expect("the stranger's call passes", slow.result()[0].status == 200, slow.result())
        self.expect_balance("two calls under one id", customer, 1000 - 90)
        self.expect_balance("the stranger", stranger, 955)
        self.expect("four holds under one id", len({hold["hold"] for hold in self.holds(customer)}) == 4, self.holds(customer))

    def failures_of_the_provider(self):
        for what, plan, fields in [("an error", {"status": 500}, {}), ("a refusal", {"status": 400}, {}),
                                   ("too many", {"status": 429}, {}), ("a cut connection", {"hang_up": 0}, {}),
                                   ("an error in place of a stream", {"status": 500}, {"stream": True}),
                                   ("a stream cut before its first chunk", {"hang_up": 0}, {"stream": True})]:
            customer, key = self.customer(1000)
            answer, calls = self.call(key, plan, **fields)
            self.expect(f"{what} arrives as one", answer.status >= 400 or "error" in answer.text, answer)
            self.expect_balance(what, customer, 1000)
            self.expect(f"{what}: one hold, released", [hold["status"] for hold in self.holds(customer)] == ["released"],
                        self.holds(customer))
        # A try that fails is not the end of the call.
        customer, key = self.customer(1000)
        answer, calls = self.call(key, {"status": 500, "times": 1})
        self.expect("the second try succeeds", answer.status == 200 and len(calls) == 2, answer, calls)
        self.expect_balance("the second try", customer, 955)
        # What came of a stream before it broke off is charged, as the provider charges it.
        customer, key = self.customer(1000)
        answer, calls = self.call(key, {"hang_up": 2, "pause": 0.1}, stream=True)
        wait("the end of a broken stream", lambda: not self.holds(customer, "open"))
        balance = self.balance(customer)
        self.expect("a broken stream costs what came", 955 < balance["credits"] < 1000 and balance["held"] == 0,
                    answer, balance)

    def departures(self):
        """The client goes before the answer is there."""
        customer, key = self.customer(1000)
        self.leave(key, {"seconds": 1}, 0, stream=False)
        self.expect_balance("gone from a call", customer, 955)
        customer, key = self.customer(1000)
        self.leave(key, {"chunks": 40, "pause": 0.1}, 3)
        wait("the end of a left stream", lambda: not self.holds(customer, "open"), 30)
        balance = self.balance(customer)
        self.expect("gone from a stream: charged for what came", 955 < balance["credits"] < 1000, balance)
        customer, key = self.customer(1000)
        self.leave(key, {"seconds": 2}, 0)
        wait("the end of a stream left before its first chunk", lambda: not self.holds(customer, "open"), 30)
        balance = self.balance(customer)
        self.expect("gone before the first chunk: charged for the prompt at most", 985 <= balance["credits"] <= 1000, balance)

    def repeats(self):
        """What scripts/litellm/twice.py does: every success is reported twice, and some calls are limited.

        Here a token costs half a credit, and a hold is for one second."""
        for stream in [False, True]:
            customer, key = self.customer(1000)
            before = self.other.log().count("the trial's second report")
            answer, calls = self.call(key, {"input": 101}, proxy=self.other, **({"stream": True} if stream else {}))
            self.expect("reported twice: it passes", answer.status == 200, answer)
            wait("the second report", lambda: self.other.log().count("the trial's second report") > before)
            # 151 tokens.
            self.expect_balance("reported twice: one debit", customer, 1000 - 76)
            self.expect("reported twice: it stays so", self.balance(customer)["credits"] == 924, self.balance(customer))
        for limited, status, credits, ends in [([MODEL], 200, 925, ["released", "settled"]),
                                               ([MODEL, "text-embedding-3-small"], 429, 1000, ["released", "released"])]:
            customer, key = self.customer(1000)
            answer, calls = self.call(key, {"limited": limited}, proxy=self.other)
            self.expect(f"{limited} limited: the status", answer.status == status, answer)
            self.expect_balance(f"{limited} limited", customer, credits)
            self.expect(f"{limited} limited: a hold for each model", sorted(
                hold["status"] for hold in self.holds(customer)) == ends, self.holds(customer))
        customer, key = self.customer(1000)
        answer, calls = self.call(key, {"seconds": 3}, proxy=self.other)
        self.expect("longer than its hold: it passes", answer.status == 200, answer)
        self.expect_balance("longer than its hold: charged exactly all the same", customer, 925, 20)
        failed, key = self.customer(1000)
        answer, calls = self.call(key, {"seconds": 3, "status": 400}, proxy=self.other)
        self.expect("failed after its hold's end: it says so", answer.status == 400, answer)
        self.expect_balance("failed after its hold's end: what the expiry took is given back", failed, 1000, 20)
        self.expect("longer than its hold: settled late", [hold["status"] for hold in self.holds(customer)] == ["settled"],
                    self.holds(customer))

    def crowd(self):
        """Fifty at once on credits for ten."""
        customer, key = self.customer(10_000)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            call = pool.submit(self.call, key, {"call": "crowd-0000", "seconds": 1})
            wait("a hold", lambda: self.holds(customer, "open"))
            amount = self.balance(customer)["held"]
            call.result()
        customer, key = self.customer(10 * amount)
        plan = {"call": "crowd-0001", "seconds": 5}

        def client(_):
            # On a busy machine fifty at once may have to come again.
            return wait_for(lambda: self.call(key, plan)[0], lambda answer: answer.status != 503, 30)
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(client, range(50)))
        statuses = sorted(answer.status for answer in answers)
        self.expect("ten of fifty pass, the others are 402", statuses == [200] * 10 + [402] * 40, statuses)
        calls = self.backend.calls("crowd-0001")
        self.expect("exactly ten reach the provider", len(calls) == 10, len(calls))
        self.expect_balance("ten are charged", customer, 10 * amount - 450)

    def lost_answers(self):
        """The network loses answers of Tollgate's."""
        customer, key = self.customer(1000)
        self.network.lose("/v1/authorize", 100)
        answer, calls = self.call(key)
        self.expect_refusal("no answer about the key", 503, "unavailable", answer, calls)
        self.expect("no answer about the key: Retry-After", answer.headers.get("Retry-After") == "1", answer.headers.items())
        self.network.lose_nothing()
        self.network.lose("PUT /v1/customers/", 100)
        answer, calls = self.call(key)
        self.network.lose_nothing()
        self.expect_refusal("no answer to a hold", 503, "unavailable", answer, calls)
        self.expect_balance("no answer to a hold: given back", customer, 1000)
        self.expect("no answer to a hold: one, released", [hold["status"] for hold in self.holds(customer)] == ["released"],
                    self.holds(customer))
        self.network.lose("PUT /v1/customers/", 1)
        answer, calls = self.call(key)
        self.expect("one answer to a hold is lost: it passes", answer.status == 200 and len(calls) == 1, answer)
        self.expect_balance("one answer to a hold is lost", customer, 955)
        for arrives in [True, False]:
            customer, key = self.customer(1000)
            self.network.lose("/settle", 4, arrives)
            answer, calls = self.call(key)
            self.expect("answers to a settlement are lost: it passes", answer.status == 200, answer)
            self.expect_balance("answers to a settlement are lost: one debit", customer, 955, 30)
            self.network.lose_nothing()
        customer, key = self.customer(1000)
        self.network.lose("/release", 3)
        answer, calls = self.call(key, {"status": 400})
        self.expect_balance("answers to a release are lost", customer, 1000, 30)
        self.network.lose_nothing()

    def outages(self):
        customer, key = self.customer(1000)
        self.expect("before the outage", self.call(key)[0].status == 200)
        self.tollgate.pause()
        try:
            start = time.monotonic()
            answer, calls = self.call(key)
            self.expect_refusal("Tollgate hangs", 503, "unavailable", answer, calls)
            answer = self.send("GET", "/v1/models", {"Authorization": f"Bearer {key}"})
            self.expect("Tollgate hangs: nor is there a list of models", answer.status == 503, answer)
            self.expect("Tollgate hangs: in time", time.monotonic() - start < 10, time.monotonic() - start)
        finally:
            self.tollgate.go_on()
        self.expect("Tollgate goes on", wait_for(lambda: self.call(key), lambda seen: seen[0].status == 200)[0].status == 200)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            before = len(self.holds(customer))
            call = pool.submit(self.call, key, {"seconds": 3})
            wait("a hold", lambda: len(self.holds(customer)) > before and self.holds(customer, "open"))
            self.tollgate.end(signal.SIGKILL)
            try:
                answer, calls = self.call(key)
                self.expect_refusal("Tollgate is killed", 503, "unavailable", answer, calls)
                self.expect("the call that was under way passes", call.result()[0].status == 200, call.result())
            finally:
                self.tollgate.start()
        self.expect_balance("Tollgate is back: settled", customer, 1000 - 3 * 45, 60)

    def ending(self):
        """LiteLLM is asked to end while calls are under way: it waits for them, and they are settled."""
        customer, key = self.customer(1000)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            calls = [pool.submit(self.call, key, {"seconds": 2}), pool.submit(self.call, key, {"seconds": 2}, stream=True)]
            wait("two holds", lambda: len(self.holds(customer, "open")) == 2)
            self.proxy.end()
            self.expect("both pass", [call.result()[0].status for call in calls] == [200, 200], *calls)
        self.expect_balance("LiteLLM has ended", customer, 910)

    def secrets(self):
        """What the proxies wrote has no key in it, and nothing of what was said."""
        for proxy in [self.proxy, self.other, self.usage]:
            text = proxy.log()
            self.expect("no API key in LiteLLM's log", not re.search(r"tg_test_[0-9A-Za-z]", text),
                        text[max(0, text.find("tg_test_") - 300):][:600])
            for secret in [programs.GATEWAY_TOKEN, PROVIDER_KEY]:
                self.expect("no token in LiteLLM's log", secret not in text)

    def settings(self):
        """Wrong ones end LiteLLM at once, with the reason."""
        right = {"TOLLGATE_URL": "http://127.0.0.1:9", "TOLLGATE_GATEWAY_TOKEN": programs.GATEWAY_TOKEN}
        token = self.proxy.folder / "token"
        token.write_text(programs.GATEWAY_TOKEN + "\n")
        none, file = {"TOLLGATE_GATEWAY_TOKEN": None}, "TOLLGATE_GATEWAY_TOKEN_FILE"
        for changes, expected in [
            ({}, None), ({**none, file: str(token)}, None), ({"TOLLGATE_URL": None}, "TOLLGATE_URL is not set"),
            ({"TOLLGATE_URL": "127.0.0.1:8081"}, "TOLLGATE_URL is not"), (none, f"TOLLGATE_GATEWAY_TOKEN or {file} has to"),
            ({file: str(token)}, "are both set"), ({**none, file: "/none"}, "/none cannot be read"),
            ({"TOLLGATE_GATEWAY_TOKEN": "short"}, f"TOLLGATE_GATEWAY_TOKEN or {file} has to"),
            ({"TOLLGATE_CREDIT_VALUE": "0"}, "TOLLGATE_CREDIT_VALUE is not"),
            ({"TOLLGATE_MARKUP": "NaN"}, "TOLLGATE_MARKUP is not"), ({"TOLLGATE_HOLD_TTL": "25h"}, "TOLLGATE_HOLD_TTL is not"),
            ({"TOLLGATE_ON_EXPIRY": "keep"}, "TOLLGATE_ON_EXPIRY is not"), ({"TOLLGATE_BILL": "both"}, "TOLLGATE_BILL is not"),
            ({"TOLLGATE_MAX_OUTPUT_TOKENS": "1.5"}, "TOLLGATE_MAX_OUTPUT_TOKENS is not"),
        ]:
            environment = {name: value for name, value in {**right, **changes}.items() if value is not None}
            found = run_file("", environment, self.proxy.folder)
            self.expect(f"{changes}", expected in found.stderr if expected else found.returncode == 0, found.stderr)
            self.expect(f"{changes}: the exit code", (found.returncode != 0) == (expected is not None), found.returncode)
            self.expect(f"{changes}: no secret", programs.GATEWAY_TOKEN not in found.stderr, found.stderr)
        for what, code in {"the arithmetic": ARITHMETIC, "the usage": usage_trial.FORMS}.items():
            found = run_file(code, right, self.proxy.folder)
            self.expect(what, found.returncode == 0, found.stderr)
        environment = {name: value for name, value in self.proxy.environment.items() if name != "TOLLGATE_URL"}
        found = subprocess.run([f"{sys.prefix}/bin/litellm", "--config", "config.yaml", "--port", "0"], env=environment,
                               cwd=self.proxy.folder, capture_output=True, text=True, timeout=120)
        self.expect("LiteLLM without TOLLGATE_URL ends, and says why",
                    found.returncode != 0 and "TOLLGATE_URL is not set" in found.stderr + found.stdout, found)

    def attempt(self, check):
        start = time.monotonic()
        try:
            check()
        except (OSError, RuntimeError, LookupError, http.client.HTTPException, TypeError):
            self.expect(check.__name__, False, traceback.format_exc()[-3000:])
        finally:
            self.network.lose_nothing()
        print(f"{check.__name__}: {time.monotonic() - start:.1f} s", flush=True)


# The file alone, without the seconds that LiteLLM takes: it needs some names of LiteLLM's when it is read.
ALONE = """
import sys, types
for name in ["litellm", "litellm._logging", "litellm.integrations", "litellm.integrations.custom_logger", "litellm.proxy",
             "litellm.proxy._types", "litellm.proxy.auth", "litellm.proxy.auth.auth_utils"]:
    sys.modules[name] = types.ModuleType(name)
sys.modules["litellm._logging"].verbose_proxy_logger = None
sys.modules["litellm.integrations.custom_logger"].CustomLogger = object
class Refusal(ValueError):
    def __init__(self, **fields):
        super().__init__(fields)
for name, value in {"LitellmUserRoles": object, "ProxyException": Refusal, "UserAPIKeyAuth": object}.items():
    setattr(sys.modules["litellm.proxy._types"], name, value)
sys.modules["litellm.proxy.auth.auth_utils"].get_request_route = None
import tollgate_litellm
"""

ARITHMETIC = """
import dataclasses
from decimal import Decimal
from tollgate_litellm import Estimate, Price, credits_of, decimal_of, estimate, input_tokens, whole, _settings

settings = dataclasses.replace(_settings, credit_value=Decimal("0.1"), markup=Decimal("1"))
def credits(dollars): return whole(credits_of(decimal_of(dollars), settings))
assert [credits(dollars) for dollars in [0.0, 0.1, 0.1 + 0.2, 0.3000001, 1e-9, 0.35, "0.4"]] == [0, 1, 3, 4, 1, 4, 4]
assert credits(1e300) == 10**13  # a million millions of dollars
assert [decimal_of(value) for value in [None, True, "x", float("nan"), float("inf"), -1, {}]] == [None] * 7
settings = dataclasses.replace(settings, markup=Decimal("1.5"))
assert credits(0.2) == 3

price = Price(Decimal("0.1"), Decimal("0.5"), 8000)
def asked(call_type="acompletion", factor="1", **data):
    return estimate(data, call_type, price, dataclasses.replace(_settings, estimate_factor=Decimal(factor)))
assert (asked(max_tokens=1000).amount, asked(max_tokens=1000).minimum) == (500, 128)
assert asked(max_tokens=100).minimum == asked(max_tokens=100).amount == 50
assert asked().amount == 2048 and asked().limit == 4096
assert asked(max_tokens=10**9).amount == 4000 and asked(max_tokens=10**9).limit == 10**9
assert asked(max_tokens=1000, max_completion_tokens=10).amount == 5
assert asked(max_tokens=1000, n=3).amount == 1500 and asked(max_tokens=1000, factor="0.5").amount == 250
assert asked("atext_completion", prompt=["", ""], max_tokens=10).amount == 11
assert asked("aembedding", input="x" * 300).amount == 11 and asked("aembedding", input="x" * 300).limit is None
assert [asked(max_tokens=1000).limit_for(granted) for granted in [500, 499, 250, 1]] == [1000, 998, 500, 2]
assert asked(max_tokens=1000, n=2).limit_for(500) == 500
deep = []
for _ in range(100_000): deep = [deep]
assert input_tokens({"messages": deep}) == 0
assert input_tokens({"messages": [{"content": [{"type": "image_url", "image_url": {"url": "data:" + "x" * 10**6}}]}]}) < 3000
assert input_tokens({"prompt": [1, 2, 3]}) == 3
try:
    input_tokens({"prompt": [1] * 10**6})
    assert False
except ValueError:
    pass
assert settings.token not in repr(settings)
"""


def run_file(code, environment, folder):
    return subprocess.run([sys.executable, "-c", ALONE + code], env=environment, cwd=folder, capture_output=True, text=True,
                          timeout=60)


def wait_for(ask, holds, seconds=10):
    """→ the first answer of which it holds, or the last"""
    end = time.monotonic() + seconds
    while not holds(seen := ask()) and time.monotonic() < end:
        time.sleep(0.1)
    return seen


def main(program, folder, *chosen):
    # Ended from outside, it ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = pathlib.Path(folder)
    start = time.monotonic()
    os.environ["TOLLGATE_CREDIT_VALUE"] = "0.000001"
    tollgate = programs.Tollgate(program, folder)
    network, backend = relay.Relay(tollgate.address), provider.Provider()
    proxies = []
    try:
        proxies.append(Proxy("proxy", folder, network.address, backend.address))
        proxies.append(Proxy("other", folder, tollgate.address, backend.address,
                             {"TOLLGATE_HOLD_TTL": "1s", "TOLLGATE_CREDITS_PER_TOKEN": "0.5"},
                             "[tollgate_litellm.gate, twice.twice]"))
        proxies.append(Proxy("usage", folder, network.address, backend.address, {"TOLLGATE_BILL": "usage"},
                             models=usage_trial.MODELS, last=usage_trial.CACHE))
        for proxy in proxies:
            proxy.wait()
        print(f"LiteLLM listens after {time.monotonic() - start:.1f} s", flush=True)
        trial = Trial(tollgate, network, backend, *proxies)
        usage = usage_trial.UsageTrial(trial)
        checks = [trial.identity, trial.routes, trial.settlements, trial.holding, trial.shortage, trial.tricks,
                  trial.failures_of_the_provider, trial.departures, trial.repeats, trial.crowd, trial.lost_answers,
                  trial.outages, trial.settings, *usage.checks(), trial.ending, trial.secrets]
        for check in checks:
            if not chosen or check.__name__ in chosen:
                trial.attempt(check)
        if trial.failures and os.environ.get("TOLLGATE_TRIAL_LOG"):
            for proxy in proxies:
                print(proxy.log()[-8000:])
    finally:
        for proxy in proxies:
            proxy.end()
        tollgate.end()
        network.stop()
        backend.stop()
    print(*["", *(text[:200] for text in trial.failures)], sep="\n")
    print(f"{trial.checks - len(trial.failures)} passed, {len(trial.failures)} failed, {time.monotonic() - start:.0f} s")
    sys.exit(1 if trial.failures else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
