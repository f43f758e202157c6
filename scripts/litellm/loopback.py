# SPDX-License-Identifier: Apache-2.0
"""An HTTP/1.1 server of this machine alone, on a free port, with a thread for each connection."""

import http.client
import http.server
import threading


class Loopback:
    """Each request goes to `answer(handler)`; if that fails, the connection ends."""

    methods = ("GET", "PUT", "POST")

    def __init__(self):
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def pass_on(self):
                try:
                    server.answer(self)
                except (OSError, ValueError, http.client.HTTPException):
                    self.close_connection = True  # the other side has gone

            def log_message(self, *_):
                pass

        for method in self.methods:
            setattr(Handler, "do_" + method, Handler.pass_on)

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self.lock = threading.Lock()
        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.address = "127.0.0.1:%d" % self.listener.server_address[1]
        threading.Thread(target=self.listener.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, handler):
        raise NotImplementedError

    def stop(self):
        self.listener.shutdown()
        self.listener.server_close()
