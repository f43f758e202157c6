# SPDX-License-Identifier: Apache-2.0
"""Starts localstripe, a Stripe that nobody here wrote, for this machine alone: local.py

Never by its own `main`: that listens on all addresses and keeps its data as a pickle in /tmp, which this one does not write.
scripts/stripe/story.py uses it."""

import logging
import socket

from aiohttp import web
from localstripe import resources, server

if __name__ == "__main__":
    resources.Store.dump_to_disk = lambda store: None
    # It tells here what became of each webhook.
    logging.basicConfig(level=logging.INFO)
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    web.run_app(server.app, sock=listener, print=None)
