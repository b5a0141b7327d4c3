#!/usr/bin/env python3
"""What scripts/test_report.py makes of ctest's JUnit files."""

import contextlib
import importlib.util
import io
import pathlib
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "test_report.py"
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location("test_report", SCRIPT)
test_report = importlib.util.module_from_spec(spec)
sys.modules["test_report"] = test_report
spec.loader.exec_module(test_report)

GTEST = """[==========] Running 3 tests from 1 test suite.
[ RUN      ] Json.reads_numbers
[       OK ] Json.reads_numbers (0 ms)
{ran}
[  PASSED  ] 2 tests.
[  FAILED  ] 1 test, listed below:
"""


def case(output="", status="run", inside=""):
    return f'<testcase name="unit.json" time="0.5" status="{status}">{inside}<system-out>{output}</system-out></testcase>'


def report(*cases):
    """Exit code, the printed text and the totals' numbers: suites, passed, failed, skipped."""
    with tempfile.TemporaryDirectory() as folder:
        junit, totals = pathlib.Path(folder, "junit.xml"), pathlib.Path(folder, "totals")
        junit.write_text(f"<testsuite>{''.join(cases)}</testsuite>", encoding="utf-8")
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            code = test_report.main("dev", str(junit), str(totals))
        return code, text.getvalue(), [int(n) for n in totals.read_text(encoding="utf-8").split()[1:]]


class Report(unittest.TestCase):
    def test_googletest_cases_are_counted(self):
        ran = "[       OK ] Json.a (1 ms)\nnoise[       OK ] Json/P.b/0 (1 ms)"
        code, text, totals = report(case(GTEST.format(ran=ran)))
        self.assertEqual((code, totals), (0, [1, 3, 0, 0]))
        self.assertIn("ok    dev  unit.json  3 tests  0.50 s", text)

    def test_a_failed_case_fails_and_shows_the_output(self):
        ran = "x.cpp:1: Failure\n[  FAILED  ] Json/P.a/0, where GetParam() = 4 (1 ms)"
        code, text, totals = report(case(GTEST.format(ran=ran), "fail", '<failure message="Failed"/>'))
        self.assertEqual((code, totals), (1, [1, 1, 1, 0]))
        self.assertIn("| x.cpp:1: Failure", text)

    def test_what_passed_is_not_shown_beside_what_failed(self):
        failed = ["[ RUN      ] Json.a", "x.cpp:1: Failure", "[  FAILED  ] Json.a (1 ms)"]
        ran = "\n".join([*failed, "[ RUN      ] Json.b", "quiet", "[       OK ] Json.b (1 ms)"])
        _, text, _ = report(case(GTEST.format(ran=ran) + "leaked", "fail", '<failure message="Failed"/>'))
        shown = [line.removeprefix("    | ") for line in text.splitlines() if line.startswith("    | ")]
        end = ["[  PASSED  ] 2 tests.", "[  FAILED  ] 1 test, listed below:", "leaked"]
        self.assertEqual(shown, failed + end)

    def test_cases_that_ctest_runs_one_by_one_are_one_suite(self):
        def one(name, ran, inside="", status="run"):
            output = f"[==========] Running 1 test from 1 test suite.\n[ RUN      ] {name}\n{ran} {name} (1 ms)\n"
            return case(output, status, inside).replace("unit.json", f"unit.json/{name}")

        good, bad = one("Json.a", "[       OK ]"), one("J/P.b/0", "[  FAILED  ]", '<failure message="Failed"/>', "fail")
        skipped = one("Json.c", "x.cpp:1: Skipped\nno GPU\n[  SKIPPED ]", "<skipped/>", "notrun")
        code, text, totals = report(good, skipped)
        self.assertEqual((code, totals), (0, [1, 1, 0, 1]))
        self.assertIn("ok    dev  unit.json  1 test, 1 skipped  1.00 s", text)
        self.assertIn("skipped 1: no GPU", text)
        code, text, totals = report(good, bad)
        self.assertEqual((code, totals), (1, [1, 1, 1, 0]))
        self.assertIn("FAIL  dev  unit.json  1 passed, 1 failed", text)

    def test_a_crash_counts_as_a_failure(self):
        code, _, totals = report(case(GTEST.format(ran="[ RUN      ] Json.a"), "fail", '<failure message="SEGFAULT"/>'))
        self.assertEqual((code, totals), (1, [1, 1, 1, 0]))

    def test_a_failed_case_behind_exit_code_0_fails(self):
        code, _, _ = report(case(GTEST.format(ran="[  FAILED  ] Json.a (1 ms)")))
        self.assertEqual(code, 1)

    def test_a_skip_needs_a_reason(self):
        skip = "x.cpp:1: Skipped\n{}\n[  SKIPPED ] Json.a (0 ms)"
        code, text, totals = report(case(GTEST.format(ran=skip.format("no GPU"))))
        self.assertEqual((code, totals), (0, [1, 1, 0, 1]))
        self.assertIn("skipped 1: no GPU", text)
        code, text, totals = report(case(GTEST.format(ran=skip.format(""))))
        self.assertEqual((code, totals), (1, [1, 1, 1, 0]))
        self.assertIn("skipped without saying why", text)

    def test_a_suite_skipped_by_its_exit_code_needs_a_reason_too(self):
        passed = case("fine")
        self.assertEqual(report(passed, case("skipped: no Ollama", "notrun", '<skipped message="77"/>'))[2], [2, 1, 0, 1])
        self.assertEqual(report(passed, case("", "notrun", '<skipped message="77"/>'))[0], 1)
        self.assertEqual(report(passed, case("", "disabled"))[0], 1)

    def test_shell_and_unittest_cases_are_counted(self):
        self.assertEqual(report(case("ok one thing\nok another\n"))[2], [1, 2, 0, 0])
        self.assertEqual(report(case("ok one\nnot ok two\n", "fail", '<failure message="Failed"/>'))[2], [1, 1, 1, 0])
        self.assertEqual(report(case("Ran 5 tests in 0.1s\n\nOK\n"))[2], [1, 5, 0, 0])
        failed = case("Ran 5 tests in 0.1s\n\nFAILED (failures=1, errors=1)\n", "fail", '<failure message="Failed"/>')
        self.assertEqual(report(failed)[2], [1, 3, 2, 0])

    def test_the_line_of_our_own_runners_is_counted_once(self):
        self.assertEqual(report(case("cli: 178 tests, 0 failed, 0 skipped, 96.2 s\n"))[2], [1, 178, 0, 0])
        failed = case("Ran 5 tests in 0.1s\n\nFAILED (failures=1)\n\ncli: 5 tests, 1 failed, 0 skipped, 0.1 s\n", "fail",
                      '<failure message="Failed"/>')
        self.assertEqual(report(failed)[2], [1, 4, 1, 0])
        self.assertEqual(report(case("cli: 5 tests, 0 failed, 1 skipped, 0.1 s\n"))[0], 1)

    def test_no_test_at_all_fails(self):
        self.assertEqual(report()[0], 1)
        self.assertEqual(report(case("[==========] Running 0 tests from 0 test suites.\n"))[0], 1)
        self.assertEqual(report(case("skipped: no network", "notrun", '<skipped message="77"/>'))[0], 1)


if __name__ == "__main__":
    unittest.main()
