#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Downloads from a hub on this machine, by `abstractllm pull` and by curl: hub_download.py BINARY [MEGABYTES] [FOLDER]

curl neither verifies what comes nor waits until it is on the disk; a third line says what that adds."""

import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/cli"))
from fake_hub import REPO, Hub  # noqa: E402

FILE, RUNS = "m-Q4_K_M.gguf", 5


def timed(*commands, **more):
    started = time.monotonic()
    for command in commands:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **more)
    return time.monotonic() - started


def main():
    binary = os.path.abspath(sys.argv[1])
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    data = b"GGUF" + random.Random(1).randbytes(1_000_000) * megabytes
    times = {"pull": [], "curl": [], "curl, sync, sha256sum": []}
    with tempfile.TemporaryDirectory(dir=sys.argv[3] if len(sys.argv) > 3 else None) as folder, Hub({FILE: data}) as hub:
        etag, commit, target = hub.etag(FILE), hub.commit(), os.path.join(folder, "copy")
        hub.etag, hub.commit = (lambda *_: etag), (lambda *_: commit)  # hashed once, not at each request
        variables = {**os.environ, "HF_ENDPOINT": hub.url, "HF_HUB_CACHE": folder + "/hub", "HF_HUB_OFFLINE": "0"}
        fetch = ["curl", "-sSL", "-o", target, f"{hub.url}/{REPO}/resolve/main/{FILE}"]
        for _ in range(RUNS):
            times["pull"].append(timed([binary, "pull", REPO], env=variables))
            shutil.rmtree(folder + "/hub")
            times["curl"].append(timed(fetch))
            times["curl, sync, sha256sum"].append(timed(fetch, ["sync", target], ["sha256sum", target]))
            os.remove(target)
    for name, each in times.items():
        print(f"{name}: best {min(each):.3f} s ({megabytes / min(each):.0f} MB/s), median {statistics.median(each):.3f} s")
    print(f"pull against curl: {min(times['curl']) / min(times['pull']):.2f} (best), "
          f"{statistics.median(times['curl']) / statistics.median(times['pull']):.2f} (median)")


if __name__ == "__main__":
    main()
