# SPDX-License-Identifier: Apache-2.0
import json
import os
import signal
import time

import support
from support import LONG, generate, run, shell


class Pipes(support.Case):
    def test_a_closed_pipe_ends_quietly(self):
        outcome = shell('set -o pipefail; printf "Say hello" | "$BIN" generate -m "$MODEL" | head -c 5')
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        # The answer is sampled and may be shorter ("Hi") than what head takes.
        self.assertTrue(0 < len(outcome.out) <= 5, outcome)

    def test_a_long_answer_is_cut_where_the_pipe_closes(self):
        flags = f'--temperature 0 --max-tokens 200 "{LONG}"'
        outcome = shell(f'set -o pipefail; "$BIN" generate -m "$MODEL" {flags} | head -c 5')
        self.assertEqual((outcome.code, len(outcome.out), outcome.err), (0, 5, ""))

    def test_it_ends_quietly_in_every_format(self):
        for flags in ("--events", "--json", "-q --no-stream", "--dry-run"):
            outcome = shell(f'set -o pipefail; "$BIN" generate -m "$MODEL" {flags} --max-tokens 20 Hello | head -c 1')
            self.assertEqual((outcome.code, outcome.err), (0, ""), flags)
        self.assertEqual(shell('"$BIN" generate --help | true; exit ${PIPESTATUS[0]}').code, 0)

    def test_a_full_disk_is_an_error(self):
        answer = ["generate", "-m", support.model(), "--max-tokens", "4", "-q", "Hi"]
        for words in (["--version"], ["--help"], ["providers"], answer):
            with open("/dev/full", "wb") as full:
                outcome = run(*words, stdout=full)
            self.assertEqual((outcome.code, len(outcome.err.splitlines())), (74, 1), outcome)
            self.assertTrue(outcome.err.startswith("abstractllm: output_failed: "), outcome)
        with open("/dev/full", "wb") as full:
            outcome = generate("--json", "--max-tokens", "4", "Hi", stdout=full)
        self.assertEqual((outcome.code, outcome.error()["kind"]), (74, "output_failed"))

    def test_closed_standard_streams(self):
        self.assertEqual(shell('"$BIN" --version >&-').code, 74)
        outcome = shell('"$BIN" generate -m "$MODEL" -q --max-tokens 4 Hi >&-')
        self.assertEqual((outcome.code, len(outcome.err.splitlines())), (74, 1), outcome)
        self.assertEqual(shell('"$BIN" generate -m "$MODEL" --max-tokens 4 Hi 2>&-').code, 0)
        self.assertEqual(shell('"$BIN" generate -m "$MODEL" -q --max-tokens 4 Hi <&-').code, 0)
        self.assertEqual(shell('"$BIN" generate -m "$MODEL" <&-').code, 2)


class Interrupts(support.Case):
    """A signal comes when something was seen: the order is asserted, never a time."""

    def begun(self, *flags, **popen) -> tuple:
        process = support.start("generate", "-m", support.model(), "--temperature", "0", "--max-tokens", "4000",
                                *flags, LONG, **popen)
        first = os.read(process.stdout.fileno(), 1 if not flags else 65536)
        self.assertNotEqual(first, b"")
        return process, first

    def test_a_signal_keeps_the_text_so_far(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process, first = self.begun()
            process.send_signal(number)
            outcome = support.finish(process, read_out=first)
            self.assertEqual(outcome.code, 130, outcome)
            self.assertTrue(outcome.out.strip() and outcome.out.endswith("\n"), outcome)
            self.assertTrue(outcome.err.startswith("abstractllm: cancelled: "), outcome)
            self.assertEqual(len(outcome.err.splitlines()), 1, outcome)

    def test_events_end_with_the_error(self):
        process, first = self.begun("--events")
        process.send_signal(signal.SIGINT)
        outcome = support.finish(process, read_out=first)
        self.assertEqual(outcome.code, 130)
        last = outcome.lines()[-1]
        self.assertEqual((last["type"], last["error"]["kind"]), ("error", "cancelled"))
        self.assertEqual(outcome.error(), last["error"])
        text = "".join(line["text"] for line in outcome.lines()[:-1] if line["type"] == "text_delta")
        self.assertTrue(last["error"]["partial"]["text"].startswith(text))

    def interrupted_at_log_event(self, event: str, *flags) -> support.Outcome:
        process = support.start("generate", "-m", support.model(), "-vv", "--max-tokens", "4000", *flags, LONG)
        seen = b""
        while True:
            line = process.stderr.readline()
            seen += line
            self.assertNotEqual(line, b"", seen)
            if json.loads(line)["event"] == event:
                process.send_signal(signal.SIGINT)
                return support.finish(process, read_err=seen)

    def test_a_signal_while_the_model_loads(self):
        outcome = self.interrupted_at_log_event("load_progress")
        self.assertEqual(outcome.code, 130, outcome)
        # At -vv the engine may still have something to say behind it.
        self.assertEqual(sum(line.startswith("abstractllm: cancelled: ") for line in outcome.err.splitlines()), 1, outcome)

    def test_a_signal_while_a_whole_answer_is_awaited(self):
        for flags in (["--no-stream"], ["--json"], ["--no-stream", "--json"]):
            outcome = self.interrupted_at_log_event("load_progress", *flags)
            self.assertEqual((outcome.code, outcome.out), (130, ""), outcome)

    def test_a_signal_while_the_prompt_is_read(self):
        read_end, write_end = os.pipe()
        process = support.start("generate", "-m", support.model(), stdin=read_end)
        os.close(read_end)
        os.write(write_end, b"half a prompt")
        process.send_signal(signal.SIGINT)
        outcome = support.finish(process)
        os.close(write_end)
        self.assertIn(outcome.code, (130, -signal.SIGINT))
        self.assertEqual(outcome.out, "")

    def test_a_signal_while_nobody_reads(self):
        read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        try:
            while True:
                os.write(write_end, b"." * 4096)
        except BlockingIOError:
            os.set_blocking(write_end, True)
        process = support.start("generate", "-m", support.model(), "-vv", LONG, stdout=write_end)
        os.close(write_end)
        while json.loads(process.stderr.readline())["event"] != "load_progress":
            pass
        time.sleep(1)  # most likely it then waits to write; the outcome is the same if it does not
        process.send_signal(signal.SIGINT)
        self.assertEqual(support.finish(process).code, 130)
        os.close(read_end)

    def test_an_ignored_signal_stays_ignored(self):
        process = support.start("generate", "-m", support.model(), "-q", "--max-tokens", "40", LONG,
                                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
        first = os.read(process.stdout.fileno(), 1)
        process.send_signal(signal.SIGINT)
        outcome = support.finish(process, read_out=first)
        self.assertEqual((outcome.code, outcome.err), (0, ""))
