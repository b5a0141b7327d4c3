#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the vectors of 1,000 sentences in this process, with llama-server of the same build and with
sentence-transformers, in turn, on the same processor and model.

Usage: bench/embeddings.py FOLDER MODEL.gguf PYTHON [ROUNDS [THREADS]]

FOLDER is the checkpoint of all-MiniLM-L6-v2, MODEL.gguf what `abstractllm import FOLDER -o MODEL.gguf` makes of it, PYTHON an
interpreter that has sentence-transformers, or - to leave it out. Build first: cmake --build --preset release --target embed_speed
llama-server (with -DABSTRACTLLM_BENCHMARKS=ON). CPU seconds are those of all threads of whoever computes."""

import json
import os
import pathlib
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPEED = pathlib.Path(os.environ.get("EMBED_SPEED", ROOT / "build/release/bench/embed_speed"))
SERVER = pathlib.Path(os.environ.get("LLAMA_SERVER", ROOT / "build/release/bin/llama-server"))
sys.path.insert(0, str(ROOT / "tests/import"))
from sentence_pairs import PAIRS  # noqa: E402

OTHERS = """
import json, sys, time, torch
torch.set_num_threads(int(sys.argv[3]))
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[1], device="cpu")
texts = open(sys.argv[2], encoding="utf-8").read().splitlines()
model.encode(texts)
print("ready", flush=True)
for _ in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    made = model.encode(texts)
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "count": len(made), "first": float(made[0][0])}),
          flush=True)
"""


def sentences(count: int) -> list[str]:
    """One to four sentences each, the same every time."""
    known, rng = sorted({text for pair in PAIRS for text in pair if text.strip() and text.isprintable() and len(text) < 200}), random.Random(1)
    return [" ".join(rng.choice(known) for _ in range(rng.choice((1, 1, 1, 2, 2, 4)))) for _ in range(count)]


class Contender:
    def __init__(self, *command: object, computes: int = 0) -> None:
        env = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "TRANSFORMERS_VERBOSITY": "error"}
        self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True, env=env)
        self.computes = computes
        assert self.process.stdout.readline() == "ready\n", command

    def once(self) -> dict:
        before = cpu_of(self.computes) if self.computes else 0.0
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        found = json.loads(self.process.stdout.readline())
        if self.computes:
            found["cpu"] = cpu_of(self.computes) - before
        return found

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def cpu_of(process: int) -> float:
    fields = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start_server(model: str, threads: str) -> tuple[subprocess.Popen, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([str(SERVER), "-m", model, "--embedding", "-t", threads, "--port", str(port)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1)
            return process, f"http://127.0.0.1:{port}/v1"
        except OSError:
            time.sleep(0.1)


def show(name: str, rounds: list[tuple[dict, dict]]) -> None:
    for what in ("wall", "cpu"):
        ours, theirs = ([pair[who][what] for pair in rounds] for who in (0, 1))
        ratios = sorted(b / a for a, b in zip(ours, theirs))
        print(f"{name}, {what} seconds: ours {min(ours):.2f} at best (median {statistics.median(ours):.2f}), theirs {min(theirs):.2f} "
              f"({statistics.median(theirs):.2f}); they need {min(theirs) / min(ours):.2f} times as long at best, "
              f"{statistics.median(ratios):.2f} in the median ({ratios[0]:.2f} to {ratios[-1]:.2f}, {len(ratios)} pairs)")


def main() -> int:
    if len(sys.argv) not in (4, 5, 6):
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the server must not stay behind
    folder, model, python = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 7
    threads = sys.argv[5] if len(sys.argv) > 5 else str(os.cpu_count())
    with tempfile.TemporaryDirectory() as work:
        texts = os.path.join(work, "texts.txt")
        pathlib.Path(texts).write_text("".join(text + "\n" for text in sentences(1000)), encoding="utf-8")
        server, url = start_server(model, threads)
        try:
            ours = Contender(SPEED, model, threads, texts)
            others = {"llama-server": Contender(SPEED, url, "-", texts, computes=server.pid)}
            if python != "-":
                others["sentence-transformers"] = Contender(python, "-c", OTHERS, folder, texts, threads)
            runs = [(ours.once(), {name: other.once() for name, other in others.items()}) for _ in range(rounds)]
            for name, other in others.items():
                show(name, [(mine, theirs[name]) for mine, theirs in runs])
                other.end()
            ours.end()
        finally:
            server.kill()
            server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
