#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a citation does not resolve: a page of docs/, one of its anchors, a README, or a relative Markdown link.

A citation is the path of a page in docs/, perhaps with #anchor or with #anchor, #anchor, anywhere in a text file of the
repository. So is the README that a comment says is beside its file. Texts that are not in the repository must not be
cited at all. With a folder as its argument, the script checks that folder in place of the repository.
"""

import functools
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ["include", "src", "apps", "examples", "tests", "bench", "fuzz", "cmake", "scripts", "docs"]
SUFFIXES = {".cpp", ".hpp", ".c", ".h", ".def", ".md", ".py", ".sh", ".cmake", ".txt", ".json", ".in", ""}
# Not in a repository; in two pieces, so that this file does not cite them.
ELSEWHERE = ["wire_" + "protocols", "../" + "shared"]
# The next anchors of a list may be on the next line of a comment.
CITATION = re.compile(r"(?<![\w./])((?:\.\./)*)(docs/[\w./-]+\.md)((?:#[\w-]+)?(?:,\s+(?:///?\s+|\*\s+|#\s+)?#[a-z][\w-]+)*)")
BESIDE = re.compile(r"README\.md\s+(?:///?\s+)?beside\s+(?:///?\s+)?this\s+(?:///?\s+)?file")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s+(\S+)", re.M)


def anchor_of(heading: str) -> str:
    """As GitHub makes it: lower case, without punctuation, with a hyphen for each space."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def without_code(text: str) -> str:
    """Keeps the number of lines, so that a place that is reported is right."""
    text = re.sub(r"^(```|~~~).*?^\1", lambda block: "\n" * block.group().count("\n"), text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


@functools.lru_cache(maxsize=None)
def anchors(page: pathlib.Path) -> frozenset[str]:
    found: set[str] = set()
    text = page.read_text(encoding="utf-8")
    # A heading keeps the text of its code.
    prose = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.M | re.S)
    for heading in re.findall(r"^#{1,6} +(.+?)(?: +#+)?$", prose, re.M):
        name, number = anchor_of(heading), 0
        while (name if not number else f"{name}-{number}") in found:
            number += 1
        found.add(name if not number else f"{name}-{number}")
    found.update(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))
    return frozenset(found)


def resolve(page: pathlib.Path, names: list[str], shown: str, where: str, problems: list[str]) -> None:
    if not page.exists():
        problems.append(f"{where}: {shown} does not exist")
        return
    for name in names:
        if page.suffix == ".md" and name not in anchors(page):
            problems.append(f"{where}: {shown} has no anchor #{name}")


def check_file(root: pathlib.Path, path: pathlib.Path, problems: list[str]) -> int:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return 0
    room = path.relative_to(root).as_posix()
    place = lambda at: f"{room}:{text.count(chr(10), 0, at) + 1}"
    count = 0
    for word in ELSEWHERE:
        for at in (found.start() for found in re.finditer(re.escape(word), text)):
            problems.append(f"{place(at)}: \"{word}\" is not part of this repository; cite docs/ or a URL")
    for found in CITATION.finditer(text):
        names = re.findall(r"#([\w-]+)", found.group(3))
        # A link is relative to its own folder and is checked as a link.
        if not found.group(1):
            count += 1
            resolve(root / found.group(2), names, found.group(2), place(found.start()), problems)
    for found in BESIDE.finditer(text):
        count += 1
        resolve(path.parent / "README.md", [], f"{path.parent.relative_to(root)}/README.md", place(found.start()), problems)
    if path.suffix == ".md":
        for found in LINK.finditer(without_code(text)):
            target = found.group(1) or found.group(2)
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            count += 1
            file, _, name = target.partition("#")
            # Lines are the same ones with and without code.
            line = without_code(text).count("\n", 0, found.start()) + 1
            page = path if not file else pathlib.Path(os.path.normpath(path.parent / file))
            resolve(page, [name] if name else [], file or room, f"{room}:{line}", problems)
    return count


def main() -> int:
    root = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    files = [p for p in sorted(root.iterdir()) if p.is_file() and p.suffix in {".md", ".txt"}]
    for folder in FOLDERS:
        files += [p for p in sorted((root / folder).rglob("*"))
                  if p.is_file() and p.suffix in SUFFIXES and "__pycache__" not in p.parts]
    problems: list[str] = []
    count = sum(check_file(root, path, problems) for path in files)
    if not count:
        problems.append("check_citations: found no citation to check")
    for problem in problems:
        print(problem)
    print(f"check_citations: {len(files)} files, {count} citations, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
