# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 byte by byte: a client that sends exactly what it is told, and servers that keep exactly what they were sent."""

import dataclasses
import hashlib
import http.client
import json
import socket
import socketserver
import threading
import time

TIME_LIMIT = 20  # seconds, for each read and write


@dataclasses.dataclass
class Answer:
    status: int
    headers: list  # (name, value), names in lower case
    body: bytes
    seconds: float

    def values(self, name):
        return [value for key, value in self.headers if key == name.lower()]


class Connection:
    """One connection of a client, used for one request after the other."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=TIME_LIMIT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, method, target, headers=(), body=None, chunks=None, trailers=()):
        """headers: (name, value) in the order of sending, without Host and without the body's. chunks in place of body sends
        it chunked, with the trailers after it."""
        lines = [f"{method} {target} HTTP/1.1", "Host: api.example.com"]
        lines += [f"{name}: {value}" for name, value in headers]
        if chunks is not None:
            lines.append("Transfer-Encoding: chunked")
            if trailers:
                lines.append("Trailer: " + ", ".join(name for name, _ in trailers))
        elif body is not None:
            lines.append(f"Content-Length: {len(body)}")
        message = ("\r\n".join(lines) + "\r\n\r\n").encode()
        if chunks is not None:
            for chunk in chunks:
                message += f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n"
            message += b"0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in trailers).encode() + b"\r\n"
        elif body is not None:
            message += body
        start = time.monotonic()
        try:
            self.socket.sendall(message)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before it was all sent: the answer may be there all the same
        response = http.client.HTTPResponse(self.socket, method=method)
        response.begin()
        content = response.read()
        found = [(name.lower(), value) for name, value in response.getheaders()]
        return Answer(response.status, found, content, time.monotonic() - start)


def send(address, *arguments, **options):
    """One request on a connection of its own."""
    with Connection(address) as connection:
        return connection.send(*arguments, **options)


@dataclasses.dataclass
class Request:
    method: str
    target: str
    headers: list  # (name as sent, value)
    length: int
    digest: str
    trailers: list

    def values(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]


def read_fields(file):
    fields = []
    while (line := file.readline(1 << 20)) not in (b"\r\n", b"\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        fields.append((name, value.strip()))
    return fields


def read_request(file):
    """None at the connection's end."""
    start = file.readline(1 << 20).decode("latin-1").split()
    if len(start) != 3:
        return None
    headers = read_fields(file)
    trailers = []
    body = b""
    named = {name.lower(): value for name, value in headers}
    if "chunked" in named.get("transfer-encoding", ""):
        while size := int(file.readline().split(b";")[0], 16):
            body += file.read(size)
            file.readline()
        trailers = read_fields(file)
    elif "content-length" in named:
        body = file.read(int(named["content-length"]))
    return Request(start[0], start[1], headers, len(body), hashlib.sha256(body).hexdigest(), trailers)


class Server:
    """Answers each request by `answer(request)` → (status, headers, body), and None closes the connection."""

    def __init__(self, answer):
        class Handler(socketserver.StreamRequestHandler):
            timeout = 60

            def handle(self):
                try:
                    while request := read_request(self.rfile):
                        reply = answer(request)
                        if reply is None:
                            return
                        status, headers, body = reply
                        lines = [f"HTTP/1.1 {status} Status"] + [f"{name}: {value}" for name, value in headers]
                        if status != 204:
                            lines.append(f"Content-Length: {len(body)}")
                        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
                        self.wfile.write(head + (b"" if request.method == "HEAD" or status == 204 else body))
                except (OSError, ValueError):
                    pass  # a gateway that closes its connections

        class Listener(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 128

        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.address = "127.0.0.1:%d" % self.listener.server_address[1]
        threading.Thread(target=self.listener.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.listener.shutdown()
        self.listener.server_close()


class API:
    """What the gateways stand in front of: tells what reached it, and keeps it by the `X-Trial` of the request. `tokens`:
    what came with the gateway's own token, which is Tollgate's alone."""

    def __init__(self):
        self.seen = {}
        self.tokens = []
        self.server = Server(self.answer)
        self.address = self.server.address

    def answer(self, request):
        for trial in request.values("x-trial"):
            self.seen[trial] = request
        if request.values("tollgate-gateway-token"):
            self.tokens.append(request.target)
        return 200, [("Content-Type", "application/json")], json.dumps(dataclasses.asdict(request)).encode()


class Answerer:
    """Gives the answer that the key names, as no Tollgate does: `status-402-…`, `bare-…` (200 without a Tollgate header);
    to any other it hangs up. Keeps the requests by their keys."""

    def __init__(self):
        self.seen = {}
        self.server = Server(self.answer)
        self.address = self.server.address

    def answer(self, request):
        key = (request.values("authorization") or ["Bearer none"])[0].removeprefix("Bearer ")
        self.seen[key] = request
        if not key.startswith(("status-", "bare-")):
            return None
        if key.startswith("bare-"):
            return 200, [], b""
        status = int(key.split("-")[1])
        headers = [("Tollgate-Customer", "cus_scripted"), ("Tollgate-Reason", "scripted"), ("Retry-After", "7")]
        if status == 401:
            headers.append(("WWW-Authenticate", "Bearer"))
        if status == 302:
            headers.append(("Location", "http://127.0.0.1:9/"))
        headers.append(("Content-Type", "application/problem+json"))
        return status, headers, b"" if status == 200 else b'{"code":"scripted"}'
