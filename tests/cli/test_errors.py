# SPDX-License-Identifier: Apache-2.0
import os
import re

import support
from support import generate, run

NEVER_LOADED = ("generate", "-m", "/nowhere/none.gguf")


class Arguments(support.Case):
    def test_options_out_of_range(self):
        for flag, value, *words in (
                ("--temperature", "9", "temperature", "9", "2"), ("--temperature", "-1", "temperature", "-1", "0"),
                ("--temperature", "nan", "temperature", "nan"), ("--temperature", "warm", "temperature", "warm"),
                ("--max-tokens", "0", "max_tokens", "0", "1"), ("--max-tokens", "1.5", "max_tokens", "1.5"),
                ("--top-p", "2", "top_p", "2", "1"), ("--seed", "-5", "seed", "-5"), ("--stop", "", "stop"),
                ("--timeout", "-1", "timeout"), ("--body", "[1]", "extra_body"),
                ("--header", "nocolon", "extra_headers"), ("--logit-bias", "5", "logit_bias")):
            with self.subTest(flag=flag, value=value):
                self.assert_fails(run(*NEVER_LOADED, flag, value, "Hi"), 2, "invalid_argument", *words)

    def test_an_empty_value_after_an_equals_sign_stays_empty(self):
        self.assert_fails(run(*NEVER_LOADED, "--stop=", "Hi"), 2, "invalid_argument", "stop")

    def test_wrong_options_are_told_before_the_prompt_is_read(self):
        read_end, write_end = os.pipe()  # never closed: reading it would hang
        process = support.start(*NEVER_LOADED, "--temperature", "9", stdin=read_end)
        self.assert_one_line_error(support.finish(process), 2, "invalid_argument", "temperature")
        os.close(read_end)
        os.close(write_end)

    def test_an_unknown_provider_is_told_with_the_nearest(self):
        outcome = run("generate", "-p", "hugingface", "Hi")
        self.assert_one_line_error(outcome, 2, "invalid_argument", "hugingface", "huggingface")

    def test_wrong_flags_and_commands_print_the_usage(self):
        for words in (["generate", "--nope", "Hi"], ["generate", "--temperature"],
                      ["generate", "a", "b"], ["generate", "--no-stream=maybe", "Hi"], ["providers", "extra"],
                      ["devices", "--nope"], ["models", "extra"], ["--nope"], []):
            with self.subTest(words=words):
                lines = self.assert_fails(run(*words), 2, "invalid_argument")
                self.assertTrue(lines[1].startswith("usage: abstractllm"), lines)

    def test_an_unknown_flag_is_named_and_not_the_words_around_it(self):
        lines = self.assert_fails(run("generate", "--adaptr=x", "Hi"), 2, "invalid_argument")
        self.assertEqual(lines[0], "abstractllm: invalid_argument: there is no flag '--adaptr'")

    def test_a_flag_does_not_take_the_next_word_for_its_value(self):
        for words, flag in ((["embed", "a", "--normalize", "false"], "--normalize=false"), (["generate", "--strict", "true", "Hi"], "--strict=true")):
            lines = self.assert_fails(run(*words), 2, "invalid_argument")
            self.assertIn("takes a value only behind '=': " + flag, lines[0])

    def test_errors_are_objects_under_json_and_events(self):
        for arguments in (["--nope"], ["--temperature", "9"], ["--temperature", "warm"], ["-p", "nobody"], []):
            prompt = "" if not arguments else "Hi"
            with self.subTest(arguments=arguments):
                outcome = run("generate", "--json", *arguments, prompt)
                self.assertEqual((outcome.code, outcome.out, outcome.error()["kind"]), (2, "", "invalid_argument"))
                outcome = run("generate", "--events", *arguments, prompt)
                self.assertEqual((outcome.code, outcome.error()["kind"]), (2, "invalid_argument"))
                self.assertEqual(outcome.lines(), [{"type": "error", "error": outcome.error()}])

    def test_json_and_events_exclude_each_other(self):
        self.assertEqual(run("generate", "--json", "--events", "Hi").error()["kind"], "invalid_argument")


class Examples(support.Case):
    def test_the_page_of_errors_tells_the_truth(self):
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        with open(os.path.join(root, "docs", "errors.md"), encoding="utf-8") as page:
            examples = re.findall(r"^(.*\babstractllm .*?) +# (\w+), (\d+)$", page.read(), re.M)
        self.assertGreaterEqual(len(examples), 6)
        for command, kind, code in examples:
            command = re.sub(r"\babstractllm\b", '"$BIN"', command).replace("model.gguf", '"$MODEL"')
            outcome = support.shell(f"cd '{root}'; {command}")
            self.assertEqual(outcome.code, int(code), (command, outcome))
            # Before the tool runs its own code, a signal ends it without a word.
            if kind != "cancelled" or outcome.err:
                self.assertIn(f"abstractllm: {kind}: ", outcome.err)


class Prompts(support.Case):
    def test_an_empty_prompt(self):
        for args, stdin in (([""], b""), ([], b""), (["-"], b"\n")):
            with self.subTest(args=args):
                self.assert_one_line_error(run(*NEVER_LOADED, *args, stdin=stdin), 2, "invalid_argument", "empty")
        self.assert_one_line_error(run(*NEVER_LOADED, "--dry-run", ""), 2, "invalid_argument", "empty")

    def test_invalid_utf8(self):
        for stdin in (b"caf\xe9", b"\xf0\x9f\x98", b"\xc0\xaf", b"\xed\xa0\x80"):
            self.assert_one_line_error(run(*NEVER_LOADED, stdin=stdin), 2, "invalid_argument", "UTF-8")
        self.assert_one_line_error(run(*NEVER_LOADED, b"caf\xe9"), 2, "invalid_argument", "UTF-8")

    def test_two_megabytes_do_not_fit_the_context(self):
        outcome = generate("--json", stdin=b"one two three four " * 110000)
        self.assertEqual((outcome.code, outcome.out), (6, ""))
        self.assertEqual(outcome.error()["kind"], "context_length")
        self.assertGreaterEqual(sum(any(c.isdigit() for c in word) for word in outcome.error()["message"].split()), 2)

    def test_unreadable_standard_input(self):
        with open(self.folder + "/file", "wb") as write_only:
            outcome = support.finish(support.start(*NEVER_LOADED, stdin=write_only))
        self.assert_one_line_error(outcome, 2, "invalid_argument", "standard input")


class MessageFiles(support.Case):
    def test_wrong_files_are_named(self):
        wrong = {"syntax.json": '[{"role": "user", "content": "x"', "object.json": '{"role": "user"}',
                 "text.json": "hello", "empty.json": "", "role.json": '[{"role": "robot", "content": "x"}]',
                 "norole.json": '[{"content": "x"}]', "content.json": '[{"role": "user", "content": 5}]',
                 "field.json": '[{"role": "user", "content": "x", "name": "y"}]',
                 "utf8.json": b'[{"role": "user", "content": "\xff"}]'}
        for name, content in wrong.items():
            self.write(name, content)
        for name in (*wrong, "none.json", "."):
            with self.subTest(name=name):
                path = f"{self.folder}/{name}"
                outcome = run(*NEVER_LOADED, "--messages", path, "Hi")
                self.assert_one_line_error(outcome, 2, "invalid_argument", f"messages file '{path}'")

    def test_control_characters_in_a_name_do_not_reach_the_terminal(self):
        outcome = run(*NEVER_LOADED, "--messages", "a\x1b[31m\nb", "Hi")
        self.assert_one_line_error(outcome, 2, "invalid_argument")
        self.assertNotIn("\x1b", outcome.err)


class Models(support.Case):
    def assert_refused(self, path: str):
        outcome = run("generate", "-m", path, "Hi")
        kind = outcome.err.split(": ")[1]
        self.assertIn((kind, outcome.code), (("not_configured", 3), ("engine_failed", 6)), outcome)
        self.assert_one_line_error(outcome, outcome.code, kind, os.path.basename(path))

    def test_files_that_are_no_models(self):
        with open(support.model(), "rb") as file:
            half = file.read(os.path.getsize(support.model()) // 2)
        os.mkdir(self.folder + "/folder.gguf")
        self.assert_refused(self.folder + "/folder.gguf")
        self.assert_refused(self.write("empty.gguf", b""))
        self.assert_refused(self.write("text.gguf", "I am no model.\n" * 100))
        self.assert_refused(self.write("half.gguf", half))
        self.assert_refused(self.write("header.gguf", half[:4000]))

    def test_a_missing_model_is_not_configured(self):
        self.assert_one_line_error(run(*NEVER_LOADED, "Hi"), 3, "not_configured", "/nowhere/none.gguf")

    def test_two_processes_share_a_model(self):
        first = support.start("generate", "-m", support.model(), "--temperature", "0", support.PARIS)
        second = generate(support.PARIS)
        self.assertEqual(support.finish(first), second)
        self.assertEqual(second.code, 0)


class Listings(support.Case):
    def test_version(self):
        outcome = run("--version")
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        self.assertRegex(outcome.out, r"\Aabstractllm \d+\.\d+\.\d+\n[^\n]+\n\Z")

    def test_help(self):
        for words in (["--help"], ["generate", "--help"], ["generate", "-h"], ["providers", "--help"],
                      ["devices", "--help"]):
            outcome = run(*words)
            self.assertEqual((outcome.code, outcome.err), (0, ""))
            self.assertIn("abstractllm", outcome.out)
        for flag in ("--temperature", "--stop", "--messages", "--dry-run", "--context-size", "--first-event-timeout"):
            self.assertIn(flag, run("generate", "--help").out)

    def test_providers(self):
        found = {provider["name"]: provider for provider in run("providers", "--json").json()}
        self.assertTrue(found["huggingface"]["configured"])
        self.assertIn("openai_chat", found["huggingface"]["protocols"])
        self.assertNotIn("key_variable", found["huggingface"])
        lines = run("providers").out.splitlines()
        self.assertIn("huggingface", [line.split()[0] for line in lines[1:]])

    def test_devices(self):
        outcome = run("devices", "--json")
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        found = outcome.json()
        self.assertTrue(any(device["type"] == "cpu" for device in found))
        self.assertEqual(sum(device["chosen"] for device in found), 1)
        self.assertEqual(len(run("devices").out.splitlines()), len(found) + 1)
