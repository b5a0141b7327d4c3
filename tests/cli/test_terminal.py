# SPDX-License-Identifier: Apache-2.0
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import threading

import support
from support import LONG, PARIS


class Terminal:
    """A pseudo-terminal; what the tool writes to it is collected."""

    def __init__(self, columns: int = 100):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
        self.seen = b""

    def become_controlling(self) -> None:
        """For the child: keys typed here are then signals."""
        support.default_signals()
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def read_until(self, process: subprocess.Popen, found) -> None:
        """Reads until found(seen) or the process has ended and all is read."""
        while not found(self.seen):
            ready, _, _ = select.select([self.master], [], [], 0.05)
            if ready:
                self.seen += os.read(self.master, 65536)
            elif process.poll() is not None:
                return

    def finish(self, process: subprocess.Popen) -> int:
        guard = threading.Timer(support.HANG, process.kill)
        guard.start()
        self.read_until(process, lambda seen: False)
        guard.cancel()
        return process.wait()

    def close(self) -> None:
        os.close(self.master)
        os.close(self.slave)


class Terminals(support.Case):
    def setUp(self):
        super().setUp()
        self.terminal = Terminal()
        self.addCleanup(self.terminal.close)

    def answered(self, *flags, env=None, **popen) -> tuple:
        """Standard error is the terminal, standard output a pipe."""
        process = support.start("generate", "-m", support.model(), "--temperature", "0", *flags, PARIS,
                                stderr=self.terminal.slave, env=support.environment(**(env or {})), **popen)
        code = self.terminal.finish(process)
        out = process.stdout.read().decode() if process.stdout else ""
        if process.stdout:
            process.stdout.close()
        return code, out, self.terminal.seen.decode()

    def screen(self, seen: str) -> list:
        """What a terminal shows that knows \\r and \\n alone."""
        lines, line, column = [], [], 0
        for character in seen:
            if character == "\r":
                column = 0
            elif character == "\n":
                lines.append("".join(line).rstrip())
                line, column = [], 0
            else:
                line[column:column + 1] = [character]
                column += 1
        return lines + ["".join(line).rstrip()]

    def test_loading_shows_a_line_that_is_gone_at_the_end(self):
        code, out, seen = self.answered()
        self.assertEqual(code, 0)
        self.assertIn("Paris", out)
        self.assertIn("loading ", seen)
        self.assertIn("%", seen)
        self.assertEqual(self.screen(seen), [""])

    def test_the_line_is_erased_before_the_answer(self):
        code, _, seen = self.answered(stdout=self.terminal.slave)
        self.assertEqual(code, 0)
        lines = [line for line in self.screen(seen) if line]
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("Paris", lines[0])
        self.assertNotIn("loading", lines[0])

    def test_a_narrow_terminal_is_not_wrapped(self):
        fcntl.ioctl(self.terminal.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 12, 0, 0))
        _, _, seen = self.answered()
        self.assertTrue(all(len(part) < 12 for part in seen.split("\r")), seen)

    def test_no_colour_and_quiet(self):
        self.assertNotIn("\x1b", self.answered(env={"NO_COLOR": "1"})[2])
        self.terminal.seen = b""
        self.assertEqual(self.answered("-q")[2], "")

    def test_no_progress_without_a_terminal(self):
        self.assertNotIn("loading", support.generate(PARIS).err)

    def test_an_error_erases_the_line(self):
        process = support.start("generate", "-m", support.model(), "--context-size", "256", "word " * 500,
                                stderr=self.terminal.slave)
        code = self.terminal.finish(process)
        process.stdout.close()
        self.assertEqual(code, 6)
        lines = self.screen(self.terminal.seen.decode())
        self.assertEqual(len([line for line in lines if line]), 1, lines)
        self.assertTrue(lines[0].startswith("abstractllm: context_length: "), lines)

    def test_control_characters_do_not_reach_a_terminal(self):
        words = ("generate", "-m", "none.gguf", "--dry-run", "a\x7f\u009bb")
        code = self.terminal.finish(support.start(*words, stdout=self.terminal.slave))
        self.assertEqual(code, 0)
        self.assertIn('"ab"', self.terminal.seen.decode())
        self.assertIn("a\x7f\u009bb", support.run(*words).out)

    def test_ctrl_c_in_a_terminal(self):
        process = support.start("generate", "-m", support.model(), "-q", "--max-tokens", "4000", LONG,
                                stdin=self.terminal.slave, stdout=self.terminal.slave, stderr=self.terminal.slave,
                                preexec_fn=self.terminal.become_controlling)
        self.terminal.read_until(process, lambda seen: b"fox" in seen or len(seen) > 20)
        self.terminal.type(b"\x03")
        self.assertEqual(self.terminal.finish(process), 130)
        lines = [line for line in self.terminal.seen.decode().splitlines() if line]
        self.assertTrue(lines[-1].startswith("abstractllm: cancelled: "), lines)

    def test_a_prompt_can_be_typed(self):
        process = support.start("generate", "-m", "none.gguf", "--dry-run", stdin=self.terminal.slave,
                                stderr=self.terminal.slave, preexec_fn=self.terminal.become_controlling)
        self.terminal.read_until(process, lambda seen: b"Ctrl-D" in seen)
        self.terminal.type(b"typed\n\x04")
        self.assertEqual(self.terminal.finish(process), 0)
        self.assertIn('"typed"', process.stdout.read().decode())
        process.stdout.close()
