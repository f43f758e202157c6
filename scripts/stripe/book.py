# SPDX-License-Identifier: Apache-2.0
"""What the stand-in knows: accounts with their events and objects, keys, faults, and the log of what it was asked.

The state, as a file and as the control routes take and give it, all of it optional:

    {"account": "acct_standin",                       the account that the keys belong to
     "keys": {"sk_test_standin": null,                a secret key may do everything,
              "rk_test_some": ["rak_event_read"]},    a restricted one what is listed; …_write includes …_read
     "events": [{"id": "evt_…", "object": "event", …,
                 "_standin": {"appears_at": 1790000000, "delivered": false}}],
     "objects": [{"id": "cus_…", "object": "customer", …}],
     "accounts": {"acct_one": {"events": […], "objects": […], "revoked": false}}}

`_standin` may be left out: `appears_at` is when the event begins to be listed, `delivered` whether all endpoints have it.
Objects are of any of Stripe's kinds that the routes know, `v2.core.event` among them. An invoice's `lines` and a Checkout
session's `line_items` are kept whole in the object."""

import collections
import copy
import itertools
import threading
import time

MONTH = 30 * 86400


class Account:
    def __init__(self, name):
        self.name = name
        self.revoked = False
        self.events = {}   # id: event
        self.objects = {}  # id: object
        self.places = {}   # id: a number that grows in the order of coming

    def state(self):
        return {"events": list(self.events.values()), "objects": list(self.objects.values()), "revoked": self.revoked}


class Book:
    """Every method is for whoever holds the lock."""

    def __init__(self, state):
        self.lock = threading.RLock()
        self.log = collections.deque(maxlen=100_000)
        self.faults = []
        self.answers = {}  # by idempotency key: what was asked, and its answer
        self.ahead = 0
        self.numbers = itertools.count(1)
        self.replace(state)

    def now(self):
        return time.time() + self.ahead

    def number(self):
        return next(self.numbers)

    # The state.

    def replace(self, state):
        self.own = state.get("account", "acct_standin")
        self.keys, self.accounts = {}, {self.own: Account(self.own)}
        self.add({"keys": {"sk_test_standin": None}, **state})

    def add(self, state):
        """Adds, and replaces what has the same id. `account` says to whom `events`, `objects`, `revoked` and `remove` (ids)
        belong."""
        known = {"account", "keys", "events", "objects", "revoked", "remove", "accounts"}
        if unknown := set(state) - known:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        self.keys |= state.get("keys", {})
        name = state.get("account", self.own)
        account = self.accounts.setdefault(name, Account(name))
        for name in state.get("remove", []):
            account.events.pop(name, None)
            account.objects.pop(name, None)
        for event in state.get("events", []):
            account.events[event["id"]] = event
            account.places.setdefault(event["id"], self.number())
        for item in state.get("objects", []):
            account.objects[item["id"]] = item
            account.places.setdefault(item["id"], self.number())
        account.revoked = state.get("revoked", account.revoked)
        for name, part in state.get("accounts", {}).items():
            self.add({"account": name, **part})

    def state(self):
        own = self.accounts[self.own].state()
        others = {name: account.state() for name, account in self.accounts.items() if name != self.own}
        return {"account": self.own, "keys": self.keys, **own, "accounts": others}

    # What the routes read.

    def newest_first(self, account, items):
        """Of one second: the last that came first."""
        return sorted(items, key=lambda item: (item.get("created", 0), account.places[item["id"]]), reverse=True)

    def events(self, account, live):
        now = self.now()
        return [event for event in account.events.values() if is_of_mode(event, live)
                and now - MONTH <= event["created"] <= now
                and event.get("_standin", {}).get("appears_at", 0) <= now]

    def objects(self, account, kind, live):
        return [item for item in account.objects.values() if item["object"] == kind and is_of_mode(item, live)]

    def fault(self, method, path):
        """The first that concerns the request, counted."""
        for fault in self.faults:
            if not path.startswith(fault.get("path", "/")) or fault.get("method", method) != method:
                continue
            if fault.get("after", 0) > 0:
                fault["after"] -= 1
                continue
            if fault.get("times") is not None:
                fault["times"] -= 1
                if fault["times"] <= 0:
                    self.faults.remove(fault)
            return dict(fault)
        return None


def is_of_mode(item, live):
    return item.get("livemode", live) == live


def shown(event):
    """As the API shows it: of which account it is, only deliveries tell."""
    return {name: value for name, value in event.items() if name not in ("account", "_standin")}


def delivered(event, account, own):
    """As it is posted to an endpoint."""
    event = copy.deepcopy(event)
    event.pop("_standin", None)
    if event["object"] == "v2.core.event":
        # The rest is for who fetches it.
        return {name: value for name, value in event.items() if name not in ("data", "changes", "snapshot_event")}
    if account != own:
        event["account"] = account
    return event
