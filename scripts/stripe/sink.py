# SPDX-License-Identifier: Apache-2.0
"""Takes webhooks, for scripts/stripe/shapes.py and scripts/stripe/story.py."""

import loopback


class Sink(loopback.Loopback):
    """Keeps what is posted to it.
    status: from a body to what is answered"""

    methods = ("POST",)

    def __init__(self, status):
        self.seen, self.status = [], status
        super().__init__()

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        with self.lock:
            self.seen.append((body, handler.headers["Stripe-Signature"]))
        handler.send_response(self.status(body))
        handler.send_header("Content-Length", "0")
        handler.end_headers()
