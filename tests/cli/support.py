# SPDX-License-Identifier: Apache-2.0
"""What the tests of the command line tool share. No test asserts a time: HANG guards against one that never ends."""

import json
import os
import signal
import subprocess
import tempfile
import unittest
from dataclasses import dataclass

BINARY = ""  # set by run.py
HANG = float(os.environ.get("ABSTRACTLLM_TEST_HANG", "300"))  # seconds
PARIS = "What is the capital of France? Answer in one word."
LONG = "Write a long story about a fox who travels around the world."


def model() -> str:
    path = os.environ.get("ABSTRACTLLM_TEST_MODEL", "")
    if not os.path.isfile(path):
        raise AssertionError(f"ABSTRACTLLM_TEST_MODEL must name a model file; it is '{path}'")
    return path


def environment(**extra: str) -> dict:
    """The variables of a user who has set none of ours."""
    ours = ("ABSTRACTLLM_", "HF_", "NO_COLOR")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "HF_HUB_OFFLINE": "1", "TERM": "xterm", **extra}


def default_signals() -> None:
    # A runner in the background may have them ignored, and a child inherits that.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)

    def lines(self) -> list:
        return [json.loads(line) for line in self.out.splitlines()]

    def error(self) -> dict:
        """The error object on standard error, which must be its only line."""
        return json.loads(self.err)["error"]


def start(*args: str, **popen) -> subprocess.Popen:
    popen.setdefault("stdin", subprocess.DEVNULL)
    popen.setdefault("stdout", subprocess.PIPE)
    popen.setdefault("stderr", subprocess.PIPE)
    popen.setdefault("env", environment())
    popen.setdefault("preexec_fn", default_signals)
    return subprocess.Popen([BINARY, *args], **popen)


def run(*args, stdin: bytes = b"", env: dict = None, **popen) -> Outcome:
    process = start(*args, stdin=subprocess.PIPE, env=environment(**(env or {})), **popen)
    return finish(process, stdin)


def read_some(process: subprocess.Popen, least: int) -> bytes:
    """At least that many bytes of standard output; past Python's own buffer, which finish() would not see."""
    got = b""
    while len(got) < least and (more := os.read(process.stdout.fileno(), 65536)):
        got += more
    return got


def finish(process: subprocess.Popen, stdin: bytes = None, read_out: bytes = b"", read_err: bytes = b"",
           undecodable: str = "strict") -> Outcome:
    """Waits for the end; `read_out` and `read_err` had been read before. Output that is not UTF-8 fails the test,
    unless `undecodable` names another way to take it (those of bytes.decode)."""
    try:
        out, err = process.communicate(stdin, timeout=HANG)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    texts = [whole.decode(errors=undecodable) for whole in (read_out + (out or b""), read_err + (err or b""))]
    return Outcome(process.returncode, *texts)


def shell(script: str, env: dict = None) -> Outcome:
    """Runs a bash script in which $BIN is the tool and $MODEL the model. A script may cut an answer in the middle of
    a character (`head -c`): each byte left over counts as one character."""
    variables = environment(BIN=BINARY, MODEL=model(), **(env or {}))
    process = subprocess.Popen(["bash", "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=variables, preexec_fn=default_signals)
    return finish(process, undecodable="surrogateescape")


def generate(*args: str, **more) -> Outcome:
    """One answer of the real model, the same each time."""
    return run("generate", "-m", model(), "--temperature", "0", *args, **more)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name: str, content) -> str:
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def assert_fails(self, outcome: Outcome, code: int, kind: str, *words: str):
        """Nothing on standard output; one line of that kind, with those words, on standard error."""
        self.assertEqual((outcome.code, outcome.out), (code, ""), outcome)
        lines = outcome.err.splitlines()
        self.assertTrue(lines and lines[0].startswith(f"abstractllm: {kind}: "), outcome)
        for word in words:
            self.assertIn(word, lines[0])
        return lines

    def assert_one_line_error(self, outcome: Outcome, code: int, kind: str, *words: str):
        self.assertEqual(len(self.assert_fails(outcome, code, kind, *words)), 1, outcome)
