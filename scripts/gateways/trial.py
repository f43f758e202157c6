# SPDX-License-Identifier: Apache-2.0
"""Tries each gateway of docker/gateways in front of a real Tollgate: trial.py PROGRAM FOLDER [GATEWAY…]

The processes are those of scripts/gateways/programs.py, what they send and receive is read by scripts/gateways/wire.py."""

import concurrent.futures
import hashlib
import http.client
import itertools
import json
import pathlib
import signal
import sys
import time
import traceback

import programs
import wire

IDENTITY = ["Customer", "Key", "Reason", "Until", "Credits", "Version", "Stale"]
PAGE = pathlib.Path("docs/gateways.md")
MEBIBYTE = bytes(range(256)) * 4096
SLOW_LIMIT = 5  # seconds; the files say two, and a busy machine is forgiven some


class Trial:
    """What is tried of one gateway."""

    def __init__(self, kind, tollgate, api, folder):
        self.kind, self.tollgate, self.api, self.folder = kind, tollgate, api, folder
        self.failures, self.checks = [], 0
        self.numbers = itertools.count()
        self.until = "2099-01-01T00:00:00Z"
        self.keys, self.made = {}, {}
        for customer in ["cus_one", "cus_two", "cus_denied"]:
            made = tollgate.make_key(customer, f"{kind.name}-{customer}")
            self.keys[customer], self.made[made["key"]] = made["key"], (customer, made["id"])
        self.gateway = kind(folder / "right", tollgate.address, api.address)

    def expect(self, what, holds, *seen):
        self.checks += 1
        if not holds:
            text = f"{self.kind.name}: {what}: {' '.join(repr(value)[:600] for value in seen)}"
            if len(self.failures) < 20:
                print("✘ " + text, flush=True)
            self.failures.append(text)

    def call(self, key=None, method="GET", target="/", headers=(), connection=None, gateway=None, **body):
        """→ the client's answer, and the request as the API saw it or None."""
        number = f"{self.kind.name}-{next(self.numbers)}"
        sent = [("X-Trial", number), *headers]
        if key:
            sent.append(("Authorization", f"Bearer {key}"))
        if connection:
            answer = connection.send(method, target, sent, **body)
        else:
            answer = wire.send((gateway or self.gateway).address, method, target, sent, **body)
        return answer, self.api.seen.pop(number, None)

    def is_customer(self, seen, customer):
        return seen is not None and seen.values("tollgate-customer") == [customer]

    def expect_identity(self, what, answer, seen, customer):
        self.expect(what, answer.status == 200 and self.is_customer(seen, customer), answer, seen)

    def expect_refusal(self, what, answer, seen, *statuses):
        self.expect(f"{what}: the status", answer.status in statuses if statuses else answer.status >= 400, answer)
        self.expect(f"{what}: the API sees nothing", seen is None, seen)

    # What follows: one check each.

    def identity(self):
        expected = {
            "cus_one": {"Reason": "override_allow", "Until": "", "Credits": "0", "Stale": ""},
            "cus_two": {"Reason": "override_allow", "Until": self.until, "Credits": "500", "Stale": ""},
        }
        for customer, values in expected.items():
            key = self.keys[customer]
            answer, seen = self.call(key)
            self.expect_identity(f"an allowed key of {customer}", answer, seen, customer)
            if seen is None:
                continue
            values |= {"Customer": customer, "Key": self.made[key][1]}
            for name, value in values.items():
                self.expect(f"Tollgate-{name}", (seen.values(f"tollgate-{name}") or [""]) == [value], seen.headers)
            version = seen.values("tollgate-version")
            self.expect("Tollgate-Version", len(version) == 1 and version[0].isdigit(), seen.headers)
            text = json.dumps(seen.headers)
            self.expect("the gateway's token stays in the gateway", programs.GATEWAY_TOKEN not in text, text)
            self.expect("the client's key stays in the gateway", key not in text, text)
        answer, seen = self.call(headers=[("X-Api-Key", self.keys["cus_one"])])
        self.expect_identity("X-Api-Key", answer, seen, "cus_one")
        self.expect("X-Api-Key stays in the gateway", seen is None or not seen.values("x-api-key"), seen)
        answer, seen = self.call(self.keys["cus_one"], headers=[("X-Api-Key", self.keys["cus_one"])])
        self.expect_identity("one key in both headers", answer, seen, "cus_one")

    def spoofed(self, gateway, key, customer, names):
        for name in names:
            spellings = [name, name.lower(), name.upper(), name.replace("-", "_"), name.lower().replace("-", "_"),
                         name.replace("-", "_", 1)]
            for spelling in spellings:
                for count in [1, 2]:
                    headers = [(spelling, "evil")] * count
                    answer, seen = self.call(key, headers=headers, gateway=gateway)
                    what = f"{spelling} ×{count} of a client"
                    # An answer that names nobody may be a no.
                    whole = (answer.status == 200) == (seen is not None) if customer is None else answer.status == 200 and seen
                    self.expect(f"{what}: no harm", whole, answer)
                    text = json.dumps(seen.headers if seen else None)
                    self.expect(f"{what} does not reach the API", "evil" not in text, text)
                    if customer:
                        self.expect(f"{what} is not who calls", self.is_customer(seen, customer), text)

    def spoofing(self):
        names = [f"Tollgate-{name}" for name in [*IDENTITY, "Gateway-Token", "Minimum-Credits"]]
        # Of this one Until and Stale are empty.
        self.spoofed(self.gateway, self.keys["cus_one"], "cus_one", names)
        headers = [(name, "evil") for name in names for _ in range(2)]
        answer, seen = self.call(self.keys["cus_two"], headers=headers)
        self.expect_identity("all names twice", answer, seen, "cus_two")
        self.expect("all names twice do not reach the API", seen and "evil" not in json.dumps(seen.headers), seen)
        for name in ["Tollgate-Customer ", "Tollgate-Customer\t", " Tollgate-Customer", "X-Fold: a\r\n Tollgate-Customer"]:
            answer, seen = self.call(self.keys["cus_one"], headers=[("X-First", "a"), (name, "evil")])
            names = [key.strip().lower() for key, value in seen.headers if "evil" in value] if seen else []
            self.expect(f"malformed {name!r}", "tollgate-customer" not in names, answer, seen)
            self.expect(f"malformed {name!r} is not who calls", seen is None or self.is_customer(seen, "cus_one"), seen)
        answer, seen = self.call(self.keys["cus_one"], method="POST", chunks=[b"{}"],
                                 trailers=[("Tollgate-Customer", "evil")])
        if seen is not None:
            self.expect("a trailer is no header", "evil" not in json.dumps(seen.headers), seen)
            self.expect("a trailer is not who calls", self.is_customer(seen, "cus_one"), seen)
        else:
            self.expect("a trailer", answer.status >= 400, answer)
        # What Connection names, a proxy removes: it must not remove who calls and still pass the call on.
        for named in ["Tollgate-Customer", "tollgate-customer", "Tollgate-Gateway-Token", "X-Real-Ip, TOLLGATE-CUSTOMER"]:
            for value in [f"keep-alive, {named}", f"close, {named}", named]:
                answer, seen = self.call(self.keys["cus_one"], headers=[("Connection", value)])
                whole = seen is None or (self.is_customer(seen, "cus_one") and seen.values("tollgate-key"))
                self.expect(f"Connection: {value}", whole and (answer.status == 200) == (seen is not None), answer, seen)
        for named in ["Authorization", "X-Api-Key"]:
            answer, seen = self.call(self.keys["cus_one"], headers=[("Connection", f"keep-alive, {named}")])
            self.expect(f"Connection: {named}", seen is None or self.is_customer(seen, "cus_one"), answer, seen)

    def refusals(self):
        one, two = self.keys["cus_one"], self.keys["cus_two"]
        unknown = "tg_test_" + "0" * 38
        cases = {
            "an unknown key": ([("Authorization", f"Bearer {unknown}")], "/"),
            "no key": ([], "/"),
            "the gateway's own token as a key": ([("Authorization", f"Bearer {programs.GATEWAY_TOKEN}")], "/"),
            "two different keys": ([("Authorization", f"Bearer {one}"), ("X-Api-Key", two)], "/"),
            "a key in the query": ([], f"/?key={one}&api_key={one}&access_token={one}"),
            "a key in the path": ([], f"/{one}"),
        }
        for what, (headers, target) in cases.items():
            answer, seen = self.call(headers=headers, target=target)
            self.expect_refusal(what, answer, seen, 401)
            self.expect(f"{what}: WWW-Authenticate", answer.values("www-authenticate") == ["Bearer"], answer)
            self.expect(f"{what}: the problem", code(answer) == "invalid_key", answer)
        # Of two lines a gateway may show Tollgate one: that is then who calls.
        for name, form in [("Authorization", "Bearer {}"), ("X-Api-Key", "{}")]:
            for first, second in [(one, two), (two, one)]:
                answer, seen = self.call(headers=[(name, form.format(first)), (name, form.format(second))])
                one_of_both = seen is not None and seen.values("tollgate-customer") in (["cus_one"], ["cus_two"])
                self.expect(f"two lines {name}", (seen is None and answer.status in (400, 401)) or one_of_both, answer, seen)
        answer, seen = self.call(self.keys["cus_denied"])
        self.expect_refusal("a denied customer", answer, seen, 403)
        self.expect("a denied customer: the problem", code(answer) == "override_deny", answer)

    def deletion(self):
        made = self.tollgate.make_key("cus_one", f"{self.kind.name}-short")
        answer, seen = self.call(made["key"])
        self.expect_identity("a new key", answer, seen, "cus_one")
        self.tollgate.delete_key(made["id"])
        start = time.monotonic()
        while (answer := self.call(made["key"])[0]).status == 200 and time.monotonic() - start < 1:
            time.sleep(0.01)
        self.expect("a deleted key within a second", answer.status == 401, answer)

    def bodies(self):
        digest = hashlib.sha256(MEBIBYTE).hexdigest()
        chunks = [MEBIBYTE[start:start + 65536] for start in range(0, len(MEBIBYTE), 65536)]
        for what, body in {"with its length": {"body": MEBIBYTE}, "chunked": {"chunks": chunks}}.items():
            for method in ["POST", "PUT"]:
                answer, seen = self.call(self.keys["cus_one"], method=method, **body)
                self.expect_identity(f"{method} of 1 MiB {what}", answer, seen, "cus_one")
                self.expect(f"{method} of 1 MiB {what} is whole", seen and seen.digest == digest, seen)
            answer, seen = self.call(self.keys["cus_denied"], method="POST", **body)
            self.expect_refusal(f"a refused POST of 1 MiB {what}", answer, seen, 403)

    def methods(self):
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]:
            body = {"body": b"{}"} if method in ("POST", "PUT", "PATCH") else {}
            answer, seen = self.call(self.keys["cus_one"], method=method, **body)
            self.expect_identity(method, answer, seen, "cus_one")
            self.expect(f"{method} stays so", seen and seen.method == method, seen)
            answer, seen = self.call("unknown-key-of-the-trial", method=method, **body)
            self.expect_refusal(f"{method} with an unknown key", answer, seen, 401)

    def targets(self):
        kept = ["/a%2Fb", "/a%20b", "/v1/x?customer=cus_two&key=a%26b", "/" + "x" * 8191, "/?q=" + "y" * 8191]
        for target in kept:
            answer, seen = self.call(self.keys["cus_one"], target=target)
            self.expect_identity(target[:40], answer, seen, "cus_one")
            self.expect(f"{target[:40]} stays so", seen and seen.target == target, seen)
        # Gateways make of these what they will: never another's identity, and never a way around Tollgate.
        odd = ["/a/../b", "/../../admin/v1/customers", "//a//b", "/%2e%2e/%2e%2e/metrics", "/a/..%2Fb", "/_tollgate",
               "/v1/authorize", "/..;/", "/a\\b", "/./a"]
        for target in odd:
            answer, seen = self.call(self.keys["cus_one"], target=target)
            reached = answer.status == 200 and self.is_customer(seen, "cus_one")
            self.expect(target, reached or (seen is None and answer.status >= 300), answer, seen)
            answer, seen = self.call(target=target)
            self.expect(f"{target} without a key", seen is None and answer.status >= 300, answer, seen)

    def connections(self):
        with wire.Connection(self.gateway.address) as connection:
            for turn in range(20):
                customer = ["cus_one", "cus_two", "cus_denied"][turn % 3]
                answer, seen = self.call(self.keys[customer], connection=connection)
                if customer == "cus_denied":
                    self.expect_refusal("one connection, the denied one's turn", answer, seen, 403)
                    if "close" in answer.values("connection"):
                        return
                else:
                    self.expect_identity(f"one connection, the turn of {customer}", answer, seen, customer)

    def crowd(self):
        def client(number):
            customer = ["cus_one", "cus_two"][number % 2]
            with wire.Connection(self.gateway.address) as connection:
                return [(customer, *self.call(self.keys[customer], connection=connection)) for _ in range(10)]
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            for results in pool.map(client, range(50)):
                for customer, answer, seen in results:
                    self.expect_identity(f"one of fifty clients, of {customer}", answer, seen, customer)

    def wrong_token(self):
        gateway = self.kind(self.folder / "wrong", self.tollgate.address, self.api.address, token="not-the-token-of-this-one")
        try:
            for headers in [], [("Tollgate-Gateway-Token", programs.GATEWAY_TOKEN)]:
                answer, seen = self.call(self.keys["cus_one"], headers=headers, gateway=gateway)
                self.expect_refusal(f"a gateway with a wrong token, {len(headers)} of the client's", answer, seen, 500, 503)
        finally:
            gateway.end()

    def other_answers(self):
        """What it makes of answers, also of those that Tollgate does not give."""
        answerer = wire.Answerer()
        gateway = self.kind(self.folder / "scripted", answerer.address, self.api.address)
        cells = {}
        try:
            for key in ["status-200", "status-204", "status-302", "status-400", "status-401", "status-402", "status-403",
                        "status-429", "status-500", "status-503", "hang-up"]:
                answer, seen = self.call(f"{key}-of-the-trial", gateway=gateway)
                if key == "status-200":
                    self.expect_identity(key, answer, seen, "cus_scripted")
                elif key == "status-204":
                    self.expect(key, seen is None or self.is_customer(seen, "cus_scripted"), answer, seen)
                else:
                    self.expect(f"{key}: not a success", answer.status >= 300, answer)
                    self.expect(f"{key}: the API sees nothing", seen is None, seen)
                cells[key] = describe(answer, seen)
            # An answer that lacks them: still nothing of the client's.
            cells["bare"] = describe(*self.call("bare-of-the-trial", gateway=gateway))
            names = [f"Tollgate-{name}" for name in IDENTITY]
            self.spoofed(gateway, "bare-of-the-trial", None, names)
            answer, _ = self.call("status-200-again", method="PUT", target="/a%2Fb/../c?d", body=b"body", gateway=gateway,
                                  headers=[("Cookie", "a=b"), ("Tollgate-Minimum-Credits", "7")])
            asked = answerer.seen["status-200-again"]
            self.expect("Tollgate gets the gateway's token", asked.values("tollgate-gateway-token") == [programs.GATEWAY_TOKEN],
                        asked)
            self.expect("Tollgate gets no minimum of the client's", asked.values("tollgate-minimum-credits") == [], asked)
            self.expect("Tollgate gets no body", asked.length == 0, asked)
            cells["asks"] = ("the client's method" if asked.method == "PUT" else asked.method) + \
                (", all its headers" if asked.values("cookie") else ", its key")
        finally:
            gateway.end()
            answerer.server.stop()
        return cells

    def pause(self):
        self.tollgate.pause()
        try:
            answer, seen = self.call(self.keys["cus_one"])
            self.expect_refusal("Tollgate hangs", answer, seen)
            self.expect("Tollgate hangs: a server's error", answer.status >= 500, answer)
            self.expect("Tollgate hangs: in time", answer.seconds < SLOW_LIMIT, answer.seconds)
        finally:
            self.tollgate.go_on()
        self.expect_recovery("Tollgate goes on")
        return describe(answer, seen)

    def kill(self):
        self.tollgate.end(signal.SIGKILL)
        try:
            for _ in range(3):
                answer, seen = self.call(self.keys["cus_one"])
                self.expect_refusal("Tollgate is killed", answer, seen)
                self.expect("Tollgate is killed: a server's error", answer.status >= 500, answer)
                self.expect("Tollgate is killed: in time", answer.seconds < SLOW_LIMIT, answer.seconds)
        finally:
            self.tollgate.start()
        self.expect_recovery("Tollgate is back")
        return describe(answer, seen)

    def expect_recovery(self, what):
        def passes():
            answer, seen = self.call(self.keys["cus_one"])
            return answer.status == 200 and self.is_customer(seen, "cus_one")
        try:
            programs.wait(what, passes, 10)
        except RuntimeError as error:
            self.expect(f"{what}: calls pass again", False, error)

    def run(self):
        """→ the gateway's row of the table in docs/gateways.md"""
        try:
            for check in [self.identity, self.refusals, self.spoofing, self.deletion, self.bodies, self.methods, self.targets,
                          self.connections, self.crowd]:
                self.attempt(check)
            cells = self.attempt(self.other_answers) or {}
            self.attempt(self.wrong_token)
            cells["slow"] = self.attempt(self.pause)
            cells["away"] = self.attempt(self.kill)
            self.expect("the gateway's token reaches Tollgate alone", not self.api.tokens, self.api.tokens)
            self.api.tokens.clear()
        finally:
            self.gateway.end()
        order = ["status-401", "status-403", "status-402", "status-429", "status-503", "status-500", "status-204", "status-302",
                 "bare", "slow", "away", "asks"]
        return f"| {self.kind.name} | " + " | ".join(str(cells.get(name)) for name in order) + " |"

    def attempt(self, check):
        """A gateway that breaks off fails its check, and the next is tried."""
        try:
            return check()
        except (OSError, RuntimeError, LookupError, http.client.HTTPException):
            self.expect(check.__name__, False, traceback.format_exc())
            return None


def code(answer):
    """Of a problem; None where the body is something else."""
    try:
        return json.loads(answer.body)["code"]
    except (ValueError, KeyError, TypeError):
        return None


def describe(answer, seen):
    """A cell of the table."""
    if seen is not None:
        return "passes"
    marks = [f"{answer.status}"]
    if answer.body == b'{"code":"scripted"}':
        marks.append("as it is")
    return " ".join(marks)


def main(program, folder, *chosen):
    # Ended from outside, it ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = pathlib.Path(folder)
    tollgate, api = programs.Tollgate(program, folder), wire.API()
    rows, failures, checks = [], [], 0
    try:
        tollgate.override("cus_one", True)
        tollgate.override("cus_two", True, "2099-01-01T00:00:00Z")
        tollgate.override("cus_denied", False)
        tollgate.grant("cus_two", 500)
        for kind in programs.GATEWAYS:
            if chosen and kind.name.lower() not in chosen:
                continue
            start = time.monotonic()
            trial = Trial(kind, tollgate, api, folder / kind.name)
            rows.append(trial.run())
            failures += trial.failures
            checks += trial.checks
            print(f"{kind.name}: {trial.checks} checks, {len(trial.failures)} failed, {time.monotonic() - start:.1f} s",
                  flush=True)
    finally:
        tollgate.end()
        api.server.stop()
    print("\n" + "\n".join(rows))
    page = PAGE.read_text()
    for row in rows:
        if row not in page:
            failures.append(f"{PAGE} says otherwise than: {row}")
    print(*["", *failures], sep="\n")
    print(f"{checks - len(failures)} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
