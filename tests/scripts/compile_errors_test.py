#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs that must not compile, and the one sentence that tells why: compile_errors_test.py COMPILER INCLUDE_FOLDER"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

COMPILER, INCLUDE = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
START = """#include <abstractllm/tool.hpp>
#include <list>
namespace llm = abstractllm;
struct Socket { explicit Socket(int number) : handle(number) {} int handle; };
struct Holder { std::map<std::string, std::vector<Socket>> sockets; };
struct Fixed { const int value = 1; };
struct NoDefault { explicit NoDefault(int given) : value(given) {} int value; };
enum class Color { red };
template <> struct llm::Schema<Holder> {
  static constexpr auto fields = std::tuple(llm::field("sockets", &Holder::sockets, "Open sockets")); };
template <> struct llm::Schema<Fixed> {
  static constexpr auto fields = std::tuple(llm::field("value", &Fixed::value, "Value")); };
template <> struct llm::Schema<NoDefault> {
  static constexpr auto fields = std::tuple(llm::field("value", &NoDefault::value, "Value")); };
"""
TYPE = ("this type cannot be described to a model; what can: bool, integers other than characters, float, double, std::string, "
        "std::optional, std::vector, std::array, std::map with std::string keys, and structs and enums with a specialisation of "
        "abstractllm::Schema")
PARAMS = ("Tool::from() takes one Param(name, description) for each parameter of the callable, except for a ToolContext& that "
          "comes first")
CALLABLE = ("Tool::from() takes a function, a lambda, a std::function or an object with one operator() that is not a template; "
            "put other callables into a std::function")
INPUTS = "a tool takes its parameters by value, const& or &&"


def tool(function, *params):
    return f'const auto tool = llm::Tool::from("f", "", {", ".join((function,) + tuple(f"llm::Param({p})" for p in params))});'


X = '"x", "X"'
CASES = {
    "a struct without a Schema": (tool("[](const Socket&) {}", X), TYPE),
    "a result without a Schema": (tool("[] { return Socket(1); }"), TYPE),
    "a task of a type without a Schema": (tool("[]() -> llm::Task<llm::Result<Socket>> { co_return Socket(1); }"), TYPE),
    "an enum without a Schema": (tool("[](Color) {}", X), TYPE),
    "a character": (tool("[](char) {}", X), TYPE),
    "a pointer": (tool("[](const char*) {}", X), TYPE),
    "a view": (tool("[](std::string_view) {}", X), TYPE),
    "a long double": (tool("[](long double) {}", X), TYPE),
    "another container": (tool("[](std::list<int>) {}", X), TYPE),
    "a map with other keys": (tool("[](std::map<int, int>) {}", X), TYPE),
    "a type inside others": (tool("[](std::optional<std::vector<Socket>>) {}", X), TYPE),
    "a field of a struct": (tool("[](const Holder&) {}", X), TYPE),
    "the schema alone": ("const auto schema = llm::schema_json<std::array<Socket, 2>>();", TYPE),
    "no Param": (tool("[](int) {}"), PARAMS),
    "a Param too many": (tool("[](llm::ToolContext&, int) {}", X, X), PARAMS),
    "a string in place of a Param": ('const auto tool = llm::Tool::from("f", "", [](int) {}, "x");', PARAMS),
    "a template": (tool("[](auto) {}", X), CALLABLE),
    "no callable": (tool("3", X), CALLABLE),
    "a reference to write to": (tool("[](std::string&) {}", X), INPUTS),
    "a const field": (tool("[](Fixed) {}", X), TYPE),
    "a struct without a default constructor": ("const auto schema = llm::schema_json<NoDefault>();",
                                               "a struct that Schema describes needs a default constructor"),
}


def compile_with(folder, *arguments, text=""):
    command = [COMPILER, "-std=gnu++20", "-Wall", "-Wextra", f"-I{INCLUDE}", *arguments]
    return subprocess.run(command, input=text, cwd=folder, env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True, timeout=300)


class CompileErrors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        pathlib.Path(cls.folder.name, "start.hpp").write_text(START)
        # Precompiled, because the headers take most of the time.
        outcome = compile_with(cls.folder.name, "-xc++-header", "start.hpp", "-o", "start.hpp.gch")
        if outcome.returncode:
            raise AssertionError(outcome.stderr)

    def errors_of(self, code):
        outcome = compile_with(self.folder.name, "-fsyntax-only", "-include", "start.hpp", "-xc++", "-", text=code + "\n")
        return re.findall(r"^.*?: (?:fatal )?error: (.*)$", outcome.stderr, re.M)

    def test_each_program_gets_its_one_sentence(self):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            errors = dict(zip(CASES, pool.map(self.errors_of, (code for code, _ in CASES.values()))))
        for name, (_, sentence) in CASES.items():
            with self.subTest(name):
                self.assertEqual(len(errors[name]), 1, errors[name])
                self.assertIn(sentence, errors[name][0])

    def test_what_can_be_described_compiles(self):
        self.assertEqual(self.errors_of(tool("[](llm::ToolContext&, int) {}", X)), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
