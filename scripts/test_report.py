#!/usr/bin/env python3
"""Turns ctest's JUnit file of one configuration into one line per suite.

    test_report.py CONFIGURATION JUNIT_FILE TOTALS_FILE

Prints the lines, and the output of each suite that failed; appends "CONFIGURATION SUITES PASSED FAILED SKIPPED" to
TOTALS_FILE, counted over the cases inside the suites. Exits 1 if anything failed, or was skipped without saying why.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

# A case as GoogleTest, as our shell tests ("ok NAME"), and as Python's unittest (a count at the end) show it.
GTEST_CASE = re.compile(r"\[ +(OK|FAILED|SKIPPED) +\] ([^\n]*?)(?:, where [^\n]*)? \(\d+ ms\)$", re.M)
GTEST_SKIP = re.compile(r": Skipped\n(.*?)\[  SKIPPED \] ([^\n]*?)(?:, where [^\n]*)? \(\d+ ms\)$", re.M | re.S)
GTEST_PASSED = re.compile(r"^\[ RUN +\] ([^\n]*)\n(?:(?!\[ RUN )[^\n]*\n)*?\[ +OK +\] \1[^\n]*\n", re.M)
GTEST_FRAME = re.compile(r"^(?:\[[-=]+\][^\n]*)?\n", re.M)
GTEST_RUN = re.compile(r"^\[=+\] Running (\d+) tests? from", re.M)
SHELL_CASE = re.compile(r"^(ok|not ok) (\S.*)$", re.M)
UNITTEST_COUNT = re.compile(r"^Ran (\d+) tests? in ", re.M)
UNITTEST_FAILED = re.compile(r"(?:failures|errors)=(\d+)")
RUNNER_LINE = re.compile(r"^\w+: (\d+) tests, (\d+) failed, (\d+) skipped", re.M)
SKIP_REASON = re.compile(r"\bskip(?:ped|ping)?: *(\S.*)", re.I)

SHOWN_LINES = 150


@dataclass
class Suite:
    name: str
    seconds: float
    output: str
    passed: int = 0
    failed: int = 0
    skips: list = field(default_factory=list)  # reasons; "" where none was given
    problem: str = ""

    def ok(self):
        return not self.failed and not self.problem


def read_suite(case):
    suite = Suite(case.get("name"), float(case.get("time") or 0), case.findtext("system-out") or "")
    failure = case.find("failure")
    if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
        reason = GTEST_SKIP.search(suite.output) or SKIP_REASON.search(suite.output)
        suite.skips = [" ".join(reason.group(1).split()) if reason else ""]
    else:
        count_cases(suite, failure is not None)
        if failure is not None and not suite.failed:
            suite.failed = 1
            suite.problem = failure.get("message") or "failed"
    if failure is None and suite.failed:
        suite.problem = "a case failed, yet the suite's exit code was 0"
    if "" in suite.skips:
        suite.failed += suite.skips.count("")
        suite.skips = [reason for reason in suite.skips if reason]
        suite.problem = "skipped without saying why"
    return suite


def joined(suites):
    """Where each GoogleTest case is a test of ctest ("unit.base/Json.reads_numbers"), one line for those of one suite."""
    whole = {}
    for suite in suites:
        name, slash, _ = suite.name.partition("/")
        if not slash or name not in whole:
            suite.name = name
            whole[name if slash else len(whole)] = suite
            continue
        first = whole[name]
        first.seconds += suite.seconds
        first.passed += suite.passed
        first.failed += suite.failed
        first.skips += suite.skips
        first.output += suite.output
        first.problem = first.problem or suite.problem
    return list(whole.values())


def count_cases(suite, broken):
    outcomes = [match.group(1) for match in GTEST_CASE.finditer(suite.output)]
    announced = GTEST_RUN.search(suite.output)
    if announced:
        suite.passed = outcomes.count("OK")
        suite.failed = outcomes.count("FAILED")
        reasons = {name: " ".join(text.split()) for text, name in GTEST_SKIP.findall(suite.output)}
        skipped = [m.group(2) for m in GTEST_CASE.finditer(suite.output) if m.group(1) == "SKIPPED"]
        suite.skips = [reasons.get(name, "") for name in skipped]
        if announced.group(1) == "0":
            suite.failed, suite.problem = 1, "no test in it"
        return
    if own := RUNNER_LINE.search(suite.output):
        ran, suite.failed, skipped = map(int, own.groups())
        suite.passed = ran - suite.failed - skipped
        suite.skips = [""] * skipped
        return
    lines = [match.group(1) for match in SHELL_CASE.finditer(suite.output)]
    suite.failed = lines.count("not ok") + sum(int(n) for n in UNITTEST_FAILED.findall(suite.output))
    ran = len(lines) + sum(int(n) for n in UNITTEST_COUNT.findall(suite.output))
    suite.passed = ran - suite.failed if ran else int(not broken)


def show(configuration, suite):
    counts = f"{suite.passed} test{'s' * (suite.passed != 1)}"
    if suite.failed:
        counts = f"{suite.passed} passed, {suite.failed} failed"
    if suite.skips:
        counts += f", {len(suite.skips)} skipped"
    word = "ok  " if suite.ok() else "FAIL"
    print(f"{word}  {configuration}  {suite.name}  {counts}  {suite.seconds:.2f} s")
    for reason in sorted(set(suite.skips)):
        print(f"      skipped {suite.skips.count(reason)}: {reason}")
    if suite.problem:
        print(f"      {suite.problem}")
    if not suite.ok():
        lines = what_failed(suite.output).splitlines()
        if len(lines) > SHOWN_LINES:
            print(f"      ... the last {SHOWN_LINES} of {len(lines)} lines:")
        print("\n".join("    | " + line for line in lines[-SHOWN_LINES:]))


def what_failed(output):
    """The output without the cases that passed: what is left says why, and is short enough to be read as a whole."""
    if not GTEST_RUN.search(output):
        return output
    return GTEST_FRAME.sub("", GTEST_PASSED.sub("", output))


def main(configuration, junit_file, totals_file):
    try:
        suites = joined(read_suite(case) for case in ElementTree.parse(junit_file).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        print(f"FAIL  {configuration}  ctest left no report: {error}")
        suites = []
    for suite in suites:
        show(configuration, suite)
    passed = sum(suite.passed for suite in suites)
    failed = sum(suite.failed for suite in suites)
    skipped = sum(len(suite.skips) for suite in suites)
    if not suites or passed + failed == 0:
        print(f"FAIL  {configuration}  no test was run")
        failed += 1
    with open(totals_file, "a", encoding="utf-8") as totals:
        totals.write(f"{configuration} {len(suites)} {passed} {failed} {skipped}\n")
    return 1 if failed or not all(suite.ok() for suite in suites) else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
