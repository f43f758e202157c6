# SPDX-License-Identifier: Apache-2.0
"""A stand-in for Stripe's API, for tests: standin.py [--port 0] [--state FILE.json]

Prints `listening on http://127.0.0.1:PORT` once it does; SIGTERM ends it. It has Stripe's routes, shapes and refusals as far
as scripts/stripe/routes.py says. The state is described in scripts/stripe/book.py; the file is read and never written.

Control routes, all with JSON and without a key:

    GET, PUT, POST /_standin/state    all of it; in place of what there was; in addition: objects and events replace those
                                      with their id, "account" says whose they are, "remove": [ids], "revoked": true
    POST /_standin/faults             {"path"?: a prefix, "method"?, "times"?: requests, else until it is removed, "after"?: so
                                      many requests pass first, and one of
                                       "status": 429 with "reason"? (Stripe-Rate-Limited-Reason), "code"?, "message"?
                                       "hang": seconds before the answer is made
                                       "delay": seconds between making it and sending it
                                       "stall": seconds in the middle of the body
                                       "cut": true, the connection ends in the middle of the body
                                       "garbage": true, 200 and a body that is no JSON
                                       "body": text, 200 and its characters as bytes (ISO 8859-1)
                                       "redirect": URL;
                                      "headers"?: {"Retry-After": "2", "Stripe-Should-Retry": "false"}}
    GET, DELETE /_standin/faults      those left
    GET, DELETE /_standin/requests    what was asked, oldest first, without the keys' values
    POST /_standin/clock              {"ahead": seconds, may be negative}
    POST /_standin/post               {"url", "secret", "events": [ids], "account"?, "time"?: of the signature}: signs each as
                                      Stripe does and posts it once, in this order → {"data": [{"id", "status", "body"}]},
                                      status null where there was no answer"""

import argparse
import base64
import copy
import email.utils
import hashlib
import hmac
import http.client
import http.server
import json
import re
import signal
import sys
import threading
import time
import traceback
import urllib.parse

import book
import routes

VERSION = "2026-10-28.endive"
BODY_LIMIT = 64 << 20


def tree_of(pairs):
    """[("created[gte]", "1"), ("types[]", "a")] → {"created": {"gte": "1"}, "types": ["a"]}; a name without brackets that
    comes twice is a list too, as v2 has it."""
    tree = {}
    for name, value in pairs:
        keys = re.findall(r"^[^\[\]]+|\[[^\[\]]*\]", name)
        if "".join(keys) != name:
            raise routes.Refusal(400, f"Received unknown parameter: {name}", "parameter_unknown", name)
        keys = [key.strip("[]") for key in keys]
        node = tree
        for key in keys[:-1]:
            node = node.setdefault(key, {})
            if not isinstance(node, dict):
                raise routes.Refusal(400, f"Invalid parameter: {name}", param=name)
        last = keys[-1] or str(len(node))
        node[last] = value if last not in node else [*(node[last] if isinstance(node[last], list) else [node[last]]), value]
    return listed(tree)


def listed(node):
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [listed(node[key]) for key in sorted(node, key=int)]
    return {key: listed(value) for key, value in node.items()}


def masked(key):
    """As Stripe shows a key in its messages."""
    prefix = re.match(r"[sr]k_(test|live)_", key)
    start = prefix.group() if prefix else ""
    return start + "*" * max(4, len(key) - len(start) - 4) + key[-4:] if len(key) > 12 else start + "****"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are two writes.
    disable_nagle_algorithm = True
    timeout = 120
    server_version, sys_version = "stand-in", ""

    book = None

    # One request.

    def handle_request(self):
        url = urllib.parse.urlsplit(self.path)
        self.pairs = urllib.parse.parse_qsl(url.query, keep_blank_values=True)
        length = int(self.headers.get("Content-Length", 0))
        if length > BODY_LIMIT:
            self.close_connection = True
            return
        self.content = self.rfile.read(length)
        try:
            if url.path.startswith("/_standin/"):
                self.control(url.path.removeprefix("/_standin/"))
            else:
                self.api(url.path)
        except OSError:
            self.close_connection = True  # the client has gone

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = handle_request

    def reply(self, status, value, headers=(), cut=False, stall=0):
        text = value if isinstance(value, bytes) else json.dumps(value, indent=2, ensure_ascii=False).encode()
        self.send_response(status)
        headers = {"Content-Type": "application/json", **dict(headers)}
        for name, content in headers.items():
            self.send_header(name, content)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if cut:
            self.wfile.write(text[:len(text) // 2])
            self.close_connection = True
        elif stall:
            self.wfile.write(text[:len(text) // 2])
            time.sleep(stall)
            self.wfile.write(text[len(text) // 2:])
        else:
            self.wfile.write(text)

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(self.book.now() if timestamp is None else timestamp, usegmt=True)

    def log_message(self, *_):
        pass

    # Stripe's.

    def api(self, path):
        with self.book.lock:
            self.request = f"req_standin{self.book.number()}"
            fault = self.book.fault(self.command, path)
            entry = {"at": time.time(), "id": self.request, "method": self.command, "path": path, "query": self.pairs,
                     "headers": self.safe_headers(), "body": self.content.decode(errors="replace"), "status": None}
            self.book.log.append(entry)
        self.version = self.headers.get("Stripe-Version", VERSION)
        headers = {"Request-Id": self.request, "Stripe-Version": self.version, **((fault or {}).get("headers") or {})}
        if fault and "hang" in fault:
            time.sleep(fault["hang"])
        try:
            if fault and "status" in fault:
                raise self.failure(fault, headers)
            if fault and "redirect" in fault:
                entry["status"] = 302
                self.reply(302, b"", {**headers, "Location": fault["redirect"]})
                return
            if fault and fault.get("garbage"):
                fault = {**fault, "body": "<html>Bad Gateway</html>{"}
            if fault and "body" in fault:
                entry["status"] = 200
                self.reply(200, fault["body"].encode("latin-1"), headers)
                return
            with self.book.lock:
                status, value, more = self.answer(path)
                text = json.dumps(value, indent=2, ensure_ascii=False).encode()
            headers |= more
        except routes.Refusal as refusal:
            error = {**refusal.error, "request_log_url": f"https://dashboard.stripe.com/test/logs/{self.request}"}
            status, text = refusal.status, json.dumps({"error": error}, indent=2).encode()
        except Exception:
            # A fault of the stand-in's own, which a test should see.
            traceback.print_exc()
            status, text = 500, b'{"error": {"type": "api_error", "message": "the stand-in failed"}}'
        if fault and "delay" in fault:
            time.sleep(fault["delay"])
        entry["status"] = status
        self.reply(status, text, headers, cut=bool(fault and fault.get("cut")), stall=fault.get("stall", 0) if fault else 0)

    def safe_headers(self):
        headers = {name.lower(): value for name, value in self.headers.items()}
        if "authorization" in headers:
            headers["authorization"] = f"{headers['authorization'].split(' ')[0]} {masked(self.key() or '')}"
        return headers

    def failure(self, fault, headers):
        status = fault["status"]
        if "reason" in fault:
            headers["Stripe-Rate-Limited-Reason"] = fault["reason"]
        if status == 429:
            return routes.Refusal(
                429, fault.get("message", "Request rate limit exceeded. Learn more about rate limits here "
                               "https://stripe.com/docs/rate-limits."), fault.get("code", "rate_limit"))
        return routes.Refusal(
            status, fault.get("message", "An unknown error occurred"), fault.get("code"),
            kind="api_error" if status >= 500 else "invalid_request_error")

    def key(self):
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                return base64.b64decode(value).decode().partition(":")[0]
            except ValueError:
                return None
        return value if kind.lower() == "bearer" else None

    def answer(self, path):
        """→ status, value, headers"""
        key = self.key()
        if not key:
            raise routes.Refusal(401, "You did not provide an API key. You need to provide your API key in the Authorization "
                                 "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').")
        if key not in self.book.keys:
            raise routes.Refusal(401, f"Invalid API Key provided: {masked(key)}")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d(\.[a-z_]+)?", self.version):
            raise routes.Refusal(400, f"Invalid Stripe API version: {self.version}", "api_version_invalid")
        if path.startswith("/v2/") and "Stripe-Version" not in self.headers:
            raise routes.Refusal(400, "A Stripe-Version header is required.", "invalid_fields")
        name = self.headers.get("Stripe-Account") or (
            self.headers.get("Stripe-Context") if path.startswith("/v2/") else None) or self.book.own
        account = self.book.accounts.get(name)
        if account is None or account.revoked:
            raise routes.Refusal(
                403, f"The provided key '{masked(key)}' does not have access to account '{name}' (or that account does not "
                "exist). Application access may have been revoked.", "account_invalid")
        for pattern, method, answer, permission in routes.ROUTES:
            match = pattern.fullmatch(path)
            if match and method == self.command:
                self.check_permission(key, permission, name)
                arguments = [urllib.parse.unquote(part) for part in match.groups()]
                return self.once(path, lambda: answer(self.call(account, key), *arguments))
        raise routes.Refusal(404, f"Unrecognized request URL ({self.command}: {path}). Please see https://stripe.com/docs or "
                             "we can help at https://support.stripe.com/.")

    def check_permission(self, key, permission, account):
        granted = self.book.keys[key]
        if granted is None or permission in granted or permission.replace("_read", "_write") in granted:
            return
        raise routes.Refusal(
            403, f"The provided key '{masked(key)}' does not have the required permissions for this endpoint on account "
            f"'{account}'. Having the '{permission}' permission would allow this request to continue.",
            "more_permissions_required")

    def call(self, account, key):
        params = tree_of(self.pairs)
        if self.content:
            if self.headers.get("Content-Type", "").startswith("application/json"):
                params |= json.loads(self.content)
            else:
                params |= tree_of(urllib.parse.parse_qsl(self.content.decode(), keep_blank_values=True))
        call = routes.Call(self.book, account, key.split("_")[1:2] == ["live"], params, self.headers)
        # Of a page's URL: what chose it.
        call.query_of = lambda *names: "".join(
            f"&{urllib.parse.quote(name, safe='')}={urllib.parse.quote(value, safe='')}" for name, value in self.pairs
            if name.partition("[")[0] in names)
        return call

    def once(self, path, answer):
        """A change that has an idempotency key is made once."""
        token = self.headers.get("Idempotency-Key")
        if self.command != "POST" or not token:
            return 200, self.after(path, answer()), {}
        if len(token) > 255:
            raise routes.Refusal(400, "Idempotency-Key must be at most 255 characters.", kind="idempotency_error")
        place = (self.headers.get("Stripe-Account"), token)
        asked = (path, self.content)
        if place in self.book.answers:
            before, value, request = self.book.answers[place]
            if before != asked:
                raise routes.Refusal(
                    400, "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                    f"Try using a key other than '{token}' if you meant to execute a different request.",
                    kind="idempotency_error")
            return 200, value, {"Idempotency-Key": token, "Idempotent-Replayed": "true", "Original-Request": request}
        value = self.after(path, answer())
        # What was refused for its parameters is not kept.
        self.book.answers[place] = (asked, copy.deepcopy(value), self.request)
        return 200, value, {"Idempotency-Key": token, "Original-Request": self.request}

    def after(self, path, value):
        """A ping is sent to the destination."""
        if path.endswith("/ping"):
            destination = self.book.accounts[self.book.own].objects.get(value["related_object"]["id"], {})
            endpoint = destination.get("webhook_endpoint", {})
            if endpoint.get("url") and endpoint.get("signing_secret") and destination.get("status") != "disabled":
                threading.Thread(target=post, daemon=True, args=(
                    endpoint["url"], endpoint["signing_secret"], [(value["id"], book.delivered(value, "", ""))], None)).start()
        return value

    # Of the stand-in itself.

    def control(self, name):
        try:
            value = json.loads(self.content or b"{}")
            answer = getattr(self, f"{self.command.lower()}_{name}", None)
            if answer is None:
                self.reply(404, {"error": f"no {self.command} {name}"})
                return
            result = answer(value)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            self.reply(400, {"error": f"{type(error).__name__}: {error}"})
            return
        self.reply(200, result)

    def get_state(self, _):
        with self.book.lock:
            return copy.deepcopy(self.book.state())

    def put_state(self, value):
        with self.book.lock:
            self.book.replace(value)
        return {}

    def post_state(self, value):
        with self.book.lock:
            self.book.add(value)
        return {}

    def get_faults(self, _):
        with self.book.lock:
            return {"data": copy.deepcopy(self.book.faults)}

    def post_faults(self, value):
        known = {"path", "method", "times", "after", "status", "reason", "code", "message", "hang", "delay", "stall", "cut",
                 "garbage", "body", "redirect", "headers"}
        if unknown := set(value) - known:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        with self.book.lock:
            self.book.faults.append(value)
        return {}

    def delete_faults(self, _):
        with self.book.lock:
            self.book.faults.clear()
        return {}

    def get_requests(self, _):
        with self.book.lock:
            return {"data": [dict(entry) for entry in self.book.log]}

    def delete_requests(self, _):
        with self.book.lock:
            self.book.log.clear()
        return {}

    def post_clock(self, value):
        with self.book.lock:
            self.book.ahead = value["ahead"]
        return {}

    def post_post(self, value):
        with self.book.lock:
            name = value.get("account", self.book.own)
            account = self.book.accounts[name]
            found = [account.events.get(event) or account.objects[event] for event in value["events"]]
            events = [(event["id"], book.delivered(event, name, self.book.own)) for event in found]
        results = post(value["url"], value["secret"], events, value.get("time"))
        with self.book.lock:
            for event, result in zip(found, results):
                good = result["status"] is not None and 200 <= result["status"] < 300
                event.setdefault("_standin", {})["delivered"] = good
        return {"data": results}


def post(url, secret, events, at):
    target = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(target.hostname, target.port or 80, timeout=30)
    results = []
    for name, event in events:
        body = json.dumps(event, indent=2, ensure_ascii=False).encode()
        second = int(time.time()) if at is None else at
        signature = hmac.new(secret.encode(), f"{second}.".encode() + body, hashlib.sha256).hexdigest()
        result = {"id": name, "status": None, "body": None}
        try:
            connection.request("POST", target.path or "/", body, {
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
                "Stripe-Signature": f"t={second},v1={signature}"})
            response = connection.getresponse()
            result |= {"status": response.status, "body": response.read().decode(errors="replace")}
        except (OSError, http.client.HTTPException):
            connection.close()
        results.append(result)
    connection.close()
    return results


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state")
    arguments = parser.parse_args()
    state = {}
    if arguments.state:
        with open(arguments.state, encoding="utf-8") as file:
            state = json.load(file)
    Handler.book = book.Book(state)
    listener = Listener(("127.0.0.1", arguments.port), Handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"listening on http://127.0.0.1:{listener.server_address[1]}", flush=True)
    listener.serve_forever(0.05)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
