# SPDX-License-Identifier: Apache-2.0
"""Usage: exported_symbols.py NM LIBRARY. Fails when the library exports anything that is not abstractllm's own."""

import re
import subprocess
import sys

OURS = re.compile(r"^((typeinfo|typeinfo name|vtable) for )?abstractllm::")


def main(nm: str, library: str) -> int:
    listing = subprocess.run([nm, "-D", "-C", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    symbols = [line.split(" ", 2)[2] for line in listing.splitlines() if line.strip()]
    foreign = [s for s in symbols if not OURS.match(s)]
    for symbol in foreign[:20]:
        print("exports what is not ours:", symbol)
    if not any("create_llm" in s for s in symbols):
        print("create_llm is not exported")
        return 1
    print(f"{len(symbols)} exported symbols, {len(foreign)} foreign")
    return 1 if foreign else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
