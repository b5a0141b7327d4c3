#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/options.md from include/abstractllm/options.def; with --check, fails when the two differ."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "include/abstractllm/options.def"
PAGE = ROOT / "docs/options.md"
ROW = re.compile(r'^ABSTRACTLLM_OPTION\((\w+),\s*(\w+),\s*(\w+),\s*(\w+),\s*(\w+),\s*"([^"]*)",\s*(-?\d+),\s*(-?\d+),\s*"([^"]*)",\s*"([^"]*)"\)', re.M)
HEAD = """# Options

scripts/options_table.py writes this page from include/abstractllm/options.def. Change that table and not this page.

`Options` has a setter and a getter for each row. The environment variable is `ABSTRACTLLM_` and the name in capitals.
Lists and `api_key` have no such variable; a key comes from the variable of its provider. The options of a call override
those of the handle, these override the environment, and the environment overrides the provider's defaults. An option
that is set nowhere is not sent. Only code, flags and the environment may set a trusted option; a line of a batch file
must not set one.

| option | kind | range | flag | meaning |
|---|---|---|---|---|
"""


def render() -> str:
    rows = ROW.findall(TABLE.read_text(encoding="utf-8"))
    if not rows:
        sys.exit("options_table: found no row")
    lines = []
    for name, kind, _scope, trust, _transport, unit, low, high, flag, text in rows:
        span = "" if low == high == "0" else f"{low} … {high}" + (f" {unit}" if unit else "")
        spelling = f"`{flag.replace(',', ', ')}`" if flag else ""
        lines.append(f"| `{name}` | {kind}{', trusted' if trust == 'trusted' else ''} | {span} | {spelling} | {text.replace('|', chr(92) + '|')} |")
    return HEAD + "\n".join(lines) + "\n"


def main() -> int:
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(render(), encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == render():
        print("options_table: docs/options.md is up to date")
        return 0
    print("options_table: docs/options.md is out of date: run scripts/options_table.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
