#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs scenarios that exit, fork, or meet a limit, each in a process of its own: run.py BINARY [SCENARIO...] [--times N]

Prints a line for each scenario: how many runs ended well, failed, crashed or hung. Exit code 1 where not all ended well.
"""

import argparse
import collections
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

LONGEST_RUN_S = 60


def run_once(binary: str, scenario: str, folder: str) -> tuple[str, str]:
    """How the run ended, in words, and what it said."""
    process = subprocess.Popen([binary, scenario], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env={**_environment(), "TMPDIR": folder},
                               start_new_session=True)
    try:
        output, _ = process.communicate(timeout=LONGEST_RUN_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        process.kill()
        output, _ = process.communicate()
        return "hung", output.decode(errors="replace")
    text = output.decode(errors="replace")
    if process.returncode < 0:
        return f"crashed with {signal.Signals(-process.returncode).name}", text
    # The sanitizers' own words: a status alone may be lost in a child.
    if process.returncode != 0 or "Sanitizer" in text:
        return f"failed with status {process.returncode}", text
    return "ended well", text


def _environment() -> dict[str, str]:
    import os
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def run_scenario(binary: str, scenario: str, times: int) -> bool:
    began = time.monotonic()
    ends: collections.Counter[str] = collections.Counter()
    first_output = ""
    for _ in range(times):
        folder = tempfile.mkdtemp(prefix="abstractllm-limits-")
        pathlib.Path(folder).chmod(0o755)
        end, output = run_once(binary, scenario, folder)
        shutil.rmtree(folder, ignore_errors=True)
        ends[end] += 1
        if end != "ended well" and not first_output:
            first_output = output
    counts = ", ".join(f"{count} {end}" for end, count in ends.most_common())
    print(f"{scenario}: {times} runs, {counts}, {time.monotonic() - began:.1f} s", flush=True)
    if first_output:
        print(first_output[-4000:], flush=True)
    return ends["ended well"] == times


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("binary")
    arguments.add_argument("scenario", nargs="*")
    arguments.add_argument("--times", type=int, default=2)
    given = arguments.parse_args()
    names = given.scenario or subprocess.run([given.binary, "--list"], check=True, capture_output=True,
                                             text=True).stdout.split()
    return 0 if all([run_scenario(given.binary, name, given.times) for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main())
