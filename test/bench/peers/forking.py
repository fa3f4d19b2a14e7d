"""A process per client as Python's own library does it: `python3 forking.py PORT`."""

import socketserver
import sys
import time


class Service(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            if line == b"time\r\n":
                self.wfile.write(time.strftime("%Y/%m/%d %H:%M:%S\r\n").encode())
            elif line == b"quit\r\n":
                self.wfile.write(b"quit\r\n")
                return


class Server(socketserver.ForkingTCPServer):
    request_queue_size = 511
    allow_reuse_address = True
    max_children = 10_000  # by default 40, after which clients wait for one to leave


with Server(("127.0.0.1", int(sys.argv[1])), Service) as server:
    server.serve_forever()
