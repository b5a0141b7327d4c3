#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From the start of a process to the first token: ours against llama-server's.

Usage: load_time.py ABSTRACTLLM LLAMA_SERVER MODEL.gguf [ROUNDS]

Both with a context of 8192 tokens, four slots and no warm-up, in turn, the file in the system's cache. Prints medians and
their ratio."""

import json
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request

BODY = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1, "temperature": 0}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ours(tool: str, model: str) -> tuple:
    began = time.monotonic()
    done = subprocess.run([tool, "generate", "-m", model, "--max-tokens", "1", "--temperature", "0", "--json", "-q", "Hi"],
                          check=True, capture_output=True)
    return time.monotonic() - began, json.loads(done.stdout)["timing"]["model"]["load_ms"] / 1000


def theirs(server: str, model: str) -> float:
    port = free_port()
    began = time.monotonic()
    process = subprocess.Popen([server, "-m", model, "--port", str(port), "-c", "8192", "-np", "4", "--no-warmup"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/chat/completions", json.dumps(BODY).encode(),
                                             {"Content-Type": "application/json"})
            try:
                with urllib.request.urlopen(request) as answer:
                    answer.read()
                return time.monotonic() - began
            except (urllib.error.URLError, ConnectionError):  # not listening, or still loading (503)
                time.sleep(0.005)
    finally:
        process.kill()
        process.wait()


def main() -> int:
    if len(sys.argv) not in (4, 5):
        print(__doc__, file=sys.stderr)
        return 2
    tool, server, model = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) == 5 else 7
    ours(tool, model), theirs(server, model)
    pairs = [(ours(tool, model), theirs(server, model)) for _ in range(rounds)]
    whole = statistics.median(mine[0] for mine, _ in pairs)
    load = statistics.median(mine[1] for mine, _ in pairs)
    server_whole = statistics.median(other for _, other in pairs)
    ratio = statistics.median(mine[0] / other for mine, other in pairs)
    print(f"to the first token: abstractllm {whole:.3f} s (load {load:.3f} s), llama-server {server_whole:.3f} s; ratio {ratio:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
