# SPDX-License-Identifier: Apache-2.0
"""A server on this machine that does exactly what a test tells it, down to the byte."""

import json
import select
import socket
import threading
import time


class Request:
    def __init__(self, head: str, body: bytes):
        self.line, *lines = head.split("\r\n")
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.body = body

    def json(self):
        return json.loads(self.body)


class Connection:
    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""

    def read_request(self):
        """The next request, or None where the client has closed."""
        while b"\r\n\r\n" not in self.buffer:
            more = self.sock.recv(65536)
            if not more:
                return None
            self.buffer += more
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        request = Request(head.decode("latin-1"), b"")
        size = int(request.headers.get("content-length", "0"))
        while len(self.buffer) < size:
            self.buffer += self.sock.recv(65536)
        request.body, self.buffer = self.buffer[:size], self.buffer[size:]
        return request

    def send(self, data):
        self.sock.sendall(data if isinstance(data, bytes) else data.encode())

    def head(self, status="200 OK", content_type="text/event-stream", **headers):
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join(lines) + "\r\n\r\n")

    def answer(self, body, status="200 OK", content_type="application/json", **headers):
        data = body if isinstance(body, bytes) else body.encode()
        self.head(status, content_type, Content_Length=len(data), **headers)
        self.send(data)

    def wait_until_read(self):
        """Until the client has read all that was sent: nothing is left in the queues of either end (proc_pid_net(5))."""
        ours, theirs = (f":{address[1]:04X}" for address in (self.sock.getsockname(), self.sock.getpeername()))
        left = True
        while left:
            with open("/proc/net/tcp", encoding="ascii") as table:
                rows = [line.split() for line in table.readlines()[1:]]
            left = [row[4] for row in rows if {row[1][8:], row[2][8:]} == {ours, theirs} and row[4] != "00000000:00000000"]

    def reset(self):
        """Closes so that the other side sees a reset and no end."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.close()

    def wait_closed(self, seconds):
        """Whether the client closes within that time."""
        readable, _, _ = select.select([self.sock], [], [], seconds)
        try:
            return bool(readable) and self.sock.recv(1) == b""
        except ConnectionResetError:
            return True


class Server:
    """Runs `handler(connection, request, number)` for each request, numbered from 1; each connection in a thread."""

    def __init__(self, handler, wrap=None, family=socket.AF_INET):
        self.handler = handler
        self.wrap = wrap
        self.requests = []
        self.connections = 0
        self.lock = threading.Lock()
        self.listener = socket.socket(family)
        self.listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        try:
            if self.wrap:
                sock = self.wrap(sock)
            connection = Connection(sock)
            while request := connection.read_request():
                with self.lock:
                    self.requests.append(request)
                    number = len(self.requests)
                if self.handler(connection, request, number) == "close":
                    break
        except OSError:
            pass  # the client went away: that is its right, and what it was told is checked by the test
        finally:
            sock.close()


def chunk(text=None, reason=None):
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return "data: " + json.dumps({"id": "c", "model": "m", "choices": [choice]}) + "\n\n"


def stream(*words):
    return "".join(chunk(word) for word in words) + chunk(reason="stop") + "data: [DONE]\n\n"


def error_body(message="no", code=None, kind="invalid_request_error"):
    return json.dumps({"error": {"message": message, "type": kind, "code": code}})


def send_stream(connection, data):
    """One streamed answer whose end is the connection's."""
    connection.head(Connection="close")
    connection.send(data)
    return "close"


def wait(seconds):
    time.sleep(seconds)
