# SPDX-License-Identifier: Apache-2.0
import json

import support
from support import LONG, PARIS, generate, run


class Answers(support.Case):
    def test_text_is_the_answer_and_one_newline(self):
        answer = generate(PARIS)
        self.assertEqual((answer.code, answer.err), (0, ""))
        self.assertIn("Paris", answer.out)
        self.assertTrue(answer.out.endswith("\n"))

    def test_all_formats_agree_on_the_text(self):
        args = ("--max-tokens", "24", "-q", LONG)
        text = generate(*args).out
        self.assertEqual(text, generate("--no-stream", *args).out)
        for delivery in ([], ["--no-stream"]):
            response = generate("--json", *delivery, *args)
            self.assertEqual((response.code, response.err), (0, ""))
            self.assertEqual(text, response.json()["text"] + "\n")
            events = generate("--events", *delivery, *args)
            self.assertEqual((events.code, events.err), (0, ""))
            deltas = [line["text"] for line in events.lines() if line["type"] == "text_delta"]
            self.assertEqual(text, "".join(deltas) + "\n")
            self.assertEqual(text, events.lines()[-1]["response"]["text"] + "\n")
            self.assertEqual("finished", events.lines()[-1]["type"])

    def test_json_is_the_contract_object(self):
        response = generate("--json", PARIS).json()
        self.assertEqual(response["finish_reason"], "stop")
        self.assertEqual(response["provider"], "huggingface")
        self.assertGreater(response["usage"]["input_tokens"], 0)
        self.assertGreater(response["usage"]["output_tokens"], 0)
        self.assertEqual(response["timing"]["attempts"], 1)
        self.assertGreater(response["timing"]["total_ms"], 0)
        for name, value in response.items():
            self.assertNotIn(value, (None, ""), f"{name} is unknown, so it must be absent")

    def test_events_come_one_by_one(self):
        types = [line["type"] for line in generate("--events", "--max-tokens", "8", LONG).lines()]
        self.assertGreater(types.count("text_delta"), 1)
        self.assertEqual(types.count("finished"), 1)

    def test_a_length_limit_is_a_warning(self):
        answer = generate("--max-tokens", "3", LONG)
        self.assertEqual(answer.code, 0)
        self.assertTrue(answer.err.startswith("abstractllm: warning: "), answer)
        self.assertEqual(len(answer.err.splitlines()), 1)
        self.assertEqual(generate("-q", "--max-tokens", "3", LONG), support.Outcome(0, answer.out, ""))

    def test_a_warning_stands_in_the_json_alone(self):
        answer = generate("--json", "--max-tokens", "3", LONG)
        self.assertEqual((answer.code, answer.err), (0, ""))
        self.assertEqual(answer.json()["finish_reason"], "length")
        self.assertEqual(len(answer.json()["warnings"]), 1)
        events = generate("--events", "--max-tokens", "3", LONG)
        self.assertEqual(events.err, "")
        self.assertIn("warning", [line["type"] for line in events.lines()])

    def test_stop_repeats_and_does_not_eat_the_prompt(self):
        whole = generate("--json", "--max-tokens", "24", "Count from 1 to 9.").json()["text"]
        cut = generate("--json", "--max-tokens", "24", "--stop", "zzz", "--stop", " ", "Count from 1 to 9.").json()
        self.assertEqual(cut["text"], whole.split(" ")[0])
        self.assertEqual(cut["finish_reason"], "stop")

    def test_a_table_flag_that_repeats_takes_the_last_value(self):
        answer = generate("--json", "--max-tokens", "50", "--max-tokens", "2", LONG).json()
        self.assertEqual(answer["usage"]["output_tokens"], 2)


class Prompts(support.Case):
    def test_standard_input_is_the_prompt_without_an_argument_or_with_a_dash(self):
        answer = generate(PARIS)
        self.assertEqual(answer, generate(stdin=PARIS.encode()))
        self.assertEqual(answer, generate("-", stdin=PARIS.encode() + b"\n"))

    def dry_messages(self, *args, **more) -> list:
        outcome = run("generate", "-m", "none.gguf", "--dry-run", *args, **more)
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        return outcome.json()["body"]["messages"]

    def test_one_newline_is_taken_off_standard_input(self):
        for given, sent in ((b"a\n", "a"), (b"a\n\n", "a\n"), (b" a \r\n b", " a \r\n b"),
                            ("é\u2028\n".encode(), "é\u2028")):
            self.assertEqual(self.dry_messages(stdin=given), [{"role": "user", "content": sent}])

    def test_prompts_that_look_like_syntax_are_text(self):
        for prompt in ("{}", "[a,b]", "%%", "++", "devices", "true", "a=b", "--"):
            self.assertEqual(self.dry_messages("--", prompt), [{"role": "user", "content": prompt}])
            if prompt != "--":
                self.assertEqual(self.dry_messages(prompt), [{"role": "user", "content": prompt}])

    def test_a_conversation_comes_before_the_prompt(self):
        earlier = [{"role": "user", "content": "I am Ada."}, {"role": "assistant", "content": "Hello Ada."}]
        path = self.write("chat.json", json.dumps(earlier))
        self.assertEqual(self.dry_messages("--messages", path, "-s", "Be brief.", "Who am I?"),
                         [{"role": "system", "content": "Be brief."}, *earlier,
                          {"role": "user", "content": "Who am I?"}])

    def test_a_conversation_needs_no_prompt(self):
        path = self.write("chat.json", '[{"role": "user", "content": "Hi"}]')
        self.assertEqual(self.dry_messages("--messages", path), [{"role": "user", "content": "Hi"}])

    def test_a_dry_run_prints_one_request_and_loads_nothing(self):
        outcome = run("generate", "-m", "none.gguf", "--dry-run", "--temperature", "0.5", "--top-k", "7", "--seed", "3",
                      "--max-tokens", "9", "--stop", "a", "--stop", "[b,c]", "--header", "X-Key: hush",
                      "--body", '{"extra": [1]}', "Hi")
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        request = outcome.json()
        self.assertEqual(request["method"], "POST")
        self.assertIsInstance(request["url"], str)
        self.assertNotIn("hush", outcome.out)
        body = request["body"]
        self.assertEqual((body["temperature"], body["top_k"], body["stop"], body["seed"]), (0.5, 7, ["a", "[b,c]"], 3))
        self.assertEqual((body["extra"], body["stream"]), ([1], True))
        whole = run("generate", "-m", "none.gguf", "--dry-run", "--no-stream", "Hi").json()
        self.assertFalse(whole["body"].get("stream", False))

    def test_flags_win_over_variables(self):
        env = {"ABSTRACTLLM_MODEL": support.model(), "ABSTRACTLLM_TEMPERATURE": "0"}
        self.assertEqual(run("generate", PARIS, env=env), generate(PARIS))
        self.assertEqual(run("generate", "-m", support.model(), "--temperature", "0", PARIS,
                             env={"ABSTRACTLLM_MODEL": "/nowhere.gguf"}).code, 0)
        self.assert_one_line_error(run("generate", "Hi", env={"ABSTRACTLLM_PROVIDER": "nobody"}),
                                   2, "invalid_argument", "nobody")
        self.assertEqual(generate("-p", "huggingface", PARIS, env={"ABSTRACTLLM_PROVIDER": "nobody"}).code, 0)
        self.assertEqual(generate(PARIS, env={"ABSTRACTLLM_PROVIDER": ""}).code, 0)

    def test_local_is_another_name_of_the_models_in_this_process(self):
        self.assertEqual(generate("-p", "local", "--json", PARIS).json()["provider"], "huggingface")
        self.assertEqual(generate(PARIS, env={"ABSTRACTLLM_PROVIDER": "local"}).code, 0)
        self.assertEqual(run("models", "-p", "local").out, run("models", "-p", "huggingface").out)


class Logs(support.Case):
    def logged(self, *args) -> list:
        outcome = generate("--max-tokens", "4", *args)
        self.assertEqual(outcome.code, 0)
        lines = [line for line in outcome.err.splitlines() if not line.startswith("abstractllm: warning: ")]
        self.assertTrue(all(line.startswith("{") for line in lines), outcome.err)
        return lines

    def test_v_logs_request_and_response_without_text(self):
        lines = self.logged("-v", "Tell me about the xylophone")
        events = [json.loads(line)["event"] for line in lines]
        self.assertEqual((events.count("request"), events.count("response")), (1, 1))
        self.assertLess(events.index("request"), events.index("response"))
        self.assertNotIn("xylophone", "".join(lines))

    def test_vv_logs_the_text_too(self):
        lines = self.logged("-vv", "Tell me about the xylophone")
        self.assertTrue(any("xylophone" in line for line in lines if json.loads(line)["event"].startswith("request")))

    def test_it_is_silent_otherwise(self):
        self.assertEqual(self.logged("-q", "Hi"), [])
