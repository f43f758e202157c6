# SPDX-License-Identifier: Apache-2.0
"""What the checks of scripts/stripe/trial.py stand on: Tollgates with databases of their own, beside a stand-in for Stripe; and
500 events of which 120 never came."""

import collections
import json
import os
import random
import re
import subprocess
import time
import urllib.request

import programs
from programs import wait

import checks
import history
import servers

SECRET = "whsec_stripe0123456789abcdef0123456789"
KEY = "sk_test_standin"
EVENTS, LOST = 500, 120


class Tollgate(programs.Tollgate):
    """With other settings; `name` is its database's too."""

    def __init__(self, program, folder, database, **settings):
        self.settings = {"DATABASE_URL": database, "STRIPE_WEBHOOK_SECRET": SECRET, "TOLLGATE_RECONCILE": "off",
                         "TOLLGATE_LOG_FORMAT": "text", **settings}
        folder.mkdir(parents=True)
        super().__init__(program, folder)

    def start(self):
        self.environment |= self.settings
        super().start()

    def webhooks(self):
        return f"http://{self.environment['TOLLGATE_PUBLIC_ADDRESS']}/webhooks/stripe"

    def log(self):
        return self.running.log.read_text(errors="replace")

    # Commands beside it.

    def command(self, *arguments, **settings):
        """→ a process, its output in a pipe"""
        return subprocess.Popen(
            [self.program, *arguments], env={**self.environment, **settings}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder)

    def run(self, *arguments, seconds=120, **settings):
        """→ exit code, output, errors"""
        process = self.command(*arguments, **settings)
        try:
            output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
            errors += f"\nended after {seconds} s"
        return process.returncode, output, errors

    # What it knows.

    def events(self, **filters):
        """All, by their id."""
        found, query = [], "".join(f"&{name}={value}" for name, value in filters.items())
        after = ""
        while True:
            page = self.administer("GET", f"/events?limit=100{query}{after}")
            found += page["data"]
            if not page["has_more"]:
                return found
            after = f"&starting_after={found[-1]['id']}"

    def wait_until_read(self, seconds=60):
        wait("all events to be read", lambda: not self.administer("GET", "/events?status=pending&limit=1")["data"], seconds)

    def read(self, path):
        request = urllib.request.Request(f"http://{self.address}{path}",
                                         headers={"Authorization": f"Bearer {programs.GATEWAY_TOKEN}"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def access(self, customer):
        return self.read(f"/v1/customers/{customer}/access")

    def answers(self):
        """By customer: the flag and the balance. `version` counts the steps on the way, which may be others."""
        found, after = {}, ""
        while True:
            page = self.read(f"/v1/access?limit=1000{after}")
            for answer in page["data"]:
                answer.pop("version")
                balance = self.read(f"/v1/customers/{answer['customer']}/balance")
                # Of lots that lapse at the same time, the first that Tollgate heard of is spent first.
                balance["lots"].sort(key=lambda lot: lot["id"])
                found[answer["customer"]] = [answer, balance]
            if not page["has_more"]:
                return found
            after = f"&starting_after={page['data'][-1]['customer']}"

    def metric(self, name):
        """The sum of its values."""
        with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=10) as response:
            text = response.read().decode()
        values = re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
        return sum(map(float, values)) if values else None


class Databases:
    """Databases of one cluster; some are copies of others."""

    def __init__(self, program, prefix, address):
        self.prefix = prefix
        binaries = subprocess.run([program, "cluster", "programs"], capture_output=True, text=True, check=True).stdout.strip()
        self.psql, self.address = f"{binaries}/psql", address

    def make(self, name, like=None):
        """→ its address. Nobody may be connected to the one that it is like."""
        name, template = f"{self.prefix}_{name}", f" TEMPLATE {self.prefix}_{like}" if like else ""
        subprocess.run([self.psql, "-qX", "-v", "ON_ERROR_STOP=1", "-c", f"CREATE DATABASE {name}{template}", self.address],
                       check=True)
        return re.sub(r"dbname=\S+", f"dbname={name}", self.address)


class Ground:
    def __init__(self, program, folder, seed):
        self.program, self.folder = program, folder
        self.checks = checks.Checks("trial")
        self.expect, self.equal = self.checks.expect, self.checks.equal
        self.random = random.Random(seed)
        self.databases = Databases(program, folder.name, os.environ["DATABASE_URL"])
        self.running, self.gap = [], None
        self.seed = seed

    def tollgate(self, name, like=None, **settings):
        made = Tollgate(self.program, self.folder / name, self.databases.make(name, like), **settings)
        self.running.append(made)
        return made

    def stand_in(self, name, state=None):
        made = servers.StandIn(self.folder / name, state)
        self.running.append(made)
        return made

    def stop(self, *servers):
        for server in servers or list(self.running):
            server.end()
            if server in self.running:
                self.running.remove(server)

    def administer(self, tollgate, method, path, body=None):
        """→ status and JSON, also of a refusal"""
        return servers.ask(method, f"http://{tollgate.address}/admin/v1{path}", body,
                           {"Authorization": f"Bearer {programs.ADMIN_TOKEN}"})

    # 500 events of which 120 never came.

    def make_gap(self):
        """→ the stand-in that has them all, the ids of the lost ones, and the answers of a Tollgate that lost nothing. The
        database `gap` has the others."""
        if self.gap:
            return self.gap
        now = int(time.time())
        events = history.History(self.seed, EVENTS, now - 3000, now - 100).events
        kinds = collections.Counter(event["type"] for event in events)
        print(f"{len(events)} events of {len(kinds)} types, seed {self.seed}", flush=True)
        stripe = self.stand_in("stripe", {"events": events})
        ids = [event["id"] for event in events]
        lost = set(self.random.sample(ids, LOST))
        self.random.shuffle(ids)
        whole = self.tollgate("whole")
        results = stripe.post(whole.webhooks(), SECRET, ids)
        self.equal("all are taken", {result["status"] for result in results}, {200})
        whole.wait_until_read()
        gap = self.tollgate("gap")
        results = stripe.post(gap.webhooks(), SECRET, [name for name in ids if name not in lost])
        self.equal("the others are taken", {result["status"] for result in results}, {200})
        gap.wait_until_read()
        answers, poorer = whole.answers(), gap.answers()
        failed = whole.events(status="failed")
        self.equal("the history has nothing that Tollgate cannot read", failed, [])
        differing = sum(poorer.get(name) != answer for name, answer in answers.items())
        print(f"without {LOST} of them {differing} of {len(answers)} customers are answered otherwise", flush=True)
        self.expect("losing them matters", differing >= 5, differing)
        self.stop(whole, gap)
        self.gap = stripe, lost, answers
        return self.gap

    def asking(self, stripe, name, like="gap", **settings):
        return self.tollgate(name, like, STRIPE_API_KEY=KEY, STRIPE_API_BASE=stripe.url, **settings)

    def expect_whole(self, what, tollgate, lost, answers, source="backfill"):
        tollgate.wait_until_read()
        events = tollgate.events()
        ids = [event["id"] for event in events]
        self.equal(f"{what}: all are there", len(set(ids)), EVENTS)
        self.equal(f"{what}: each once", len(ids), len(set(ids)))
        wrong = [(event["id"], event.get("source")) for event in events
                 if event.get("source") != (source if event["id"] in lost else "webhook")]
        self.equal(f"{what}: each says how it came", wrong, [])
        self.expect_answers(what, tollgate, answers)

    def expect_answers(self, what, tollgate, answers):
        seen = tollgate.answers()
        self.equal(f"{what}: all customers", sorted(seen), sorted(answers))
        for name in sorted(set(seen) & set(answers)):
            self.equal(f"{what}: {name}", seen[name], answers[name])

    def expect_requests(self, stripe, tollgate):
        requests = stripe.requests()
        self.expect("each has a dated version", all(re.fullmatch(r"\d{4}-\d\d-\d\d(\.\w+)?", entry["headers"].get(
            "stripe-version", "")) for entry in requests), requests[:1])
        self.equal("only reads", {entry["method"] for entry in requests}, {"GET"})
        self.expect_budget(requests)
        self.expect("the key is not in the log", KEY not in tollgate.log())

    def expect_budget(self, requests):
        times = sorted(entry["at"] for entry in requests)
        # A moment's jitter of this machine is forgiven.
        most = max((sum(start <= at < start + 0.95 for at in times) for start in times), default=0)
        self.expect("at most ten requests a second", most <= 11, most)


def now():
    return int(time.time())


def rfc3339(at):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def as_json(text):
    """Of what should be an object; nothing where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return {}
