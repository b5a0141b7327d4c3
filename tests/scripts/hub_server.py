#!/usr/bin/env python3
"""A model hub on the loopback for quickstart_test.sh: hub_server.py FILE LOG PORT_FILE

Serves FILE under every path, with ranges; the first folder of the path asks for trouble:
/cut closes each first (unranged) answer half way, /plain knows no ranges, /wrong changes a byte, /denied answers 401.
"""

import http.server
import sys


class Hub(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        range_header = self.headers.get("Range", "")
        log.write(f"{self.path} range={range_header or '-'} auth={self.headers.get('Authorization', '-')}\n")
        log.flush()
        mode = self.path.split("/")[1]
        if mode == "denied":
            self.send_error(401)
            return
        start = int(range_header[6:].split("-")[0]) if range_header and mode != "plain" else 0
        if start >= len(content):
            self.send_error(416)
            return
        body = content[start:]
        if mode == "wrong":
            body = body[:-1] + b"!"
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if mode == "cut" and not start else body)

    def log_message(self, *_):
        pass


with open(sys.argv[1], "rb") as file:
    content = file.read()
log = open(sys.argv[2], "a", encoding="utf-8")
server = http.server.HTTPServer(("127.0.0.1", 0), Hub)
with open(sys.argv[3], "w", encoding="utf-8") as port_file:
    port_file.write(f"{server.server_port}\n")
server.serve_forever()
