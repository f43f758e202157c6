# SPDX-License-Identifier: Apache-2.0
"""The programs of a trial: the real Tollgate, and each gateway with exactly its file of docker/gateways."""

import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import wire

FILES = pathlib.Path("docker/gateways")
GATEWAY_TOKEN = "gateway-token-of-the-trial"
ADMIN_TOKEN = "admin-token-of-the-trial"


def free_address():
    # Below what the system hands out by itself, so that no client's connection takes it meanwhile.
    for _ in range(100):
        address = ("127.0.0.1", random.randrange(20000, 30000))
        with socket.socket() as listener:
            try:
                listener.bind(address)
            except OSError:
                continue
            return "%s:%d" % address
    raise RuntimeError("no port is free")


def listens(address):
    host, port = address.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
        return True
    except OSError:
        return False


def wait(what, condition, seconds=30):
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise RuntimeError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)
    return found


class Program:
    """A process with its output in a file; ended by its id."""

    def __init__(self, name, command, folder, environment=None):
        self.log = folder / f"{name}.log"
        self.name = name
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_until(self, condition):
        def over():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} has ended")
            return condition()
        try:
            wait(self.name, over)
        except BaseException:
            self.end()
            print(self.log.read_text(errors="replace")[-4000:], file=sys.stderr)
            raise

    def end(self, kind=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(kind)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Tollgate:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.address = free_address()
        self.environment = {
            **os.environ,
            "TOLLGATE_PUBLIC_ADDRESS": free_address(), "TOLLGATE_PRIVATE_ADDRESS": self.address,
            "TOLLGATE_SPOOL_DIR": str(folder / "spool"),
            "TOLLGATE_GATEWAY_TOKEN": GATEWAY_TOKEN, "TOLLGATE_ADMIN_TOKEN": ADMIN_TOKEN,
            "STRIPE_WEBHOOK_SECRET": "whsec_gateways0123456789abcdef012345678", "STRIPE_MODE": "test",
        }
        self.start()

    def start(self):
        self.running = Program("tollgate", [self.program, "serve"], self.folder, self.environment)
        self.running.wait_until(lambda: listens(self.address))
        wait("Tollgate to be ready", self.is_ready)

    def is_ready(self):
        try:
            return urllib.request.urlopen(f"http://{self.address}/readyz", timeout=5).status == 200
        except OSError:
            return False

    def end(self, kind=signal.SIGTERM):
        self.running.end(kind)

    def pause(self):
        self.running.process.send_signal(signal.SIGSTOP)
        # Its threads may answer for a moment yet.
        tasks = pathlib.Path(f"/proc/{self.running.process.pid}/task")
        end = time.monotonic() + 10
        while any(stat.read_text().rpartition(")")[2].split()[0] not in "Tt" for stat in tasks.glob("*/stat")):
            if time.monotonic() > end:
                raise RuntimeError("Tollgate does not stop")
            time.sleep(0.01)

    def go_on(self):
        self.running.process.send_signal(signal.SIGCONT)

    def administer(self, method, path, body=None, headers=()):
        request = urllib.request.Request(
            f"http://{self.address}/admin/v1{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": "application/json", **dict(headers)})
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from error
        return json.loads(text) if text else None

    def override(self, customer, allowed, until=None):
        self.administer("PUT", f"/customers/{customer}/override",
                        {"allowed": allowed, "reason": "the gateways are tried", "until": until})

    def grant(self, customer, credits):
        self.administer("POST", f"/customers/{customer}/credits", {"amount": credits, "reason": "the gateways are tried"},
                        [("Idempotency-Key", f"trial-{customer}")])

    def make_key(self, customer, name):
        return self.administer("POST", f"/customers/{customer}/keys", {"label": name}, [("Idempotency-Key", name)])

    def delete_key(self, key):
        self.administer("DELETE", f"/keys/{key}")


class Gateway:
    """One of docker/gateways, with other addresses and nothing else changed."""

    name = ""

    def __init__(self, folder, authorizer, api, token=GATEWAY_TOKEN):
        self.folder = folder
        folder.mkdir(parents=True)
        self.address = free_address()
        self.authorizer, self.api = authorizer, api
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder),
            "GATEWAY_ADDRESS": self.address, "AUTHORIZE_ADDRESS": authorizer, "API_ADDRESS": api,
            "TOLLGATE_GATEWAY_TOKEN": token,
        }
        self.running = Program(self.name, self.command(), folder, self.environment)
        self.running.wait_until(self.is_ready)

    def is_ready(self):
        return listens(self.address)

    def command(self):
        raise NotImplementedError

    def copy(self, file, replaced=(), to=None):
        """Each text that is replaced has to stand there."""
        text = (FILES / file).read_text()
        for old, new in replaced:
            if old not in text:
                raise RuntimeError(f"{file} has no {old}")
            text = text.replace(old, new)
        (self.folder / (to or file)).write_text(text)

    def end(self):
        self.running.end()


class NGINX(Gateway):
    name = "nginx"

    def command(self):
        # As the image does it: these names and no other.
        names = ["GATEWAY_ADDRESS", "AUTHORIZE_ADDRESS", "API_ADDRESS", "TOLLGATE_GATEWAY_TOKEN"]
        self.copy("nginx.conf.template", [("${%s}" % name, self.environment[name]) for name in names], to="tollgate.conf")
        self.copy("nginx.conf")
        return [shutil.which("nginx") or "/usr/sbin/nginx", "-e", "stderr", "-p", str(self.folder), "-c", "nginx.conf"]


class Envoy(Gateway):
    name = "Envoy"

    def command(self):
        port = lambda address: "port_value: " + address.rsplit(":", 1)[1]
        self.copy("envoy.yaml", [
            ("address: 0.0.0.0, port_value: 8000", "address: 127.0.0.1, " + port(self.address)),
            ("port_value: 8081", port(self.authorizer)), ("port_value: 9000", port(self.api))])
        # No hot restart: several run at once.
        return [f"{sys.prefix}/bin/envoy", "-c", "envoy.yaml", "--disable-hot-restart", "--concurrency", "2",
                "--log-level", "warning"]


class Traefik(Gateway):
    name = "Traefik"

    def is_ready(self):
        # It listens before it has read what it serves, and answers 404 then.
        return listens(self.address) and wire.send(self.address, "GET", "/").status != 404

    def command(self):
        inner = free_address()
        self.copy("traefik.yaml", [('":8000"', f'"{self.address}"'), ("127.0.0.1:8001", inner)])
        self.copy("traefik-dynamic.yaml", [("127.0.0.1:8001", inner)])
        return [f"{sys.prefix}/bin/traefik", "--configFile=traefik.yaml"]


class Caddy(Gateway):
    name = "Caddy"

    def command(self):
        self.copy("Caddyfile")
        self.environment["GATEWAY_HOST"], self.environment["GATEWAY_PORT"] = self.address.split(":")
        self.environment["CADDY_ADMIN"] = free_address()
        return ["caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"]


class HAProxy(Gateway):
    name = "HAProxy"

    def command(self):
        self.copy("haproxy.cfg")
        self.copy("tollgate.lua")
        self.environment["TOLLGATE_LUA"] = f"{self.folder}/tollgate.lua"
        return [shutil.which("haproxy") or "/usr/sbin/haproxy", "-db", "-f", "haproxy.cfg"]


GATEWAYS = [NGINX, Envoy, Traefik, Caddy, HAProxy]
