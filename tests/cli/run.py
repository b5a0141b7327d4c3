#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of the command line tool: run.py BINARY [NAME...]

NAME picks tests as unittest does: test_streams, test_streams.Pipes.test_... . ABSTRACTLLM_TEST_MODEL is the path of a
real model (GGUF). Prints what failed, then one summary line; exit code 1 where something failed.
"""

import io
import os
import sys
import time
import unittest

import support


def main() -> int:
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        print("usage: run.py BINARY [NAME...]", file=sys.stderr)
        return 2
    support.BINARY = os.path.abspath(sys.argv[1])
    here = os.path.dirname(os.path.abspath(__file__))
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromNames(sys.argv[2:]) if sys.argv[2:] else loader.discover(here)
    report = io.StringIO()
    started = time.monotonic()
    result = unittest.TextTestRunner(stream=report, verbosity=0).run(suite)
    failed = len(result.failures) + len(result.errors)
    if failed or not result.testsRun:
        print(report.getvalue())
    print(f"cli: {result.testsRun} tests, {failed} failed, {len(result.skipped)} skipped, "
          f"{time.monotonic() - started:.1f} s")
    return 1 if failed or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
