# SPDX-License-Identifier: Apache-2.0
"""Starts the servers of this folder as processes of their own, and speaks to them."""

import json
import pathlib
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

import programs

HERE = pathlib.Path(__file__).resolve().parent


def ask(method, url, body=None, headers=(), form=None, seconds=30):
    """→ status and JSON"""
    headers = dict(headers)
    data = None
    if form is not None:
        data, headers["Content-Type"] = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
    elif body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=seconds) as response:
            status, text = response.status, response.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    return status, json.loads(text) if text else None


class Server:
    """A program of this folder, that prints where it listens."""

    script = ""

    def __init__(self, folder, *arguments):
        folder.mkdir(parents=True, exist_ok=True)
        name = type(self).__name__.lower()
        log = folder / f"{name}.log"
        # What was said by one before it does not count.
        self.before = log.stat().st_size if log.exists() else 0
        self.running = programs.Program(name, [sys.executable, str(HERE / self.script), *arguments], folder)
        self.running.wait_until(self.address)
        self.url = self.address()

    def address(self):
        found = re.search(r"^listening on (\S+)$", self.running.log.read_text()[self.before:], re.MULTILINE)
        return found and found.group(1)

    def end(self):
        self.running.end()


class StandIn(Server):
    script = "standin.py"

    def __init__(self, folder, state=None):
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "state.json"
        file.write_text(json.dumps(state or {}))
        super().__init__(folder, "--state", str(file))

    def control(self, method, name, body=None):
        status, value = ask(method, f"{self.url}/_standin/{name}", body)
        if status != 200:
            raise RuntimeError(f"{method} {name}: {value}")
        return value

    def add(self, **state):
        self.control("POST", "state", state)

    def fault(self, **fault):
        self.control("POST", "faults", fault)

    def without_faults(self):
        self.control("DELETE", "faults")

    def requests(self):
        return self.control("GET", "requests")["data"]

    def forget_requests(self):
        self.control("DELETE", "requests")

    def post(self, url, secret, events, **more):
        return self.control("POST", "post", {"url": url, "secret": secret, "events": events, **more})["data"]
