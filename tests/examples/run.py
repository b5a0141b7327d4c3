#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the asynchronous examples against servers of this machine: run.py RACE COROUTINES OWN_LOOP ASIO BATCH"""

import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from loopback import Server, send_stream, stream  # noqa: E402

RACE, COROUTINES, OWN_LOOP, ASIO, BATCH = sys.argv[1:6]
SECONDS = 120


def answer(text, after=0.0):
    def handler(connection, request, _):
        time.sleep(after)
        if request.json().get("stream"):
            return send_stream(connection, stream(*text))
        connection.answer(json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": "".join(text)},
                                                   "finish_reason": "stop"}]}))

    return handler


def run(*command, **variables):
    outcome = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, timeout=SECONDS)
    return outcome.returncode, outcome.stdout, outcome.stderr


class Examples(unittest.TestCase):
    def test_race_gives_the_first_answer_and_cancels_the_rest(self):
        closed = []

        def silent(connection, request, _):
            closed.append(connection.wait_closed(SECONDS))
            return "close"

        with Server(silent) as slow, Server(answer(["fast"])) as fast, Server(silent) as other:
            code, out, err = run(RACE, "Hi", "llama_server", "vllm:m", "lmstudio", LLAMA_SERVER_BASE_URL=slow.url + "/v1",
                                 VLLM_BASE_URL=fast.url + "/v1", LMSTUDIO_BASE_URL=other.url + "/v1")
        self.assertEqual((code, out), (0, "vllm:m: fast\n"), err)
        self.assertEqual(err.count("the call was cancelled"), 2, err)

    def test_coroutines_stream_to_each_client(self):
        with Server(answer(["on", "e"], 0.05)) as server:
            code, out, err = run(COROUTINES, "llama_server", LLAMA_SERVER_BASE_URL=server.url + "/v1")
        self.assertEqual(code, 0, err)
        for client in (1, 2, 3):
            self.assertIn(f"client {client}: on\n", out)
        self.assertEqual(out.count("status 200\n"), 3)

    def test_a_loop_of_ones_own(self):
        with Server(answer(["Par", "is"])) as server:
            code, out, err = run(OWN_LOOP, "llama_server", LLAMA_SERVER_BASE_URL=server.url + "/v1")
        self.assertEqual((code, out.splitlines()[0]), (0, "Paris"), err)

    def test_asio(self):
        with Server(answer(["Paris"])) as server:
            code, out, err = run(ASIO, "llama_server", LLAMA_SERVER_BASE_URL=server.url + "/v1")
        self.assertEqual((code, out), (0, "Paris\n"), err)


    def test_batch(self):
        def handler(connection, request, _):
            return answer([request.json()["messages"][0]["content"].split()[-1]])(connection, request, _)

        with Server(handler) as server:
            code, out, err = run(BATCH, "llama_server", LLAMA_SERVER_BASE_URL=server.url + "/v1")
        self.assertEqual((code, out), (0, "0: France?\n1: Italy?\n2: Spain?\n3: Portugal?\n"), err)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
