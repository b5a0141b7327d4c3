#!/usr/bin/env python3
"""suites_have_tests.py PROGRAM...: fails for a GoogleTest program without a test."""

import subprocess
import sys

empty = [program for program in sys.argv[1:]
         if "\n  " not in subprocess.run([program, "--gtest_list_tests"], check=True, capture_output=True, text=True).stdout]
for program in empty:
    print(f"no test in {program}")
print(f"{len(sys.argv) - 1} suites, {len(empty)} without tests")
sys.exit(bool(empty) or len(sys.argv) < 2)
