# SPDX-License-Identifier: Apache-2.0
import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import loopback
import support
from test_terminal import Terminal

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def call_chunks(name, arguments, call_id="c1", index=0) -> str:
    """A streamed call whose arguments come in two fragments."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    half = len(text) // 2
    first = {"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": text[:half]}}
    second = {"index": index, "function": {"arguments": text[half:]}}
    chunks = ""
    for piece in (first, second):
        choice = {"index": 0, "delta": {"tool_calls": [piece]}, "finish_reason": None}
        chunks += "data: " + json.dumps({"id": "c", "model": "m", "choices": [choice]}) + "\n\n"
    return chunks


def calls(*chunks, text=None) -> str:
    begin = "" if text is None else loopback.chunk(text)
    return begin + "".join(chunks) + loopback.chunk(reason="tool_calls") + "data: [DONE]\n\n"


def asks_once(first: str, then: str = loopback.stream("It is ", "18 degrees.")):
    """Answers the first request with calls, and each that has results with a text."""
    def handler(connection, request, _number):
        has_results = any(message["role"] == "tool" for message in request.json()["messages"])
        return loopback.send_stream(connection, then if has_results else first)
    return handler


def results(request) -> list:
    return [message["content"] for message in request.json()["messages"] if message["role"] == "tool"]


def gone(pid: int) -> bool:
    """Whether the process ends; a zombie that nobody reaps has ended."""
    end = time.monotonic() + support.HANG
    while time.monotonic() < end:
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


class ToolCase(support.Case):
    def tools(self, *entries) -> str:
        return self.write("tools.json", json.dumps(list(entries)))

    def command(self, *words, name="weather_in", **more) -> dict:
        return {"name": name, "description": "Weather", "parameters": SCHEMA, "command": list(words), **more}

    def script(self, code: str, **more) -> dict:
        """A tool that runs Python."""
        return self.command(sys.executable, "-c", code, **more)

    @contextlib.contextmanager
    def server(self, handler):
        with loopback.Server(handler) as server:
            yield server

    def flags(self, server, *more) -> list:
        return ["-p", "openai_compatible", "--base-url", server.url + "/v1", "-m", "m", *more]

    def ask(self, handler, *entries, flags=("--approve", "all"), **more):
        """One call with these tools; no terminal is near."""
        with self.server(handler) as server:
            outcome = support.run("generate", *self.flags(server, "--tools", self.tools(*entries), *flags),
                                  "Weather in Paris?", start_new_session=True, **more)
        return outcome, server.requests

    def one_result(self, entry: dict, **more):
        """What the model reads of one call."""
        outcome, requests = self.ask(asks_once(calls(call_chunks("weather_in", {"city": "Paris"}))), entry, **more)
        self.assertEqual((outcome.code, len(requests)), (0, 2), outcome)
        return results(requests[1])[0]


class ToolsFiles(ToolCase):
    def refused(self, content, *words):
        path = self.write("tools.json", content)
        outcome = support.run("generate", "-p", "openai", "-m", "m", "--tools", path, "Hi", start_new_session=True)
        self.assert_one_line_error(outcome, 2, "invalid_argument", "tools.json", *words)

    def test_the_error_names_file_entry_and_field(self):
        for content, words in (
                ("", ["the list of tools"]),
                ("{", ["the list of tools"]),
                (b"\xff", ["the list of tools"]),
                ("{}", ["must be a JSON list"]),
                ("[1]", ["tools[0]", "is not an object"]),
                ('[{"name": "a"}, {"description": "b"}]', ["tools[1]", "name"]),
                ('[{"name": "a", "command": []}]', ["tools[0]", "'a'", "empty command"]),
                ('[{"name": "a", "command": "ls -l"}]', ["tools[0]", "command", "list of strings"]),
                ('[{"name": "a", "command": ["ls", 1]}]', ["tools[0]", "command", "list of strings"]),
                ('[{"name": "a", "command": ["ls"], "env": ["A=B"]}]', ["tools[0]", "env", "A=B"]),
                ('[{"name": "a", "args": {}}]', ["tools[0]", "unknown field 'args'"]),
                ('[{"name": "a"}, {"name": "a"}]', ["tools[1]", "'a'"]),
                ("[" * 100000, ["the list of tools"])):
            with self.subTest(content=content[:60]):
                self.refused(content, *words)

    def test_a_file_that_cannot_be_read(self):
        for path in (os.path.join(self.folder, "none.json"), self.folder):
            outcome = support.run("generate", "-p", "openai", "-m", "m", "--tools", path, "Hi")
            self.assert_one_line_error(outcome, 2, "invalid_argument", "tools file", path)

    def test_a_command_is_read_from_nowhere_else(self):
        marker = os.path.join(self.folder, "ran")
        line = json.dumps({"prompt": "Hi", "tools": [self.command("touch", marker)]})
        outcome = support.run("batch", "-p", "openai", "-m", "m", self.write("questions.jsonl", line + "\n"))
        self.assertEqual(json.loads(outcome.out)["error"]["kind"], "invalid_argument")
        self.assertFalse(os.path.exists(marker))

    def test_flags(self):
        path = self.tools({"name": "a"})
        for words, problem in ((["--approve", "maybe"], "--approve"), (["--parallel-tool-calls"], "parallel-tool-calls"),
                               (["--parallel-tool-calls", "maybe"], "parallel_tool_calls")):
            with self.subTest(words=words):
                outcome = support.run("generate", "-p", "openai", "-m", "m", "--tools", path, "Hi", *words)
                self.assert_fails(outcome, 2, "invalid_argument", problem)
        for words in (["--parallel-tool-calls", "true"], ["--parallel-tool-calls=false"], ["--tool-choice", "a"],
                      ["--max-tool-rounds", "2"], ["--tool-timeout", "0.5"], ["--max-tool-result-bytes", "10"]):
            with self.subTest(words=words):
                outcome = support.run("generate", "-p", "openai", "-m", "m", "--dry-run", "--tools", path, *words, "Hi",
                                      env={"OPENAI_API_KEY": "k"})
                self.assertEqual(outcome.code, 0, outcome)


class Approval(ToolCase):
    def refused(self, *words, batch=False):
        """Nothing is sent."""
        with self.server(lambda *_: "close") as server:
            flags = self.flags(server, "--tools", self.tools(self.command("true")), *words)
            questions = self.write("questions.jsonl", '"Hi"\n')
            asked = ("batch", *flags, questions) if batch else ("generate", *flags, "Hi")
            outcome = support.run(*asked, start_new_session=True)
        self.assertEqual(server.requests, [])
        return self.assert_fails(outcome, 2, "invalid_argument", "--approve all", "--approve none")

    def test_without_a_terminal_a_command_is_refused(self):
        self.refused()
        self.refused("--approve", "ask")

    def test_the_first_tool_of_the_file_is_named(self):
        tools = self.tools({"name": "look"}, self.command("true", name="zoom"), self.command("true", name="add"))
        outcome = support.run("generate", "-p", "openai", "-m", "m", "--tools", tools, "Hi", start_new_session=True)
        self.assert_fails(outcome, 2, "invalid_argument", "'zoom'")

    def test_a_batch_never_asks(self):
        self.refused(batch=True)
        self.refused("--approve", "ask", batch=True)

    def test_tools_without_a_command_need_no_approval(self):
        outcome, requests = self.ask(asks_once(calls(call_chunks("look", {"city": "Paris"}))),
                                     {"name": "look", "parameters": SCHEMA}, flags=("--json",))
        self.assertEqual((outcome.code, len(requests)), (0, 1), outcome)
        call = outcome.json()["tool_calls"][0]
        self.assertEqual((call["name"], call["arguments"]), ("look", {"city": "Paris"}))
        self.assertEqual(outcome.json()["finish_reason"], "tool_calls")

    def test_a_dry_run_needs_no_approval(self):
        with self.server(lambda *_: "close") as server:
            outcome = support.run("generate", *self.flags(server, "--tools", self.tools(self.command("true"))),
                                  "--dry-run", "Hi", start_new_session=True)
        self.assertEqual((outcome.code, server.requests), (0, []), outcome)
        function = outcome.json()["body"]["tools"][0]["function"]
        self.assertEqual((function["name"], function["description"]), ("weather_in", "Weather"))
        self.assertNotIn("command", outcome.out)

    def test_none_denies_each_call_and_ends_after_that_round(self):
        marker = os.path.join(self.folder, "ran")
        outcome, requests = self.ask(asks_once(calls(call_chunks("weather_in", {"city": "Paris"}))),
                                     self.command("touch", marker), flags=("--approve", "none", "--json"))
        self.assertEqual((outcome.code, len(requests)), (0, 1), outcome)
        self.assertFalse(os.path.exists(marker))
        response = outcome.json()
        self.assertIn("tool_denied", [warning["code"] for warning in response["warnings"]])
        result = response["steps"][0]["tool_results"][0]
        self.assertTrue(result["is_error"])
        self.assertIn("denied", result["text"])


class Asking(ToolCase):
    """The questions on the terminal, which is neither standard input nor standard output."""

    def setUp(self):
        super().setUp()
        self.terminal = Terminal()
        self.addCleanup(self.terminal.close)
        self.marker = os.path.join(self.folder, "ran")

    def asked(self, handler, keys, question=b"[no] ", arguments=None):
        """Types one of the keys at each question."""
        code = f"import sys; open({self.marker!r}, 'a').write('x'); print('18 degrees')"
        with self.server(handler) as server:
            flags = self.flags(server, "--tools", self.tools(self.script(code)), "--json")
            process = support.start("generate", *flags, "Weather?", preexec_fn=self.terminal.become_controlling)
            for number, key in enumerate(keys, 1):
                self.terminal.read_until(process, lambda seen, number=number: seen.count(question) >= number)
                self.terminal.type(key)
            self.terminal.finish(process)
        outcome = support.finish(process)
        ran = os.path.getsize(self.marker) if os.path.exists(self.marker) else 0
        return outcome, ran, server.requests

    def once(self, keys):
        return self.asked(asks_once(calls(call_chunks("weather_in", {"city": "Pa\u202eris\x1b[2J"}))), keys)

    def test_yes_runs_the_command(self):
        outcome, ran, requests = self.once([b"y"])
        self.assertEqual((outcome.code, ran, results(requests[1])), (0, 1, ["18 degrees\n"]), outcome)

    def test_everything_else_does_not(self):
        for key in (b"n", b"\r", b"\x1b", b"\x04"):
            with self.subTest(key=key):
                self.terminal.seen = b""
                outcome, ran, requests = self.once([key])
                self.assertEqual((outcome.code, ran, len(requests)), (0, 0, 2), outcome)
                self.assertIn("did not allow", results(requests[1])[0])

    def test_the_question_shows_everything_and_controls_nothing(self):
        self.once([b"n"])
        seen = self.terminal.seen.decode()
        self.assertIn("weather_in", seen)
        self.assertIn(sys.executable, seen)
        self.assertIn("18 degrees", seen)  # the code of the command
        self.assertNotIn("\x1b", seen)
        self.assertNotIn("\u202e", seen)
        self.assertIn("\\u", seen)

    def test_a_key_that_was_typed_before_is_no_answer(self):
        self.terminal.type(b"yyyy")
        _, ran, _ = self.once([b"n"])
        self.assertEqual(ran, 0)

    def two_rounds(self):
        def handler(connection, request, number):
            call = calls(call_chunks("weather_in", {"city": "Paris"}, call_id=f"c{number}"))
            return loopback.send_stream(connection, call if number <= 2 else loopback.stream("Done"))
        return handler

    def test_all_is_for_this_tool_and_this_run(self):
        outcome, ran, requests = self.asked(self.two_rounds(), [b"a"])
        self.assertEqual((outcome.code, ran, len(requests)), (0, 2, 3), outcome)

    def test_yes_is_for_one_call(self):
        outcome, ran, _ = self.asked(self.two_rounds(), [b"y", b"n"])
        self.assertEqual((outcome.code, ran), (0, 1), outcome)

    def test_ctrl_c_stops_the_call(self):
        outcome, ran, requests = self.once([b"\x03"])
        self.assertEqual((outcome.code, ran, len(requests)), (130, 0, 1), outcome)


class Commands(ToolCase):
    def test_the_arguments_go_in_and_the_output_comes_back(self):
        code = "import json, sys; print(json.load(sys.stdin)['city'] + ': 18 degrees')"
        outcome, requests = self.ask(asks_once(calls(call_chunks("weather_in", {"city": "Paris"}), text="Let me see."),
                                               ), self.script(code))
        self.assertEqual((outcome.code, outcome.out), (0, "Let me see.\n\nIt is 18 degrees.\n"), outcome)
        self.assertEqual(results(requests[1]), ["Paris: 18 degrees\n"])
        lines = outcome.err.splitlines()
        self.assertEqual(lines[0], '-> weather_in {"city": "Paris"}')
        self.assertRegex(lines[1], r"^<- weather_in Paris: 18 degrees \(\d+\.\d s\)$")
        self.assertEqual(len(lines), 2, lines)

    def test_where_both_streams_are_one_each_line_is_its_own(self):
        handler = asks_once(calls(call_chunks("weather_in", {"city": "Paris"}), text="Let me see."))
        entry = self.script("print('18')")
        outcome, _ = self.ask(handler, entry, stderr=subprocess.STDOUT)
        self.assertRegex(outcome.out, "^Let me see\\.\n-> weather_in .*\n<- weather_in 18 .*\n\nIt is 18 degrees\\.\n$")
        outcome, _ = self.ask(handler, entry, stderr=subprocess.STDOUT,
                              flags=("--approve", "none"))
        self.assertRegex(outcome.out, "^Let me see\\.\n-> .*\n<- .*\nabstractllm: warning: .*\n$")

    def test_whole_answers_print_the_same(self):
        def handler(connection, request, _number):
            has_results = any(message["role"] == "tool" for message in request.json()["messages"])
            call = {"id": "c1", "type": "function", "function": {"name": "weather_in", "arguments": '{"city":"Paris"}'}}
            message = {"content": "Yes."} if has_results else {"content": "Let me see.", "tool_calls": [call]}
            reason = "stop" if has_results else "tool_calls"
            connection.answer(json.dumps({"id": "c", "model": "m", "choices": [
                {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason}]}))
        outcome, _ = self.ask(handler, self.script("print('18')"), flags=("--approve", "all", "--no-stream"))
        self.assertEqual((outcome.code, outcome.out), (0, "Let me see.\n\nYes.\n"), outcome)
        self.assertEqual(outcome.err.splitlines()[0], '-> weather_in {"city":"Paris"}')

    def test_quiet_json_and_events(self):
        handler = asks_once(calls(call_chunks("weather_in", {"city": "Paris"})))
        outcome, _ = self.ask(handler, self.script("print('18')"), flags=("--approve", "all", "-q"))
        self.assertEqual((outcome.code, outcome.err), (0, ""), outcome)
        outcome, _ = self.ask(handler, self.script("print('18')"), flags=("--approve", "all", "--json"))
        self.assertEqual((outcome.code, outcome.err), (0, ""), outcome)
        response = outcome.json()
        self.assertEqual((response["text"], len(response["steps"]), response.get("tool_calls", [])),
                         ("It is 18 degrees.", 2, []))
        self.assertEqual(response["steps"][0]["tool_results"][0]["text"], "18\n")
        self.assertEqual([message["role"] for message in response["messages"]], ["assistant", "tool", "assistant"])
        outcome, _ = self.ask(handler, self.script("print('18')"), flags=("--approve", "all", "--events"))
        kinds = [event["type"] for event in outcome.lines()]
        self.assertEqual(kinds.count("step_finished"), 2, kinds)
        self.assertEqual((kinds.count("tool_result"), kinds[-1], kinds.count("finished")), (1, "finished", 1))

    def test_messages_continue_the_conversation(self):
        outcome, _ = self.ask(asks_once(calls(call_chunks("weather_in", {"city": "Paris"}))), self.script("print('18')"),
                              flags=("--approve", "all", "--json"))
        path = self.write("messages.json", json.dumps(outcome.json()["messages"]))
        with self.server(lambda connection, *_: loopback.send_stream(connection, loopback.stream("Yes"))) as server:
            more = support.run("generate", *self.flags(server, "--messages", path), "Sure?")
        self.assertEqual((more.code, results(server.requests[0])), (0, ["18\n"]), more)

    def test_failures_are_for_the_model_to_read(self):
        code = "import sys; print('no such city', file=sys.stderr); sys.exit(3)"
        self.assertIn("exit status 3: no such city", self.one_result(self.script(code)))
        self.assertIn("killed by signal 9", self.one_result(self.script("import os; os.kill(os.getpid(), 9)")))
        self.assertIn("cannot be started", self.one_result(self.command("no-such-program-here")))

    def test_output_that_is_no_text(self):
        self.assertEqual(self.one_result(self.script(r"import os; os.write(1, b'a\xffb')")), "a\ufffdb")

    def test_control_characters_do_not_reach_the_lines(self):
        entry = self.script(r"print('a\x1b[2J\rb')")
        outcome, requests = self.ask(asks_once(calls(call_chunks("weather_in", {"city": "P\x1b"}))), entry)
        self.assertIn(r"a\x1b[2J\rb", outcome.err)
        self.assertNotIn("\x1b", outcome.err)
        self.assertEqual(results(requests[1]), ["a\x1b[2J\rb\n"])

    def test_long_output_is_cut(self):
        entry = self.script("import sys\nfor _ in range(50): sys.stdout.write('x' * 1000000)")
        outcome, requests = self.ask(asks_once(calls(call_chunks("weather_in", {"city": "Paris"}))), entry,
                                     flags=("--approve", "all", "--json", "--max-tool-result-bytes", "2000"))
        self.assertIn("tool_result_cut", [warning["code"] for warning in outcome.json()["warnings"]])
        self.assertLess(len(results(requests[1])[0]), 2400)

    def test_arguments_that_nobody_reads(self):
        large = {"city": "x" * 10_000_000}
        outcome, requests = self.ask(asks_once(calls(call_chunks("weather_in", large))), self.script("print('18')"))
        self.assertEqual((outcome.code, results(requests[1])), (0, ["18\n"]))
        self.assertLess(max(len(line) for line in outcome.err.splitlines()), 300)

    def test_a_command_that_never_ends(self):
        entry = self.script(f"import os, time; open({self.folder + '/pid'!r}, 'w').write(str(os.getpid())); time.sleep(1e6)")
        for seconds in ("1.5", "6", "24"):  # a busy machine needs time to start it
            self.assertIn(seconds, self.one_result(entry, flags=("--approve", "all", "--tool-timeout", seconds)))
            if os.path.exists(self.folder + "/pid"):
                break
        with open(self.folder + "/pid", encoding="ascii") as file:
            self.assertTrue(gone(int(file.read())))

    def test_what_a_command_started_holds_nothing(self):
        code = "import subprocess; print(subprocess.Popen(['sleep', '100000']).pid)"
        self.assertTrue(gone(int(self.one_result(self.script(code)))))

    def test_keys_are_not_for_commands(self):
        code = "import os; print(*(os.environ.get(name) for name in ('OPENAI_API_KEY', 'GEMINI_API_KEY', 'OTHER')))"
        env = {"OPENAI_API_KEY": "k1", "GEMINI_API_KEY": "k2", "OTHER": "o"}
        self.assertEqual(self.one_result(self.script(code), env=env), "None None o\n")
        self.assertEqual(self.one_result(self.script(code, env=["GEMINI_API_KEY"]), env=env), "None k2 o\n")

    def test_a_signal_stops_the_command_too(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number=number):
                path = os.path.join(self.folder, f"pid{number}")
                entry = self.script(f"import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
                                    f"open({path + '.new'!r}, 'w').write(str(os.getpid())); "
                                    f"os.rename({path + '.new'!r}, {path!r}); time.sleep(1e6)")
                with self.server(asks_once(calls(call_chunks("weather_in", {"city": "Paris"})))) as server:
                    process = support.start("generate", *self.flags(server, "--tools", self.tools(entry), "--approve",
                                                                    "all"), "Weather?", start_new_session=True)
                    while not os.path.exists(path):
                        time.sleep(0.02)
                    process.send_signal(number)
                    outcome = support.finish(process)
                self.assertEqual(outcome.code, 130, outcome)
                with open(path, encoding="ascii") as file:
                    self.assertTrue(gone(int(file.read())))

    def test_a_reader_that_goes_stops_the_command(self):
        for number, format_flags in enumerate(((), ("--events",), ("--json", "--no-stream"))):
            with self.subTest(flags=format_flags):
                path = os.path.join(self.folder, f"pid{number}")
                entry = self.script(f"import os, time; open({path + '.new'!r}, 'w').write(str(os.getpid())); "
                                    f"os.rename({path + '.new'!r}, {path!r}); time.sleep(1e6)")
                with self.server(asks_once(calls(call_chunks("weather_in", {"city": "Paris"})))) as server:
                    flags = self.flags(server, "--tools", self.tools(entry), "--approve", "all", "--tool-timeout", "1e5")
                    process = support.start("generate", *flags, *format_flags, "Weather?", start_new_session=True)
                    while not os.path.exists(path):
                        time.sleep(0.02)
                    process.stdout.close()
                    process.stdout = None
                    outcome = support.finish(process)
                self.assertEqual(outcome.code, 0, outcome)  # as for a call without tools (test_streams.py)
                self.assertNotIn("cancelled", outcome.err)
                with open(path, encoding="ascii") as file:
                    self.assertTrue(gone(int(file.read())))
                self.assertEqual(len(server.requests), 1)

    def test_a_batch_runs_commands(self):
        code = "import json, sys; print(json.load(sys.stdin)['city'])"
        with self.server(asks_once(calls(call_chunks("weather_in", {"city": "Paris"})))) as server:
            outcome = support.run("batch", *self.flags(server, "--tools", self.tools(self.script(code)), "--approve",
                                                       "all"), self.write("questions.jsonl", '"A"\n"B"\n'),
                                  start_new_session=True)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual([line["response"]["text"] for line in outcome.lines()], ["It is 18 degrees."] * 2)
        self.assertEqual([results(request) for request in server.requests if results(request)], [["Paris\n"]] * 2)
