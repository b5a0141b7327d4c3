# SPDX-License-Identifier: Apache-2.0
import json
import os

import loopback
import support
from test_tools import SCHEMA

KEYS = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"}


class Check(support.Case):
    """Every call goes to a server that must see no request."""

    def check(self, provider: str, *words, tools=None, prompt="Hi", env=KEYS, **more) -> support.Outcome:
        if tools is not None:
            words = (*words, "--tools", self.write("tools.json", json.dumps(tools)))
        with loopback.Server(lambda *_: "close") as server:
            outcome = support.run("generate", "--check", "-p", provider, "--base-url", server.url, "-m", "m", *words,
                                  *([prompt] if prompt else []), env=env, start_new_session=True, **more)
        self.assertEqual(server.requests, [])
        self.assertEqual(server.connections, 0)
        return outcome

    def test_a_call_that_is_sent_as_it_is_has_no_line(self):
        for words in ((), ("--json",), ("--temperature", "0.5", "-q")):
            self.assertEqual(self.check("openai", *words), support.Outcome(0, "", ""))

    def test_what_is_dropped_does_not_fail(self):
        outcome = self.check("openai", "--top-k", "5", "--threads", "2")
        self.assertEqual((outcome.code, outcome.err), (0, ""), outcome)
        lines = outcome.out.splitlines()
        self.assertEqual(len(lines), 2, outcome)
        for option, line in zip(("top_k", "threads"), sorted(lines, reverse=True)):
            self.assertTrue(line.startswith("dropped option_ignored: "), line)
            self.assertIn(option, line)

    def test_what_is_refused_has_exit_code_2(self):
        outcome = self.check("openai", "--top-k", "5", env={})
        self.assertEqual((outcome.code, outcome.err), (2, ""), outcome)
        self.assertRegex(outcome.out, r"(?m)^refused not_configured: .*OPENAI_API_KEY")

    def test_json_lines(self):
        outcome = self.check("openai", "--top-k", "5", "--json", env={})
        self.assertEqual((outcome.code, outcome.err), (2, ""), outcome)
        refused = [line for line in outcome.lines() if line["action"] == "refused"]
        self.assertEqual([line["code"] for line in refused], ["not_configured"])
        dropped = self.check("openai", "--top-k", "5", "--json").lines()
        self.assertEqual([(line["action"], line["code"], line["option"]) for line in dropped],
                         [("dropped", "option_ignored", "top_k")])
        self.assertTrue(dropped[0]["message"])

    def test_the_words_are_those_of_the_call(self):
        found = self.check("openai", "--top-k", "5", "--json").lines()[0]
        dry = support.run("generate", "--dry-run", "-p", "openai", "-m", "m", "--top-k", "5", "Hi", env=KEYS).json()
        self.assertEqual(dry["warnings"], [{"code": found["code"], "message": found["message"]}])

    def test_strict_changes_nothing(self):
        self.assertEqual(self.check("openai", "--top-k", "5", "--strict"), self.check("openai", "--top-k", "5"))

    def test_tools_are_checked_and_need_no_approval(self):
        marker = os.path.join(self.folder, "ran")
        weather = {"name": "weather_in", "parameters": SCHEMA, "command": ["touch", marker]}
        self.assertEqual(self.check("openai", tools=[weather]), support.Outcome(0, "", ""))
        self.assertFalse(os.path.exists(marker))
        ignored = self.check("ollama", "--tool-choice", "required", "--json", tools=[weather])
        self.assertEqual(ignored.code, 0, ignored)
        self.assertEqual([(line["action"], line["option"]) for line in ignored.lines()], [("dropped", "tool_choice")])
        unknown = self.check("openai", "--tool-choice", "rain", tools=[weather])
        self.assertEqual((unknown.code, unknown.err), (2, ""), unknown)
        self.assertRegex(unknown.out, "^refused invalid_argument: .*rain")

    def test_options_of_tools_without_tools(self):
        outcome = self.check("openai", "--tool-choice", "required", "--parallel-tool-calls=false", "--json")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual([(line["action"], line["option"]) for line in outcome.lines()],
                         [("dropped", "tool_choice"), ("dropped", "parallel_tool_calls")])

    def test_hosted_tools_are_not_sent_to_who_runs_none(self):
        tools = self.write("tools.json", json.dumps([{"type": "web_search"}]))
        for where in (("-m", "none.gguf"), ("-p", "llama_server"), ("-p", "ollama", "-m", "m")):
            words = ("generate", *where, "--tools", tools, "Hi")
            found = support.run(*words, "--check", "--json").lines()
            self.assertEqual([(line["action"], line["option"]) for line in found], [("dropped", "tools")], where)
            dry = support.run(*words, "--dry-run").json()
            self.assertNotIn("tools", dry["body"])
            self.assertEqual(dry["warnings"], [{"code": found[0]["code"], "message": found[0]["message"]}])

    def test_messages_are_checked(self):
        messages = self.write("messages.json", json.dumps(
            [{"role": "user", "content": "Hi"},
             {"role": "assistant", "tool_calls": [{"id": "c1", "type": "function",
                                                   "function": {"name": "f", "arguments": "{}"}}]},
             {"role": "tool", "tool_call_id": "c1", "content": "1"}]))
        outcome = self.check("openai", "--messages", messages, "--json", prompt=None)
        self.assertEqual((outcome.code, outcome.out), (0, ""), outcome)
        bad = self.write("bad.json", json.dumps([{"role": "user", "content": "a"}, {"role": "user", "content": ""}]))
        outcome = self.check("openai", "--messages", bad, "--json", prompt=None)
        self.assertEqual(outcome.code, 2, outcome)
        self.assertEqual([(line["action"], line["code"]) for line in outcome.lines()], [("refused", "invalid_argument")])

    def test_each_finding_is_one_visible_line(self):
        outcome = self.check("openai", "--tool-choice", "a\nb\x1b[31m", tools=[{"name": "f"}])
        self.assertEqual((outcome.code, len(outcome.out.splitlines())), (2, 1), outcome)
        self.assertNotIn("\x1b", outcome.out)

    def test_what_cannot_be_read_is_an_error(self):
        outcome = self.check("openai", "--tools", os.path.join(self.folder, "none.json"))
        self.assert_one_line_error(outcome, 2, "invalid_argument", "none.json")

    def test_a_local_model_is_not_loaded(self):
        outcome = support.run("generate", "--check", "-m", "none.gguf", "--temperature", "0.5", "Hi")
        self.assertEqual(outcome, support.Outcome(0, "", ""))

    def test_flags_that_exclude_it(self):
        for flag in ("--dry-run", "--events"):
            outcome = support.run("generate", "--check", flag, "-p", "openai", "-m", "m", "Hi", env=KEYS)
            self.assertEqual(outcome.code, 2, outcome)
            self.assertIn("--check", outcome.err)
