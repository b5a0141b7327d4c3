# SPDX-License-Identifier: Apache-2.0
"""Standard input before the prompt: what is read, what is not, and that nothing hangs."""

import json
import os
import pty
import signal
import socket

import support
from loopback import Server, send_stream, stream
from support import run, start

ADDED = "abstractllm: added {} bytes of standard input to the prompt\n"
IGNORED = "abstractllm: warning: standard input is open, but nothing came from it within 1 s"
DRY = ("generate", "-p", "openai_compatible", "--base-url", "http://h.invalid/v1", "--dry-run")
BOM = b"\xef\xbb\xbf"


class Stdin(support.Case):
    def sent(self, outcome):
        self.assertEqual(outcome.code, 0, outcome)
        return [message["content"] for message in outcome.json()["body"]["messages"]]

    def from_file(self, content, *words, env=None):
        with open(self.write("input.txt", content), "rb") as file:
            return support.finish(start(*DRY, *words, stdin=file, env=support.environment(**(env or {}))))

    def with_open_pipe(self, *words, stdin=None):
        """The tool's outcome, while the other end of its standard input stays open and silent."""
        if stdin is None:
            read_end, write_end = os.pipe()
        else:
            read_end, write_end = stdin
        try:
            return support.finish(start(*words, stdin=read_end))
        finally:
            os.close(read_end)
            os.close(write_end)


class Added(Stdin):
    def test_a_file_goes_before_the_prompt_separated_by_an_empty_line(self):
        outcome = self.from_file("line 1\nline 2\n", "Summarise this")
        self.assertEqual(self.sent(outcome), ["line 1\nline 2\n\nSummarise this"])
        self.assertEqual(outcome.err, ADDED.format(13))

    def test_a_pipe_and_a_socket_do_too(self):
        outcome = run(*DRY, "Summarise this", stdin=b"text")
        self.assertEqual((self.sent(outcome), outcome.err), (["text\n\nSummarise this"], ADDED.format(4)))
        ours, theirs = socket.socketpair()
        ours.sendall(b"text\n")
        ours.shutdown(socket.SHUT_WR)
        outcome = support.finish(start(*DRY, "Summarise this", stdin=theirs))
        self.assertEqual((self.sent(outcome), outcome.err), (["text\n\nSummarise this"], ADDED.format(4)))
        ours.close()
        theirs.close()

    def test_a_pipe_is_read_to_its_end_once_it_has_begun(self):
        read_end, write_end = os.pipe()
        process = start(*DRY, "Summarise", stdin=read_end)
        os.close(read_end)
        os.write(write_end, b"first, ")
        # More than a pipe holds: each write returns only as the tool reads on.
        rest = b"x" * 300000
        os.write(write_end, rest)
        os.close(write_end)
        self.assertEqual(self.sent(support.finish(process)), ["first, " + rest.decode() + "\n\nSummarise"])

    def test_one_line_end_and_a_byte_order_mark_are_taken_off(self):
        for given, kept in ((b"a\n", "a"), (b"a\r\n", "a"), (b"a\n\n", "a\n"), (b"a\r\n\r\n", "a\r\n"), (b"a\r", "a\r"),
                            (BOM + b"a", "a"), (BOM + BOM + b"a", "\ufeffa"), ("é\n".encode(), "é")):
            self.assertEqual(self.sent(self.from_file(given, "P")), [kept + "\n\nP"], given)
            self.assertEqual(self.sent(self.from_file(given)), [kept], given)

    def test_nothing_to_add_is_not_mentioned(self):
        for content in (b"", b"\n", b"\r\n", BOM, BOM + b"\n"):
            outcome = self.from_file(content, "P")
            self.assertEqual((self.sent(outcome), outcome.err), (["P"], ""), content)

    def test_quiet_and_json_say_nothing_of_it(self):
        for flags in (["-q"], ["--json"], ["--events"]):
            outcome = self.from_file("text", *flags, "P")
            self.assertEqual((self.sent(outcome), outcome.err), (["text\n\nP"], ""), flags)

    def test_an_empty_prompt_leaves_the_input(self):
        self.assertEqual(self.sent(self.from_file("text\n", "")), ["text"])

    def test_what_is_no_utf8_is_refused_as_in_a_prompt(self):
        self.assert_one_line_error(self.from_file(b"caf\xe9", "-q", "P"), 2, "invalid_argument", "UTF-8")

    def test_a_size_beyond_any_model_is_refused(self):
        # /dev/zero never ends: without a limit this would take all memory.
        with open("/dev/zero", "rb") as zero:
            for words in (["P"], []):
                outcome = support.finish(start(*DRY, *words, stdin=zero))
                self.assert_one_line_error(outcome, 2, "invalid_argument", "standard input", "64 MiB")

    def test_a_folder_is_an_error(self):
        descriptor = os.open(self.folder, os.O_RDONLY)
        outcome = support.finish(start(*DRY, "P", stdin=descriptor))
        os.close(descriptor)
        self.assert_one_line_error(outcome, 2, "invalid_argument", "standard input", "directory")

    def test_it_reaches_the_server(self):
        with Server(lambda c, r, n: send_stream(c, stream("ok"))) as server:
            outcome = run("generate", "-p", "openai_compatible", "--base-url", server.url + "/v1", "Summarise", stdin=b"text\n")
        self.assertEqual((outcome.code, outcome.out, outcome.err), (0, "ok\n", ADDED.format(4)))
        self.assertEqual(server.requests[0].json()["messages"], [{"role": "user", "content": "text\n\nSummarise"}])


class NotAdded(Stdin):
    def test_the_null_device_adds_nothing(self):
        outcome = support.finish(start(*DRY, "P"))
        self.assertEqual((self.sent(outcome), outcome.err), (["P"], ""))

    def test_a_closed_or_write_only_stream_adds_nothing(self):
        with open(self.folder + "/file", "wb") as write_only:
            outcome = support.finish(start(*DRY, "P", stdin=write_only))
        self.assertEqual((self.sent(outcome), outcome.err), (["P"], ""))
        outcome = support.finish(start(*DRY, "P", preexec_fn=lambda: (support.default_signals(), os.close(0))))
        self.assertEqual((self.sent(outcome), outcome.err), (["P"], ""))

    def test_a_terminal_is_never_read_when_there_is_a_prompt(self):
        master, slave = pty.openpty()
        os.write(master, b"typed ahead\n\x04")
        outcome = support.finish(start(*DRY, "P", stdin=slave))
        self.assertEqual((self.sent(outcome), outcome.err), (["P"], ""))
        os.close(master)
        os.close(slave)

    def test_an_open_pipe_that_says_nothing_does_not_hang(self):
        outcome = self.with_open_pipe(*DRY, "P")
        self.assertEqual(self.sent(outcome), ["P"])
        self.assertTrue(outcome.err.startswith(IGNORED), outcome.err)
        self.assertEqual([warning["code"] for warning in outcome.json()["warnings"]], ["stdin_ignored"])
        self.assertEqual(self.with_open_pipe(*DRY, "-q", "P").err, "")

    def test_nor_does_an_open_socket(self):
        ours, theirs = socket.socketpair()
        outcome = self.with_open_pipe(*DRY, "P", stdin=(theirs.detach(), ours.detach()))
        self.assertTrue(outcome.err.startswith(IGNORED), outcome.err)

    def test_the_warning_is_in_every_format(self):
        with Server(lambda c, r, n: send_stream(c, stream("ok"))) as server:
            words = ("generate", "-p", "openai_compatible", "--base-url", server.url + "/v1")
            text = self.with_open_pipe(*words, "P")
            whole = self.with_open_pipe(*words, "--json", "P")
            events = self.with_open_pipe(*words, "--events", "P")
        self.assertEqual((text.code, text.out), (0, "ok\n"))
        self.assertTrue(text.err.startswith(IGNORED), text.err)
        self.assertEqual([warning["code"] for warning in whole.json()["warnings"]], ["stdin_ignored"])
        lines = events.lines()
        self.assertEqual((lines[0]["type"], lines[0]["code"]), ("warning", "stdin_ignored"))
        self.assertEqual([w["code"] for w in lines[-1]["response"]["warnings"]], ["stdin_ignored"])
        self.assertEqual((whole.err, events.err), ("", ""))

    def test_under_strict_it_is_an_error(self):
        self.assert_one_line_error(self.with_open_pipe(*DRY, "--strict", "P"), 2, "unsupported", "standard input")

    def test_it_can_be_switched_off(self):
        for flags, env in ((["--no-stdin"], {}), ([], {"ABSTRACTLLM_STDIN": "off"})):
            outcome = self.from_file("text", *flags, "P", env=env)
            self.assertEqual((self.sent(outcome), outcome.err), (["P"], ""))
        self.assertEqual(self.sent(self.from_file("text", "P", env={"ABSTRACTLLM_STDIN": "on"})), ["text\n\nP"])
        self.assert_fails(self.from_file("text", "P", env={"ABSTRACTLLM_STDIN": "maybe"}), 2, "invalid_argument",
                          "ABSTRACTLLM_STDIN", "maybe")

    def test_switched_off_in_a_loop_each_line_is_seen(self):
        script = 'printf "one\\ntwo\\n" | while read -r line; do "$BIN" {} --no-stdin "$line"; done'.format(" ".join(DRY))
        outcome = support.shell(script)
        self.assertEqual([json.loads(line)["body"]["messages"][0]["content"] for line in outcome.out.splitlines()],
                         ["one", "two"], outcome)

    def test_the_prompt_itself_is_read_all_the_same(self):
        for words in (["--no-stdin"], ["--no-stdin", "-"]):
            self.assertEqual(self.sent(self.from_file("text\n", *words)), ["text"])


class Conversations(Stdin):
    def setUp(self):
        super().setUp()
        self.messages = self.write("chat.json", BOM + b'[{"role": "user", "content": "Hi"}]')

    def test_an_open_pipe_does_not_hang(self):
        outcome = self.with_open_pipe(*DRY, "--messages", self.messages)
        self.assertEqual(self.sent(outcome), ["Hi"])
        self.assertTrue(outcome.err.startswith(IGNORED), outcome.err)

    def test_what_a_pipe_says_is_the_next_message(self):
        outcome = run(*DRY, "--messages", self.messages, stdin=b"And now?\n")
        self.assertEqual((self.sent(outcome), outcome.err), (["Hi", "And now?"], ADDED.format(8)))
        outcome = run(*DRY, "--messages", self.messages, "-", stdin=b"And now?\n")
        self.assertEqual((self.sent(outcome), outcome.err), (["Hi", "And now?"], ""))

    def test_it_goes_before_the_prompt(self):
        outcome = run(*DRY, "--messages", self.messages, "Summarise", stdin=b"text\n")
        self.assertEqual(self.sent(outcome), ["Hi", "text\n\nSummarise"])

    def test_switched_off_the_conversation_is_sent_as_it_is(self):
        self.assertEqual(self.sent(run(*DRY, "--messages", self.messages, "--no-stdin", stdin=b"text")), ["Hi"])


class Interrupts(Stdin):
    def interrupted(self, *words):
        """Ctrl-C, once the tool has read more than a pipe holds, and so waits for more."""
        read_end, write_end = os.pipe()
        process = start(*words, stdin=read_end)
        os.close(read_end)
        os.write(write_end, b'"' + b"x" * 300000)
        process.send_signal(signal.SIGINT)
        outcome = support.finish(process)
        os.close(write_end)
        return outcome

    def test_ctrl_c_ends_the_reading(self):
        for words in ([], ["-"], ["P"]):
            self.assert_one_line_error(self.interrupted(*DRY, *words), 130, "cancelled", "standard input")

    def test_ctrl_c_while_nothing_has_come(self):
        with Server(lambda c, r, n: send_stream(c, stream("ok"))) as server:
            words = ("batch", "-", "-p", "openai_compatible", "--base-url", server.url + "/v1")
            read_end, write_end = os.pipe()
            os.write(write_end, b'"a question"\n')
            process = start(*words, "--in-flight", "1", stdin=read_end)
            os.close(read_end)
            while not server.requests:
                self.assertIsNone(process.poll())
            process.send_signal(signal.SIGINT)
            outcome = support.finish(process)
            os.close(write_end)
        self.assertEqual(outcome.code, 130, outcome)

    def test_ctrl_c_while_a_batch_reads_a_line(self):
        outcome = self.interrupted("batch", "-", "-p", "openai_compatible", "--base-url", "http://h.invalid/v1")
        self.assertEqual((outcome.code, outcome.out), (130, ""), outcome)

    def test_ctrl_c_while_a_messages_file_is_read(self):
        path = os.path.join(self.folder, "fifo")
        os.mkfifo(path)
        process = start(*DRY, "--messages", path, "P")
        writer = os.open(path, os.O_WRONLY)  # waits until the tool has opened it
        os.write(writer, b"x" * 300000)
        process.send_signal(signal.SIGINT)
        outcome = support.finish(process)
        os.close(writer)
        self.assert_one_line_error(outcome, 130, "cancelled", "messages file")
