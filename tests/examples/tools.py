#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the examples with tools against a server of this machine: tools.py TOOLS FILE_AGENT"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from loopback import Server, chunk, send_stream, stream  # noqa: E402

TOOLS, FILE_AGENT = sys.argv[1:3]
SECONDS = 120


def call(number, name, /, **arguments):
    return {"index": number, "id": f"call_{number}", "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}}


def answers(connection, request, calls, text):
    """Answers the first request with the calls, and the second one with the text."""
    is_first = request.json()["messages"][-1]["role"] == "user"
    if request.json().get("stream"):
        choice = {"index": 0, "delta": {"tool_calls": calls}, "finish_reason": None}
        called = "data: " + json.dumps({"id": "c", "model": "m", "choices": [choice]}) + "\n\n"
        called += chunk(reason="tool_calls") + "data: [DONE]\n\n"
        return send_stream(connection, called if is_first else stream(text))
    message = {"role": "assistant", "content": None, "tool_calls": calls} if is_first else {"role": "assistant", "content": text}
    reason = "tool_calls" if is_first else "stop"
    return connection.answer(json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": reason}]}))


def results(server):
    return [message["content"] for message in server.requests[1].json()["messages"] if message["role"] == "tool"]


class Tools(unittest.TestCase):
    def run_with(self, calls, *command, typed=""):
        with Server(lambda connection, request, _: answers(connection, request, calls, "Done.")) as server:
            outcome = subprocess.run(command, env={**os.environ, "LLAMA_SERVER_BASE_URL": server.url + "/v1"}, input=typed,
                                     capture_output=True, text=True, timeout=SECONDS)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertEqual(len(server.requests), 2, outcome.stderr)
        return outcome, server

    def test_three_functions(self):
        calls = [call(0, "temperature_in", city="Oslo", unit="fahrenheit"),
                 call(1, "nights_of", stops=[{"city": "Oslo", "nights": 2}, {"city": "Rome"}]),
                 call(2, "hotel_in", city="Rome"), call(3, "hotel_in", city="Rome", max_price=20),
                 call(4, "temperature_in", city="Oslo", unit="kelvin")]
        outcome, server = self.run_with(calls, TOOLS, "llama_server", "m")
        self.assertEqual(outcome.stdout.splitlines()[-1], "Done.")
        self.assertIn('temperature_in {"city": "Oslo", "unit": "fahrenheit"}\n', outcome.stdout)
        *good, cheap, kelvin = results(server)
        self.assertEqual(good, ["39.2", "3", "Grand Hotel Rome"])
        self.assertEqual(cheap, "no hotel in Rome is that cheap")
        self.assertIn("unit", kelvin)
        self.assertIn("celsius", kelvin)

    def file_agent(self, calls, typed=""):
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place, "folder")
            pathlib.Path(folder, "sub").mkdir(parents=True)
            pathlib.Path(place, "secret.txt").write_text("secret", encoding="utf-8")
            pathlib.Path(folder, "sub", "a.txt").write_text("alpha", encoding="utf-8")
            pathlib.Path(folder, "out").symlink_to("../secret.txt")
            pathlib.Path(folder, "nowhere").symlink_to("../made.txt")
            pathlib.Path(folder, "up").symlink_to("..")
            os.mkfifo(pathlib.Path(folder, "pipe"))
            outcome, server = self.run_with(calls, FILE_AGENT, "llama_server", "m", folder, "Work", typed=typed)
            files = {str(path.relative_to(place)): path.read_text(encoding="utf-8")
                     for path in pathlib.Path(place).rglob("*") if path.is_file() and not path.is_symlink()}
        self.assertEqual(outcome.stdout.splitlines()[-1], "Done.")
        return outcome, results(server), files

    def test_files_are_listed_and_read_without_a_question(self):
        outcome, read, _ = self.file_agent([call(0, "list_files"), call(1, "read_file", name="sub/a.txt")])
        self.assertIn("sub/a.txt", json.loads(read[0]))
        self.assertEqual(read[1], "alpha")
        self.assertNotIn("Allow?", outcome.stderr)

    def test_a_file_is_written_only_after_a_yes(self):
        calls = [call(0, "write_file", name="b.txt", text="\u202ebeta"), call(1, "write_file", name="sub/a.txt", text="gone")]
        outcome, read, files = self.file_agent(calls, typed="y\n\n")
        self.assertEqual(read[0], "done")
        self.assertIn("denied", read[1])
        self.assertEqual(files, {"secret.txt": "secret", "folder/sub/a.txt": "alpha", "folder/b.txt": "\u202ebeta"})
        self.assertEqual(outcome.stderr.count("Allow?"), 2)
        self.assertTrue(outcome.stderr.isascii(), outcome.stderr)

    def test_without_an_answer_nothing_is_written(self):
        _, read, files = self.file_agent([call(0, "write_file", name="b.txt", text="beta")])
        self.assertIn("denied", read[0])
        self.assertNotIn("folder/b.txt", files)

    def test_no_path_leads_out_of_the_folder(self):
        names = ["../secret.txt", "/etc/passwd", "sub/../../secret.txt", "sub/../sub/a.txt", "out", "nowhere", "up/secret.txt", "pipe", "", "."]
        calls = [call(2 * at + each, tool, name=name, **({"text": "x"} if each else {}))
                 for at, name in enumerate(names) for each, tool in enumerate(["read_file", "write_file"])]
        _, read, files = self.file_agent(calls, typed="y\n" * len(names))
        self.assertEqual(len(read), 2 * len(names))
        for result in read:
            self.assertIn("is no file inside the folder", result)
        self.assertEqual(files, {"secret.txt": "secret", "folder/sub/a.txt": "alpha"})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
