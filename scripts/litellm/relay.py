# SPDX-License-Identifier: Apache-2.0
"""What lies between LiteLLM and Tollgate: passes requests on, and loses the answers that it is told to lose, or
answers 503 in place of Tollgate."""

import http.client

import loopback


class Relay(loopback.Loopback):
    def __init__(self, address):
        self.target = address
        self.rules = []  # [a part of "METHOD path", how many more, whether the request arrives; None: it is answered 503]
        self.passed = []  # "METHOD path", of what has reached Tollgate
        super().__init__()

    def lose(self, part, times=1, arrives=True):
        with self.lock:
            self.rules.append([part, times, arrives])

    def refuse(self, part, times=1):
        with self.lock:
            self.rules.append([part, times, None])

    def lose_nothing(self):
        with self.lock:
            self.rules.clear()

    def rule(self, line):
        with self.lock:
            for rule in self.rules:
                if rule[0] in line and rule[1]:
                    rule[1] -= 1
                    return rule
        return None

    def answer(self, handler):
        line = f"{handler.command} {handler.path}"
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        rule = self.rule(line)
        if rule and rule[2] is None:
            handler.send_response_only(503)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        if rule and not rule[2]:
            handler.close_connection = True
            return
        connection = http.client.HTTPConnection(self.target, timeout=30)
        try:
            connection.putrequest(handler.command, handler.path, skip_accept_encoding=True)
            for name, value in handler.headers.items():
                if name.lower() not in ("host", "connection"):
                    connection.putheader(name, value)
            connection.endheaders(body or None)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        with self.lock:
            self.passed.append(line)
        if rule:
            handler.close_connection = True
            return
        handler.send_response_only(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
