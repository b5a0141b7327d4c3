# SPDX-License-Identifier: Apache-2.0
"""Many prompts from a file: order, failures, what a run that was cut leaves behind."""

import base64
import json
import os
import pathlib
import pty
import resource
import signal
import socket
import subprocess
import threading
import time

import support
from loopback import Server, error_body
from support import run, start

QUESTIONS = 500
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def body(text):
    return json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
                       "usage": {"prompt_tokens": 1, "completion_tokens": 1}})


def question_of(request):
    return request.json()["messages"][-1]["content"]


class Echo:
    """Answers with the question; fails where it says so. Counts how many it answers at once."""

    def __init__(self, delay=0.0):
        self.delay = delay
        self.lock = threading.Lock()
        self.now = self.most = 0
        self.seen = []

    def __call__(self, connection, request, _):
        question = question_of(request)
        with self.lock:
            self.seen.append(question)
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(self.delay)
        with self.lock:
            self.now -= 1
        if "fail" in question:
            return connection.answer(error_body("no such thing"), status="400 Bad Request")
        return connection.answer(body(question))


class Batch(support.Case):
    def setUp(self):
        super().setUp()
        self.output = self.path("out.jsonl")

    def path(self, name, text=None):
        path = pathlib.Path(self.folder, name)
        if text is not None:
            path.write_text(text, encoding="utf-8")
        return str(path)

    def flags(self, server, *more):
        return ("-p", "openai_compatible", "--base-url", server.url + "/v1", *more)

    def results(self, text=None):
        lines = (text if text is not None else pathlib.Path(self.output).read_text(encoding="utf-8")).splitlines()
        return [json.loads(line) for line in lines]

    def test_results_stand_in_the_order_of_the_questions(self):
        file = self.path("in.jsonl", '"one"\n\n{"prompt": "two", "id": {"n": 2}}\n"fail three"\n'
                                     '{"messages": [{"role": "user", "content": "four"}], "options": {"temperature": 0.5, "stop": ["x"]}}\n')
        with Server(Echo()) as server:
            outcome = run("batch", file, *self.flags(server))
            sent = {question_of(request): request.json() for request in server.requests}
        results = self.results(outcome.out)
        self.assertEqual([r["line"] for r in results], [1, 3, 4, 5])
        self.assertEqual([r.get("response", {}).get("text") for r in results], ["one", "two", None, "four"])
        self.assertEqual(results[1]["id"], {"n": 2})
        self.assertEqual(results[2]["error"]["kind"], "invalid_argument")
        self.assertEqual((sent["four"]["temperature"], sent["four"]["stop"]), (0.5, ["x"]))
        self.assertEqual((outcome.code, outcome.err), (2, "abstractllm: batch: 3 answered, 1 failed\n"))

    def test_lines_that_are_no_questions_fail_alone_and_in_their_place(self):
        file = self.path("in.jsonl", '"a"\n{"prompt": 3}\nnot json\n{"prompt": "b", "options": {"temprature": 1}}\n'
                                     '{"prompt": "c", "messages": []}\n{"text": "d"}\n7\n"z"\n')
        with Server(Echo()) as server:
            outcome = run("batch", file, *self.flags(server))
        results = self.results(outcome.out)
        self.assertEqual([r["line"] for r in results], list(range(1, 9)))
        self.assertEqual([("error" in r) for r in results], [False] + [True] * 6 + [False])
        self.assertEqual({r["error"]["kind"] for r in results if "error" in r}, {"invalid_argument"})
        self.assertIn("temperature", results[3]["error"]["message"])
        self.assertEqual(outcome.code, 2)

    def test_a_wrong_line_keeps_its_id(self):
        file = self.path("in.jsonl", '{"id": 7, "prompt": 5}\n{"id": ["x"], "prompt": "a", "options": {"n": -1}}\n')
        with Server(Echo()) as server:
            outcome = run("batch", file, *self.flags(server))
        self.assertEqual([r.get("id") for r in self.results(outcome.out)], [7, ["x"]])
        self.assertEqual(["error" in r for r in self.results(outcome.out)], [True, True])

    def test_calls_at_once_are_limited_and_used(self):
        echo, five = Echo(0.02), threading.Barrier(5)

        def handler(*call):
            five.wait(60)  # broken, and so an error, where fewer come at once
            return echo(*call)

        file = self.path("in.jsonl", "".join(f'"{n}"\n' for n in range(40)))
        with Server(handler) as server:
            self.assertEqual(run("batch", file, "--in-flight", "5", *self.flags(server)).code, 0)
        self.assertEqual(len(echo.seen), 40)
        self.assertLessEqual(echo.most, 5)

    def test_unordered_writes_what_comes_first(self):
        def handler(connection, request, _):
            if question_of(request) == "slow":
                time.sleep(0.3)
            return connection.answer(body(question_of(request)))

        file = self.path("in.jsonl", '"slow"\n"fast"\n"fast"\n')
        with Server(handler) as server:
            outcome = run("batch", file, "--unordered", *self.flags(server))
        self.assertEqual([r["line"] for r in self.results(outcome.out)][-1], 1)

    def test_standard_input(self):
        with Server(Echo()) as server:
            outcome = run("batch", "-", *self.flags(server), stdin=b'"from a pipe"')
        self.assertEqual(self.results(outcome.out)[0]["response"]["text"], "from a pipe")

    def check_all_once(self):
        results = self.results()
        self.assertEqual(sorted(r["line"] for r in results), list(range(1, QUESTIONS + 1)))
        failed = [r["line"] for r in results if "error" in r]
        self.assertEqual(sorted(failed), list(range(10, QUESTIONS + 1, 10)))
        return results

    def many_questions(self):
        return self.path("many.jsonl", "".join(f'"{"fail " if n % 10 == 0 else ""}{n}"\n' for n in range(1, QUESTIONS + 1)))

    def cut_short(self, how, *more):
        """Lets a run write some results, ends it by that signal, and runs it again."""
        file = self.many_questions()
        with Server(Echo(0.005)) as server:
            first = start("batch", file, "-o", self.output, *self.flags(server, *more), stdout=-3, stderr=-3)
            while not (os.path.exists(self.output) and os.path.getsize(self.output) > 5000):
                self.assertIsNone(first.poll(), "it ended before it could be stopped")
                time.sleep(0.002)
            first.send_signal(how)
            code = first.wait(support.HANG)
            before = len(pathlib.Path(self.output).read_text(encoding="utf-8").splitlines())
            self.assertLess(before, QUESTIONS)
            second = run("batch", file, "-o", self.output, "--resume", *self.flags(server, *more))
        self.assertEqual(second.code, 2, second.err)
        return code

    def test_a_run_that_was_killed_goes_on(self):
        self.assertEqual(self.cut_short(signal.SIGKILL), -signal.SIGKILL)
        self.assertEqual([r["line"] for r in self.check_all_once()], list(range(1, QUESTIONS + 1)))

    def test_a_run_that_was_interrupted_goes_on_unordered(self):
        self.assertEqual(self.cut_short(signal.SIGINT, "--unordered"), 130)
        self.check_all_once()

    def test_a_line_that_was_cut_is_asked_again(self):
        file = self.path("in.jsonl", '"a"\n"b"\n"c"\n')
        with Server(Echo()) as server:
            self.assertEqual(run("batch", file, "-o", self.output, *self.flags(server)).code, 0)
            whole = pathlib.Path(self.output).read_text(encoding="utf-8")
            pathlib.Path(self.output).write_text(whole[:-20], encoding="utf-8")
            again = run("batch", file, "-o", self.output, "--resume", *self.flags(server))
            self.assertEqual(len(server.requests), 4)
        self.assertEqual(again.err, "abstractllm: batch: 1 answered, 0 failed\n")
        self.assertEqual([r["response"]["text"] for r in self.results()], ["a", "b", "c"])

    def test_an_output_that_exists_is_not_touched(self):
        self.path("out.jsonl", "precious\n")
        with Server(Echo()) as server:
            flags = self.flags(server)
            self.assert_fails(run("batch", self.path("in.jsonl", '"a"\n'), "-o", self.output, *flags), 2, "invalid_argument")
            self.assert_fails(run("batch", self.path("in.jsonl"), "-o", self.output, "--resume", *flags), 2, "invalid_argument")
        self.assertEqual(pathlib.Path(self.output).read_text(encoding="utf-8"), "precious\n")

    def test_results_of_any_line_number_are_gone_on_from(self):
        # A list by line number would need 2^63 bits for this one.
        file = self.path("in.jsonl", '"a"\n"b"\n')
        written = '{"line":9000000000000000000,"response":{}}\n{"line":2,"response":{}}\n'
        self.path("out.jsonl", written)
        with Server(Echo()) as server:
            outcome = run("batch", file, "-o", self.output, "--resume", *self.flags(server))
        self.assertEqual((outcome.code, outcome.err), (0, "abstractllm: batch: 1 answered, 0 failed\n"))
        text = pathlib.Path(self.output).read_text(encoding="utf-8")
        self.assertTrue(text.startswith(written))
        self.assertEqual([r["line"] for r in self.results(text)][2:], [1])

    def test_files_that_are_no_results_are_refused_and_kept(self):
        file = self.path("in.jsonl", '"a"\n')
        with Server(Echo()) as server:
            for line in ('{"line":0,"response":{}}', '{"line":-1,"response":{}}', '{"line":99999999999999999999,"response":{}}',
                         '{"line":1e3,"response":{}}', '{"line":1}', '{"line":7 and more', '{"line":', "[]", "\0"):
                self.path("out.jsonl", line + "\n")
                outcome = run("batch", file, "-o", self.output, "--resume", *self.flags(server))
                self.assert_one_line_error(outcome, 2, "invalid_argument", self.output)
                self.assertEqual(pathlib.Path(self.output).read_text(encoding="utf-8"), line + "\n")
            outcome = run("batch", file, "-o", "/dev/null", "--resume", *self.flags(server))
            self.assert_one_line_error(outcome, 2, "invalid_argument", "/dev/null", "regular file")
            self.assertEqual(server.requests, [])

    def test_a_full_disk_is_an_error_that_names_the_file(self):
        # A limit for the size of files stands for a disk: the write fails in the same way.
        def limited():
            support.default_signals()
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

        file = self.path("in.jsonl", "".join(f'"{n}"\n' for n in range(50)))
        with Server(Echo()) as server:
            outcome = support.finish(start("batch", file, "-o", self.output, *self.flags(server), preexec_fn=limited))
        self.assertEqual((outcome.code, outcome.out), (74, ""), outcome)
        self.assertEqual(outcome.err, f"abstractllm: output_failed: cannot write '{self.output}': File too large\n")
        with open("/dev/full", "wb") as full, Server(Echo()) as server:
            outcome = run("batch", file, *self.flags(server), stdout=full)
        self.assertEqual(outcome.code, 74)
        self.assertIn("cannot write standard output: ", outcome.err)

    def test_a_line_sets_no_trusted_option(self):
        """It may come from a stranger: it must not say where the key goes or which files are read and written."""
        stolen = []
        with Server(lambda c, r, n: (stolen.append(r.headers), c.answer(body("got it")))) as stranger, Server(Echo()) as server:
            record = self.path("made.jsonl")
            rows = {"base_url": stranger.url + "/v1", "api_key": "sk-theirs", "protocol": "ollama_chat", "insecure": True,
                    "extra_headers": {"X-A": "b"}, "record": record, "replay": record, "allow_private_image_urls": True,
                    "adapters": ["a.gguf"], "engine_args": ["--mlock"], "mmproj": "p.gguf", "chat_template": "chatml"}
            lines = [json.dumps({"prompt": name, "options": {name: value}}) for name, value in rows.items()]
            file = self.path("in.jsonl", "\n".join([*lines, '"an honest one"']) + "\n")
            outcome = run("batch", file, *self.flags(server), env={"OPENAI_COMPATIBLE_API_KEY": "sk-ours"})
            self.assertEqual((stolen, len(server.requests), os.path.exists(record)), ([], 1, False))
            results = self.results(outcome.out)
            self.assertEqual((outcome.code, len(results)), (2, len(rows) + 1))
            for name, result in zip(rows, results):
                self.assertEqual(result["error"]["kind"], "invalid_argument")
                self.assertIn(f"the option {name},", result["error"]["message"])
                self.assertIn("--allow-line-options", result["error"]["message"])
            self.assertEqual(results[-1]["response"]["text"], "an honest one")

            allowed = self.path("allowed.jsonl", lines[0] + "\n")
            outcome = run("batch", allowed, "--allow-line-options", *self.flags(server))
            self.assertEqual((outcome.code, len(stolen)), (0, 1), outcome)
            self.assertEqual(self.results(outcome.out)[0]["response"]["text"], "got it")

    def test_a_line_names_no_image_file(self):
        picture = os.path.join(self.folder, "private.png")
        pathlib.Path(picture).write_bytes(base64.b64decode(PNG))
        part = {"type": "image", "image": picture}
        lines = [{"prompt": "p", "options": {"images": [picture]}},
                 {"messages": [{"role": "user", "content": [{"type": "text", "text": "p"}, part]}]},
                 {"prompt": "p", "options": {"images": [PNG]}},
                 {"prompt": "p", "options": {"images": ["data:image/png;base64," + PNG]}}]
        file = self.path("in.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        with Server(lambda c, r, n: c.answer(body("seen"))) as server:
            refused = self.results(run("batch", file, *self.flags(server)).out)
            self.assertEqual(["error" in result for result in refused], [True, True, False, False], refused)
            self.assertIn("read from a file", refused[0]["error"]["message"])
            allowed = self.results(run("batch", file, "--allow-line-options", *self.flags(server)).out)
        self.assertEqual([result.get("response", {}).get("text") for result in allowed], ["seen"] * 4)

    def test_a_line_without_end_costs_no_memory(self):
        with Server(Echo()) as server:
            outcome = support.shell(f"""(head -c 300000000 /dev/zero | tr '\\0' x; printf '\n"after"\n') |
                                        "$BIN" batch - -p openai_compatible --base-url {server.url}/v1""")
        results = self.results(outcome.out)
        self.assertIn("longer than 256 MiB", results[0]["error"]["message"])
        self.assertEqual((results[1]["line"], results[1]["response"]["text"]), (2, "after"))

    def test_a_byte_order_mark_and_carriage_returns_are_no_questions(self):
        file = self.path("in.jsonl", '\ufeff"a"\r\n\r\n"b"\r\n"c"')
        with Server(Echo()) as server:
            outcome = run("batch", file, *self.flags(server))
        self.assertEqual([(r["line"], r["response"]["text"]) for r in self.results(outcome.out)], [(1, "a"), (3, "b"), (4, "c")])

    def test_wrong_arguments(self):
        base = ("-p", "openai_compatible", "--base-url", "http://127.0.0.1:9/v1")
        for words in (("batch",), ("batch", "x", "--resume"), ("batch", "x", "--in-flight", "0"), ("batch", "x", "--in-flight", "9x")):
            self.assert_fails(run(*words, *base), 2, "invalid_argument")
        for file in ("missing.jsonl", self.folder):
            self.assert_fails(run("batch", file, *base), 2, "invalid_argument")

    def test_a_closed_pipe_ends_it_quietly(self):
        file = self.many_questions()
        with Server(Echo(0.005)) as server:
            process = start("batch", file, "-q", *self.flags(server), stdout=-1, stderr=-1)
            process.stdout.readline()
            process.stdout.close()
            self.assertEqual((process.wait(support.HANG), process.stderr.read()), (0, b""))
            process.stderr.close()

    def test_http2_calls_share_one_connection(self):
        """Behind nghttpx, which speaks HTTP/2 to us. The limit of connections is no limit of calls then."""
        key, cert, log = self.path("key.pem"), self.path("cert.pem"), self.path("access.log")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        file = self.path("in.jsonl", "".join(f'"{n}"\n' for n in range(60)))
        echo = Echo(0.05)
        with Server(echo) as server:
            proxy = subprocess.Popen(["nghttpx", f"-f127.0.0.1,{port}", f"-b127.0.0.1,{server.port}", key, cert, "--no-ocsp", "--conf=/dev/null",
                                      f"--accesslog-file={log}", "--accesslog-format=$remote_port $alpn", "--workers=1"],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                self.wait_for(port)
                outcome = run("batch", file, "--in-flight", "20", "--max-connections-per-host", "1", "-p", "openai_compatible",
                              "--base-url", f"https://127.0.0.1:{port}/v1", env={"CURL_CA_BUNDLE": cert})
            finally:
                proxy.terminate()
                proxy.wait()
        self.assertEqual(outcome.code, 0, outcome.err)
        lines = pathlib.Path(log).read_text(encoding="utf-8").splitlines()
        self.assertEqual((len(lines), {line.split()[1] for line in lines}), (60, {"h2"}))
        self.assertEqual(len({line.split()[0] for line in lines}), 1, "one port of ours: one connection")
        self.assertGreater(echo.most, 10, "calls run side by side on it")

    def wait_for(self, port):
        deadline = time.monotonic() + support.HANG
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port)).close()
            except OSError:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)

    def test_progress_on_a_terminal(self):
        file = self.path("in.jsonl", "".join(f'"{n}"\n' for n in range(100)))
        with Server(Echo(0.02)) as server:
            controller, terminal = pty.openpty()
            process = start("batch", file, "-o", self.output, "--in-flight", "4", *self.flags(server), stderr=terminal)
            os.close(terminal)
            shown = b""
            try:
                while part := os.read(controller, 65536):
                    shown += part
            except OSError:  # how Linux says that nobody has the terminal open any more
                pass
            os.close(controller)
            process.communicate(timeout=support.HANG)
        self.assertRegex(shown.decode(), r"\d+ done, 0 failed, \d+ tokens/s, \d+ s left")
        self.assertTrue(shown.decode().endswith("abstractllm: batch: 100 answered, 0 failed\r\n"), shown)
