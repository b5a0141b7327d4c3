#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when an include crosses the layers of docs/architecture.md, or a file outgrows its limit."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# layer -> layers it may include. Everything may use include/ and base.
MAY_USE = {
    "base": set(),
    "transport": set(),
    "exchange": set(),
    "drivers": {"exchange", "transport"},
    "schema": set(),
    "tools": {"exchange", "schema"},
    "protocols": {"schema"},
    "media": set(),
    "gguf": set(),
    "hub": {"drivers", "exchange", "gguf", "transport"},
    "engines": {"gguf", "transport"},
    "providers": {"protocols", "engines", "gguf", "hub", "transport"},
    "core": {"providers", "drivers", "exchange", "protocols", "media", "schema", "tools"},
}
# What only some rooms may touch: (pattern of an include or a word, rooms that may, why).
ONLY_IN = [
    (re.compile(r"#include [<\"](llama|ggml|gguf|mtmd|common|server-|chat|log|arg|json)[\w-]*\.h[\">]"), {"src/engines/llama_cpp", "tests", "bench"},
     "the engine's headers"),
    (re.compile(r"#include <(sys/|unistd|poll|netinet|arpa|fcntl|pthread)"), {"src/base", "src/transport", "apps", "tests", "bench", "fuzz"},
     "the operating system"),
    (re.compile(r"#include [<\"]re2/"), {"src/schema"}, "RE2's headers"),
    (re.compile(r"\bgetenv\s*\("), {"src/base", "tests", "bench", "apps", "examples"}, "the environment"),
    (re.compile(r"std::thread|std::jthread"), {"src/base", "src/engines", "src/drivers", "src/tools", "apps", "tests", "bench", "examples"}, "threads"),
    (re.compile(r"steady_clock::now\(|system_clock::now\("), {"src/base", "src/engines", "apps", "tests", "bench", "examples"}, "the clock"),
    (re.compile(r"[.>]resume\("), {"src/drivers", "src/exchange", "tests", "bench"}, "Exchange::resume"),
]
LONGEST_FILE = 600
SUFFIXES = {".cpp", ".hpp", ".def"}


def room_of(path: pathlib.Path) -> str:
    return path.relative_to(ROOT).as_posix()


def check_include(path: pathlib.Path, included: str, problems: list[str], where: str) -> None:
    parts = path.relative_to(ROOT).parts
    if parts[0] == "include":
        if not included.startswith("abstractllm/"):
            problems.append(f"{where}: a public header may include only its siblings, not \"{included}\"")
        return
    if parts[0] in ("apps", "examples") and "/" in included and not included.startswith("abstractllm/"):
        layer = included.split("/")[0]
        if (ROOT / "src" / layer).is_dir():
            problems.append(f"{where}: {parts[0]} may use only include/, not \"{included}\"")
        return
    if parts[0] != "src":
        return
    layer, target = parts[1], included.split("/")[0]
    if target in ("abstractllm", layer, "base") or "/" not in included:
        return
    if target not in MAY_USE:
        problems.append(f"{where}: \"{included}\" belongs to no layer")
    elif target not in MAY_USE.get(layer, set()):
        problems.append(f"{where}: {layer} may not use {target} (\"{included}\")")


def check_file(path: pathlib.Path, problems: list[str]) -> None:
    room = room_of(path)
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if len(lines) > LONGEST_FILE:
        problems.append(f"{room}: {len(lines)} lines; more than {LONGEST_FILE} wants splitting")
    if "SPDX-License-Identifier: Apache-2.0" not in text[:400]:
        problems.append(f"{room}: no SPDX line")
    is_test = path.name.endswith("_test.cpp")
    for number, line in enumerate(lines, 1):
        where = f"{room}:{number}"
        found = re.match(r'\s*#include "([^"]+)"', line)
        if found and not is_test:
            check_include(path, found.group(1), problems, where)
        code = line.split("//")[0]
        for pattern, rooms, what in ONLY_IN:
            if pattern.search(code) and not is_test and not any(room.startswith(r + "/") for r in rooms):
                problems.append(f"{where}: {what} belong(s) to {', '.join(sorted(rooms))}")


def check_type_names(files: list[pathlib.Path], problems: list[str]) -> None:
    """Two types of one name in one namespace are one type to the linker, whichever it picks."""
    seen: dict[str, str] = {}
    for path in files:
        room = room_of(path)
        if path.suffix != ".hpp" or room.split("/")[0] not in ("include", "src"):
            continue
        for name in re.findall(r"^(?:class|struct|enum class)(?: ABSTRACTLLM_API| \[\[nodiscard\]\])* ([A-Z]\w+)\b(?!::)[^;<]*\{", path.read_text(encoding="utf-8"), re.M):
            if seen.setdefault(name, room) != room:
                problems.append(f"{room}: type {name} has its name from {seen[name]}")


def names_of_its_own(text: str) -> set[str]:
    """What a file defines in anonymous namespaces: constants and types by name, functions with their parameters' types."""
    names = set()
    for block in re.findall(r"^namespace \{$(.*?)^\}  // namespace$", text, re.M | re.S):
        names.update(re.findall(r"^(?:struct|class|enum class) (\w+)[^;]*\{", block, re.M))
        names.update(re.findall(r"^(?:constexpr|const|static|inline)\b[^(\n]*?[\s&*](\w+)(?:\{|\[| =)", block, re.M))
        for name, parameters in re.findall(r"^\w[^=(\n]*?[\s&*](\w+)\(([^()]*)\)[^;]*\{", block, re.M):
            types = [re.sub(r"\s*\b\w+(?: = .*)?$", "", part.strip()) for part in parameters.split(",")]
            names.add(f"{name}({', '.join(types)})")
    return names


def check_own_names(files: list[pathlib.Path], problems: list[str]) -> None:
    """Files of one folder are compiled together (cmake/Unity.cmake), and then such a name is taken twice."""
    seen: dict[tuple[str, str, str], str] = {}
    for path in files:
        room = room_of(path)
        if path.suffix != ".cpp" or path.name.endswith("_test.cpp") or room.split("/")[0] not in ("src", "apps"):
            continue
        text = path.read_text(encoding="utf-8")
        namespace = re.search(r"^namespace ([\w:]+) \{", text, re.M)
        folder = "/".join(room.split("/")[:2 if room.startswith("src/") else -1])
        for name in names_of_its_own(text):
            first = seen.setdefault((folder, namespace.group(1) if namespace else "", name), room)
            if first != room:
                problems.append(f"{room}: {name} has its name from {first}; give it another, as both are compiled together")


def main() -> int:
    problems: list[str] = []
    files = [p for folder in ("include", "src", "apps", "examples", "tests", "bench", "fuzz")
             for p in sorted((ROOT / folder).rglob("*")) if p.suffix in SUFFIXES]
    if not files:
        print("check_layers: found no file to check")
        return 1
    layers = {p.name for p in (ROOT / "src").iterdir() if p.is_dir()}
    for unknown in sorted(layers - MAY_USE.keys()):
        problems.append(f"src/{unknown}: not a layer")
    for path in files:
        check_file(path, problems)
    check_type_names(files, problems)
    check_own_names(files, problems)
    for problem in problems:
        print(problem)
    print(f"check_layers: {len(files)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
