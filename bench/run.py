#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures what docs/performance.md states. Figures are ratios of two things run in turn, or counts.

Usage: bench/run.py MODEL.gguf [decode|parallel|overhead|startup|interrupt|http|many|one_call|cancel_all|local_many|images|fresh_process|memory|prefix|include]...   (all without a name)
Build first: cmake --build --preset release --target abstractllm_cli llama-bench llama-server decode_speed stream_overhead
(with -DABSTRACTLLM_BENCHMARKS=ON). All run from build/release.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"
BIN = BUILD / "bin"
THREADS = str(os.cpu_count())
TOKENS = 256
ROUNDS = 9


def output(*command: object) -> str:
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout


def peak_kib(*command: object) -> int:
    """Peak resident size of one child. Through GNU time: a child of this program would be counted with its size."""
    timed = subprocess.run(["/usr/bin/time", "-f", "%M", *map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return int(timed.stderr.splitlines()[-1])


def show(name: str, ours: list[float], theirs: list[float]) -> None:
    ratios = [a / b for a, b in zip(ours, theirs)]
    print(f"{name}: ours {statistics.median(ours):.2f}, theirs {statistics.median(theirs):.2f}, "
          f"ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f}, {len(ratios)} pairs)")


def around(ours, theirs) -> tuple[float, float]:
    """Ours before and after theirs: what drifts on the machine falls out of the ratio."""
    before, other, after = ours(), theirs(), ours()
    return (before + after) / 2, other


def our_speed(model: str, calls: int) -> float:
    return json.loads(output(BUILD / "bench/decode_speed", model, THREADS, TOKENS, calls))["tokens_per_second"]


def bench_speed(model: str) -> float:
    # -d: at the depth that a short prompt leaves, as ours has one too
    text = output(BIN / "llama-bench", "-m", model, "-t", THREADS, "-p", 0, "-n", TOKENS, "-d", 40, "-r", 1, "-o", "json")
    return json.loads(text)[0]["avg_ts"]


def decode(model: str) -> None:
    pairs = [around(lambda: our_speed(model, 1), lambda: bench_speed(model)) for _ in range(ROUNDS)]
    show("decode, tokens/s, stream() against llama-bench", [p[0] for p in pairs], [p[1] for p in pairs])


class Server:
    """llama-server of the same build, with the settings that our engine uses."""

    def __init__(self, model: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [str(BIN / "llama-server"), "-m", model, "-t", THREADS, "-np", "4", "-c", "8192", "--kv-unified", "--port", str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self) -> "Server":
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=1)
                return self
            except OSError:
                time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def stream(self, number: int) -> tuple[int, float, float]:
        body = {"messages": [{"role": "user", "content": f"Tell me a long story about the number {number}."}], "temperature": 0,
                "max_tokens": TOKENS, "stream": True, "ignore_eos": True}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/chat/completions", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        first = last = 0.0
        count = 0
        for line in urllib.request.urlopen(request):
            if b'"content":"' in line:
                last = time.perf_counter()
                first = first or last
                count += 1
        return count, first, last

    def speed(self, calls: int) -> float:
        with concurrent.futures.ThreadPoolExecutor(calls) as pool:
            runs = list(pool.map(self.stream, range(1, calls + 1)))
        return sum(r[0] - 1 for r in runs) / (max(r[2] for r in runs) - min(r[1] for r in runs))


def parallel(model: str) -> None:
    with Server(model) as server:
        server.speed(1)
        pairs = [around(lambda: our_speed(model, 4), lambda: server.speed(4)) for _ in range(ROUNDS)]
    show("four calls at once, tokens/s together, against llama-server", [p[0] for p in pairs], [p[1] for p in pairs])


def overhead(_: str) -> None:
    text = output(BUILD / "bench/stream_overhead", "--benchmark_format=json", "--benchmark_min_time=2")
    rows = {b["name"]: b for b in json.loads(text)["benchmarks"]}
    stream = rows["stream"]
    # us_per_event is an inverted rate: seconds of CPU for a million events, so its figure is in microseconds
    print(f"our layers: {stream['us_per_event']:.3f} us of CPU and {stream['allocations_per_event']:.3f} allocations an event; "
          f"{rows['whole_call']['allocations_per_call']:.0f} allocations to merge and encode a call")


def startup(_: str) -> None:
    tool = BIN / "abstractllm"
    for name, command in (("--version", [tool, "--version"]), ("no-model error", [tool, "generate", "-m", "missing.gguf", "hi"])):
        times = []
        for _ in range(40):
            began = time.perf_counter()
            subprocess.run([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            times.append((time.perf_counter() - began) * 1000)
        print(f"{name}: {statistics.median(times):.1f} ms (fastest {min(times):.1f}), {peak_kib(*command) / 1024:.1f} MiB resident")


def interrupt(model: str) -> None:
    """Ctrl-C in the middle of an answer, to the end of the process."""
    times = []
    for _ in range(15):
        process = subprocess.Popen([str(BIN / "abstractllm"), "generate", "-m", model, "--max-tokens", "2000", "Write a long story."],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        process.stdout.read(40)
        began = time.perf_counter()
        process.send_signal(signal.SIGINT)
        process.wait()
        times.append((time.perf_counter() - began) * 1000)
        assert process.returncode == 130, process.returncode
    print(f"Ctrl-C to exit: median {statistics.median(times):.1f} ms, slowest {max(times):.1f} ms of {len(times)}")


def http(_: str) -> None:
    """Ours against bare libcurl on the same work, in turn; CPU and wall time of the client alone."""
    server = subprocess.Popen([str(BUILD / "bench/http_server")], stdout=subprocess.PIPE, text=True)
    origin = f"http://127.0.0.1:{server.stdout.readline().strip()}"
    protocols = ("openai_chat", "openai_responses", "anthropic_messages", "ollama_chat")

    def client(who: str, protocol: str, how: str, count: int) -> dict:
        return json.loads(output(BUILD / "bench/http_client", who, protocol, how, count, origin))

    def pairs(protocol: str, how: str, count: int, rounds: int = ROUNDS) -> list:
        return [(client("ours", protocol, how, count), client("floor", protocol, how, count)) for _ in range(rounds)]

    def line(name: str, measured: list, key: str, per: float) -> None:
        show(name, [p[0][key] / per for p in measured], [p[1][key] / per for p in measured])

    try:
        calls = pairs("openai_chat", "calls", 1000)
        line("blocking calls, CPU us a call, against libcurl", calls, "cpu_us", 1000)
        line("blocking calls, wall us a call, against libcurl", calls, "wall_us", 1000)
        print(f"allocations a call: {calls[0][0]['allocations'] / 1000:.0f}")
        for protocol in protocols:
            burst = pairs(protocol, "burst", 20)
            line(f"{protocol}: burst, CPU us an event, against libcurl", burst, "cpu_us", 20 * 5000)
            print(f"    allocations an event: {burst[0][0]['allocations'] / (20 * 5000):.2f}")
        paced = pairs("openai_chat", "paced", 2)
        line("an event each millisecond, CPU us an event, against libcurl", paced, "cpu_us", 2 * 1000)
        line("an event each millisecond, p50 us to delivery, against libcurl", paced, "delay_p50_us", 1)
        delayed = pairs("openai_chat", "delayed", 50)
        line("first token after 20 ms, wall us, against libcurl", delayed, "wall_us", 50)
        first = [(client("ours", "openai_chat", "delayed", 1), client("floor", "openai_chat", "delayed", 1)) for _ in range(ROUNDS)]
        line("first call of a process, wall us, against libcurl", first, "wall_us", 1)
        for who in ("ours", "drop"):
            cancel = client(who, "openai_chat", "silent", 100)
            print(f"cancel on a silent server ({'stop token' if who == 'ours' else 'dropped stream'}): p50 {cancel['p50_us']:.0f} us, max {cancel['max_us']:.0f} us")
    finally:
        server.kill()


def many(_: str) -> None:
    """Streams at once, 20 events a second each, on one loop thread; ours and bare libcurl in turn."""
    events = 100
    server = subprocess.Popen([str(BUILD / "bench/stream_server"), str(events)], stdout=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"

    def client(how: str, streams: int) -> dict:
        return json.loads(output(BUILD / "bench/async_client", how, streams, events, url))

    try:
        for streams in (200, 1000, 2000, 5000, 9000):
            for how in ("ours", "coroutines", "floor"):
                print(streams, how, client(how, streams))
    finally:
        server.kill()


def one_call(_: str) -> None:
    """An asynchronous call against a blocking one, and a coroutine against a callback, one after the other."""
    server = subprocess.Popen([str(BUILD / "bench/http_server")], stdout=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/calls"

    def client(how: str) -> dict:
        return json.loads(output(BUILD / "bench/async_client", how, 2000, 1, url))

    try:
        rounds = [(client("callback"), client("blocking"), client("coroutine")) for _ in range(ROUNDS)]
        for key in ("cpu_us", "wall_us"):
            show(f"callback against blocking, {key}", [r[0][key] for r in rounds], [r[1][key] for r in rounds])
            show(f"coroutine against callback, {key}", [r[2][key] for r in rounds], [r[0][key] for r in rounds])
    finally:
        server.kill()


def cancel_all(_: str) -> None:
    """1,000 running streams stopped at once."""
    server = subprocess.Popen([str(BUILD / "bench/stream_server"), "100000"], stdout=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
    try:
        for _ in range(3):
            print("1,000 streams stopped:", output(BUILD / "bench/async_client", "cancel", 1000, 1, url).strip())
    finally:
        server.kill()


def local_many(model: str) -> None:
    """200 calls at once to the model in this process, and to the engine's own server with the same settings."""
    with Server(model) as server:
        body = {"messages": [{"role": "user", "content": "Count to ten."}], "temperature": 0, "max_tokens": 32, "ignore_eos": True}

        def theirs() -> float:
            def one(_: int) -> None:
                urllib.request.urlopen(urllib.request.Request(
                    f"http://127.0.0.1:{server.port}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})).read()
            began = time.perf_counter()
            with concurrent.futures.ThreadPoolExecutor(200) as pool:
                list(pool.map(one, range(200)))
            return 200 * 32 / (time.perf_counter() - began)

        def ours() -> float:
            return json.loads(output(BUILD / "bench/local_many", model, THREADS, 32, 200))["tokens_per_second"]

        theirs()
        pairs = [around(ours, theirs) for _ in range(3)]
    show("200 calls at once, tokens/s together, against llama-server", [p[0] for p in pairs], [p[1] for p in pairs])


def images(_: str) -> None:
    """Memory to send a picture of 15 MB, beyond that of sending a tiny one; speed of base64."""
    class Quiet(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            left = int(self.headers["Content-Length"])
            while left > 0:
                left -= len(self.rfile.read(min(left, 1 << 16)))
            body = b'{"choices": [{"message": {"content": "A cat."}, "finish_reason": "stop"}]}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\4\0\0\0\4\0\x08\2\0\0\0"
    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        def peak(size: int) -> int:
            path = pathlib.Path(folder) / f"{size}.png"
            path.write_bytes(head + os.urandom(size - len(head)))
            return peak_kib(BIN / "abstractllm", "generate", "-p", "openai_compatible", "--base-url", f"http://127.0.0.1:{server.server_port}/v1", "-i", path, "Hi")
        size = 15_000_000
        above = [(peak(size) - peak(1000)) * 1024 for _ in range(3)]
    server.shutdown()
    encoded = size * 4 // 3
    print(f"a picture of {size} bytes: {statistics.median(above) / encoded:.2f} of its encoded size in memory, {(statistics.median(above) - size) / encoded:.2f} above the file's size")
    print("base64:", output(BUILD / "bench/base64_speed").strip())


def fresh_process(_: str) -> None:
    """From exec to the first answer, ours and bare libcurl; peak memory."""
    server = subprocess.Popen([str(BUILD / "bench/http_server")], stdout=subprocess.PIPE, text=True)
    origin = f"http://127.0.0.1:{server.stdout.readline().strip()}"

    def once(who: str) -> float:
        began = time.perf_counter()
        output(BUILD / "bench/http_client", who, "openai_chat", "calls", 1, origin)
        return (time.perf_counter() - began) * 1000

    try:
        once("ours"), once("floor")
        pairs = [(once("ours"), once("floor")) for _ in range(20)]
        show("process start to answers, ms, against libcurl", [p[0] for p in pairs], [p[1] for p in pairs])
        print(f"resident: ours {peak_kib(BUILD / 'bench/http_client', 'ours', 'openai_chat', 'calls', 1, origin) / 1024:.1f} MiB, "
              f"libcurl {peak_kib(BUILD / 'bench/http_client', 'floor', 'openai_chat', 'calls', 1, origin) / 1024:.1f} MiB")
    finally:
        server.kill()


def memory(model: str) -> None:
    ours = peak_kib(BIN / "abstractllm", "generate", "-m", model, "--threads", THREADS, "--context-size", 512, "--parallel", 1, "--temperature", 0, "--max-tokens", 128, "Tell me a story.")
    theirs = peak_kib(BIN / "llama-bench", "-m", model, "-t", THREADS, "-p", 0, "-n", 128, "-r", 1)
    default = peak_kib(BIN / "abstractllm", "generate", "-m", model, "--threads", THREADS, "--temperature", 0, "--max-tokens", 128, "Tell me a story.")
    print(f"peak memory: {ours / 1024:.0f} MiB with 512 tokens of context and one slot, llama-bench {theirs / 1024:.0f} MiB: "
          f"ratio {ours / theirs:.3f}; {default / 1024:.0f} MiB with our defaults (8192 tokens, 4 slots)")


def prefix(model: str) -> None:
    text = output(BUILD / "bench/prefix_reuse", model, THREADS)
    print("shared prefix:", text.strip())


def include(_: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ours = pathlib.Path(folder, "ours.cpp")
        ours.write_text("#include <abstractllm/abstractllm.hpp>\nint main() {}\n")
        base = pathlib.Path(folder, "base.cpp")
        base.write_text("#include <string>\n#include <vector>\n#include <map>\n#include <functional>\n#include <memory>\n#include <variant>\n"
                        "#include <optional>\n#include <chrono>\n#include <stop_token>\nint main() {}\n")

        def cost(source: pathlib.Path) -> float:
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            subprocess.run(["g++", "-std=c++20", "-c", f"-I{ROOT}/include", str(source), "-o", os.devnull], check=True)
            return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before

        cost(ours)
        pairs = [(cost(ours), cost(base)) for _ in range(ROUNDS)]
    show("#include <abstractllm/abstractllm.hpp>, CPU seconds, against the standard headers in it", [p[0] for p in pairs], [p[1] for p in pairs])


ALL = {f.__name__: f for f in (decode, parallel, overhead, startup, interrupt, http, many, one_call, cancel_all, local_many, images, fresh_process, memory, prefix, include)}


def main() -> int:
    if len(sys.argv) < 2 or not re.search(r"\.gguf$", sys.argv[1]):
        sys.exit(__doc__)
    for name in sys.argv[2:] or ALL:
        ALL[name](sys.argv[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
