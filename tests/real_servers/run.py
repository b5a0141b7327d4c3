#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tool against real servers on this machine. Usage: run.py llama_server|ollama|together|vision TOOL [SERVER] [WRITER]

SERVER is a llama-server or an ollama (else ABSTRACTLLM_TEST_OLLAMA); "together" needs both, and TOOL is all_at_once there; the model is ABSTRACTLLM_TEST_MODEL. Without a
server the suite says so and is skipped (exit code 77). No test asserts a time."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cli"))
import support  # noqa: E402
from support import LONG, PARIS, run  # noqa: E402
from tool_calls import CITY, ECHO, MODELFILE, JINJA, ToolCalls, matches  # noqa: E402

SERVER = LLAMA_SERVER = WRITER = ""
PICTURE = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
STARTED = 120  # seconds that a server may take to listen


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A server of ours: started, asked until it answers, killed at the end."""

    def __init__(self, command, ready_url, env=None):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, env={**os.environ, **(env or {})}, start_new_session=True)
        deadline = time.monotonic() + STARTED
        while not self.is_ready(ready_url):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.log.seek(0)
                raise AssertionError("the server did not start:\n" + self.log.read().decode(errors="replace")[-3000:])
            time.sleep(0.05)

    @staticmethod
    def is_ready(url):
        try:
            return urllib.request.urlopen(url, timeout=5).status == 200
        except OSError:
            return False

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)  # Ollama runs its model in a child
        self.process.wait()
        self.log.close()


def llama_server(*args, program=None, model=None):
    port = free_port()
    process = Process([program or SERVER, "-m", model or support.model(), "-c", "2048", "-np", "2", "-t", "1", "--port", str(port), *args],
                      f"http://127.0.0.1:{port}/health")
    process.url = f"http://127.0.0.1:{port}"
    return process


def ollama(folder, more=""):
    """With the model `small`, made of the test's own and of `more` lines of a Modelfile."""
    port = free_port()
    env = {"OLLAMA_HOST": f"127.0.0.1:{port}", "OLLAMA_MODELS": os.path.join(folder, "models"), "HOME": folder}
    process = Process([SERVER, "serve"], f"http://127.0.0.1:{port}/api/version", env)
    process.url = f"http://127.0.0.1:{port}"
    path = os.path.join(folder, "Modelfile")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"FROM {support.model()}\n{more}")
    subprocess.run([SERVER, "create", "small", "-f", path], env={**os.environ, **env}, check=True, capture_output=True)
    return process


class Conversation(unittest.TestCase):
    """What every server and protocol must do. `ways`: name -> flags."""

    server = None
    ways = {}
    env = {}
    model = "small"

    def ask(self, way, *flags, model=None):
        return run("generate", *self.ways[way], "-m", model or self.model, "--temperature", "0", *flags, env=self.env)

    def test_all_forms_agree(self):
        for way in self.ways:
            with self.subTest(way):
                text = self.ask(way, PARIS)
                self.assertEqual((text.code, text.err), (0, ""), text)
                self.assertIn("Paris", text.out)
                whole = self.ask(way, "--json", "--no-stream", PARIS).json()
                streamed = self.ask(way, "--json", PARIS).json()
                events = self.ask(way, "--events", PARIS).lines()
                self.assertEqual(text.out, whole["text"] + "\n")
                self.assertEqual(streamed["text"], whole["text"])
                self.assertEqual("".join(e["text"] for e in events if e["type"] == "text_delta"), whole["text"])
                self.assertEqual(events[-1]["response"]["text"], whole["text"])
                self.assertEqual(self.ask(way, "--no-stream", PARIS).out, text.out)
                for response in (whole, streamed):
                    self.assertEqual(response["finish_reason"], "stop")
                    self.assertGreater(response["usage"]["output_tokens"], 3)
                    self.assertTrue(response["model"])

    def test_options_arrive(self):
        for way in self.ways:
            with self.subTest(way):
                self.assertIn("Paris", self.ask(way, "-s", "Answer in one word.", "What is the capital of France?").out)
                two = self.ask(way, "--max-tokens", "16", "--json", LONG).json()
                self.assertLessEqual(two["usage"]["output_tokens"], 16)

    def test_a_conversation(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump([{"role": "user", "content": "My name is Ada."}, {"role": "assistant", "content": "Hello, Ada."}], file)
            file.flush()
            for way in self.ways:
                with self.subTest(way):
                    self.assertEqual(self.ask(way, "--messages", file.name, "--max-tokens", "40", "What is my name?").code, 0)

    def test_cancelled(self):
        for way in self.ways:
            with self.subTest(way):
                process = support.start("generate", *self.ways[way], "-m", self.model, "--max-tokens", "1500", LONG,
                                        env=support.environment(**self.env))
                first = support.read_some(process, 10)
                process.send_signal(signal.SIGINT)
                outcome = support.finish(process, read_out=first)
                self.assertEqual(outcome.code, 130, outcome)
                self.assertGreater(len(outcome.out), 9)
                self.assertEqual(self.ask(way, "--max-tokens", "20", PARIS).code, 0, "the server's slot is free again")

    def test_a_closed_pipe(self):
        for way in self.ways:
            words = " ".join((*self.ways[way], "-m", self.model))
            outcome = support.shell(f'set -o pipefail; printf "Tell a long story" | "$BIN" generate {words} | head -c 5', self.env)
            self.assertEqual((outcome.code, len(outcome.out), outcome.err), (0, 5, ""), outcome)

    def killed_mid_stream(self, server, ways, env):
        """`server` dies while it answers."""
        process = support.start("generate", *ways, "-m", self.model, "--events", "--max-tokens", "1500", LONG,
                                env=support.environment(**env))
        first = support.read_some(process, 100)
        server.kill()
        outcome = support.finish(process, read_out=first)
        error = outcome.lines()[-1]["error"]
        self.assertEqual((outcome.code, error["kind"]), (5, "network"), outcome)
        self.assertTrue(error["partial"]["text"])


class LlamaServer(Conversation):
    ways = {"responses": ["-p", "openai"], "chat": ["-p", "openai", "--protocol", "openai_chat"], "messages": ["-p", "anthropic"],
            "preset": ["-p", "llama_server"]}

    @classmethod
    def variables(cls, server):
        return {"OPENAI_API_KEY": "x", "OPENAI_BASE_URL": server.url + "/v1", "ANTHROPIC_API_KEY": "x",
                "ANTHROPIC_BASE_URL": server.url, "LLAMA_SERVER_BASE_URL": server.url + "/v1"}

    @classmethod
    def setUpClass(cls):
        cls.server = llama_server()
        cls.env = cls.variables(cls.server)

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()

    def test_the_three_protocols_say_the_same(self):
        answers = {way: self.ask(way, PARIS).out for way in self.ways}
        self.assertEqual(len(set(answers.values())), 1, answers)

    def test_a_model_that_cannot_see_answers_without_the_picture(self):
        outcome = self.ask("preset", "-i", PICTURE, PARIS)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("Paris", outcome.out)
        self.assertIn("cannot see: 1 image was left out", outcome.err)

    def test_a_prompt_that_does_not_fit(self):
        for way in self.ways:
            outcome = self.ask(way, "--json", "one two three four " * 2000)
            self.assertEqual((outcome.code, outcome.error()["kind"]), (6, "context_length"), outcome)

    def test_what_it_refuses(self):
        for way in self.ways:
            outcome = self.ask(way, "--json", "--base-url", self.server.url + "/elsewhere", "Hi")
            self.assertEqual((outcome.code, outcome.error()["kind"], outcome.error()["http_status"]), (6, "not_found", 404))

    def test_a_key_that_is_wrong(self):
        server = llama_server("--api-key", "right")
        try:
            for way in self.ways:
                outcome = run("generate", *self.ways[way], "-m", "m", "--json", "Hi",
                              env={**self.variables(server), "LLAMA_API_KEY": "wrong"})
                self.assertEqual((outcome.code, outcome.error()["kind"]), (3, "authentication"), outcome)
        finally:
            server.kill()

    def test_killed_mid_stream(self):
        for way in ("responses", "messages", "chat"):
            with self.subTest(way):
                server = llama_server()
                self.killed_mid_stream(server, self.ways[way], self.variables(server))

    def test_models(self):
        self.assertEqual(len(run("models", "-p", "openai", "--json", env=self.env).json()), 1)


class LlamaServerTools(ToolCalls, unittest.TestCase):
    ways = LlamaServer.ways
    random_calls = {"preset": 8, "responses": 4, "messages": 4}
    model = "small"

    @classmethod
    def setUpClass(cls):
        with tempfile.NamedTemporaryFile("w", suffix=".jinja", encoding="utf-8") as file:
            file.write(JINJA)
            file.flush()
            cls.server = llama_server("--chat-template-file", file.name)
        cls.env = LlamaServer.variables(cls.server)

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()


def ask_ollama_with_tools(env, *flags):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([{"name": "weather_in", "parameters": CITY, "command": ECHO}], file)
        file.flush()
        return run("generate", "-p", "ollama", "-m", "small", "--temperature", "0", "--tools", file.name, "--approve", "all", "--json",
                   *flags, "Weather in Paris?", env=env)


class Ollama(Conversation):
    ways = {"native": ["-p", "ollama"]}

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.server = ollama(cls.folder.name)
        cls.env = {"OLLAMA_HOST": cls.server.url}

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.folder.cleanup()

    def test_a_model_that_is_not_there(self):
        outcome = self.ask("native", "--json", "Hi", model="nobody")
        self.assertEqual((outcome.code, outcome.error()["kind"], outcome.error()["http_status"]), (6, "not_found", 404))

    def test_a_model_that_cannot_see_answers_without_the_picture(self):
        with tempfile.TemporaryDirectory() as folder:
            record = os.path.join(folder, "record.jsonl")
            outcome = self.ask("native", "--record", record, "-i", PICTURE, PARIS)
            with open(record, encoding="utf-8") as file:
                sent = file.read()
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("Paris", outcome.out)
        self.assertIn("cannot see: 1 image was left out", outcome.err)
        self.assertIn("/api/show", sent)
        self.assertIn("/api/chat", sent)
        self.assertNotIn('"images"', sent)

    def test_models(self):
        listed = run("models", "-p", "ollama", "--json", env=self.env).json()
        self.assertEqual([model["id"] for model in listed], ["small:latest"])

    def test_a_model_without_a_place_for_tools(self):
        outcome = ask_ollama_with_tools(self.env, "--max-tool-rounds", "0")
        self.assertEqual((outcome.code, outcome.error()["http_status"]), (2, 400), outcome)
        self.assertIn("does not support tools", outcome.error()["provider_message"])

    def test_killed_mid_stream(self):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            server = ollama(folder)
            self.killed_mid_stream(server, self.ways["native"], {"OLLAMA_HOST": server.url})


class OllamaTools(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.server = ollama(cls.folder.name, MODELFILE)
        cls.env = {"OLLAMA_HOST": cls.server.url}

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.folder.cleanup()

    def test_tool_choice_is_ignored(self):
        """The server takes none, so the model decides. What it calls is checked; its template shows it two such calls."""
        found = ask_ollama_with_tools(self.env, "--check", "--tool-choice", "required")
        self.assertEqual(found.code, 0, found)
        self.assertEqual([(line["action"], line["option"]) for line in found.lines()], [("dropped", "tool_choice")])
        for stream in ((), ("--no-stream",)):
            answered = ask_ollama_with_tools(self.env, "--tool-choice", "required", "--max-tool-rounds", "1", "--max-tokens", "60", *stream)
            self.assertEqual(answered.code, 0, answered)
            response = answered.json()
            self.assertIn(found.lines()[0]["message"], [warning["message"] for warning in response["warnings"]])
            self.assertEqual([call["name"] for call in response["steps"][0].get("tool_calls", [])], ["weather_in"], answered)
            self.assertEqual(len(response["steps"]), 2, answered)
            self.check_results(response["steps"][0])

    def check_results(self, step):
        for call, result in zip(step["tool_calls"], step["tool_results"]):
            good = matches(CITY, call["arguments"])
            self.assertEqual(good, not result.get("is_error", False), (call, result))
            if good:
                self.assertEqual(json.loads(result["text"]), call["arguments"])


class Together(unittest.TestCase):
    """Every protocol and the model in this process, asynchronously and at the same time."""

    def test_one_loop_thread_for_all(self):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            first, second = llama_server(program=LLAMA_SERVER), ollama(folder)
            try:
                outcome = support.finish(support.start(first.url, second.url, "small", support.model()))
            finally:
                first.kill()
                second.kill()
        self.assertEqual((outcome.code, outcome.err), (0, ""), outcome)
        print(outcome.out)
        answers = [line for line in outcome.out.splitlines() if "Paris" in line]
        self.assertEqual(len(answers), 5, outcome.out)
        self.assertIn("streams at once: 5", outcome.out)


class Vision(unittest.TestCase):
    """A made model that sees: in this process, and behind llama-server."""

    def test_both_see_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([WRITER, folder], check=True)
            model, projector = os.path.join(folder, "tiny.gguf"), os.path.join(folder, "mmproj-tiny.gguf")
            server = llama_server("--mmproj", projector, model=model)
            flags = ("--temperature", "0", "--max-tokens", "16", "-q", "--body", json.dumps({"grammar": "root ::= [a-z]+", "ignore_eos": True}))
            ways = {"local": ("-m", model, "--threads", "1"), "server": ("-p", "llama_server", "--base-url", server.url + "/v1"),
                    "responses": ("-p", "openai", "--base-url", server.url + "/v1", "-m", "m"),
                    "messages": ("-p", "anthropic", "--base-url", server.url, "-m", "m")}
            try:
                seen = {way: [run("generate", *args, *flags, "-i", os.path.join(folder, picture), "What is this?",
                                  env={"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"})
                              for picture in ("red.png", "squares.png")] for way, args in ways.items()}
                heard = run("generate", *ways["server"], *flags[:-3], "--json", "--audio", os.path.join(folder, "call.wav"), "What is this?")
            finally:
                server.kill()
        self.assertIn("audio_dropped", [warning["code"] for warning in heard.json()["warnings"]], heard)
        for way, answers in seen.items():
            self.assertEqual([answer.code for answer in answers], [0, 0], (way, answers))
            self.assertNotEqual(answers[0].out, answers[1].out, way)
        self.assertEqual(seen["local"], seen["server"])


def main() -> int:
    global SERVER, LLAMA_SERVER, WRITER
    if len(sys.argv) not in (3, 4, 5) or sys.argv[1] not in ("llama_server", "ollama", "together", "vision"):
        print(__doc__, file=sys.stderr)
        return 2
    if sys.argv[1] == "vision":
        WRITER = os.path.abspath(sys.argv.pop(4))
    if sys.argv[1] == "together":
        LLAMA_SERVER = os.path.abspath(sys.argv.pop(3))
    server = sys.argv[3] if len(sys.argv) == 4 else os.environ.get("ABSTRACTLLM_TEST_OLLAMA", "")
    if not os.access(server, os.X_OK):
        print(f"skipped: there is no {sys.argv[1]} to talk to")
        return 77
    support.BINARY, SERVER = os.path.abspath(sys.argv[2]), os.path.abspath(server)
    cases = {"llama_server": (LlamaServer, LlamaServerTools), "ollama": (Ollama, OllamaTools), "together": (Together,),
             "vision": (Vision,)}[sys.argv[1]]
    report = io.StringIO()
    suite = unittest.TestSuite(map(unittest.defaultTestLoader.loadTestsFromTestCase, cases))
    result = unittest.TextTestRunner(stream=report, verbosity=0).run(suite)
    failed = len(result.failures) + len(result.errors)
    if failed or not result.testsRun:
        print(report.getvalue())
    print(f"{sys.argv[1]}: {result.testsRun} tests, {failed} failed, {len(result.skipped)} skipped")
    return 1 if failed or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
