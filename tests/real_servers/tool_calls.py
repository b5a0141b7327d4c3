# SPDX-License-Identifier: Apache-2.0
"""Tools with a real server: random schemas whose values cannot be long, and a check that knows these and no others.
ABSTRACTLLM_TEST_RANDOM_CALLS raises the number of random schemas for each protocol."""

import concurrent.futures
import json
import os
import random
import sys
import tempfile

from support import run

CITY = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 12},
                                         "days": {"type": "integer", "minimum": 1, "maximum": 9}},
        "required": ["city", "days"], "additionalProperties": False}
ECHO = [sys.executable, "-c", "import sys; print(sys.stdin.read(), end='')"]

# The test's model has no place for tools in its own template. A server that must have a call lets a text stand before it,
# and a small model would write that for ever; it calls at once, as these turns did.
JINJA = """{%- for question in ["Go.", "Hi.", "Go."] if tools -%}
{{- '<|im_start|>user\\n' + question + '<|im_end|>\\n<|im_start|>assistant\\n' -}}
{{- '<tool_call>\\n{"name": "' + tools[-1].function.name + '", "arguments": {"p0": 1, "p1": "a", "p2": [true]}}' -}}
{{- '\\n</tool_call><|im_end|>\\n' -}}
{%- endfor -%}
{%- for message in messages -%}
{{- '<|im_start|>' + message.role + '\\n' + (message.content or '') -}}
{%- for call in message.tool_calls or [] -%}
{{- '<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) -}}
{{- '}\\n</tool_call>' -}}
{%- endfor -%}
{{- '<|im_end|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
"""

# The same for Ollama, which looks in the template for a place for tools and, within an if, for what begins a call. Its
# penalty for what was said before would keep the model from doing as before.
MODELFILE = '''PARAMETER repeat_penalty 1
TEMPLATE """{{ range .Tools }}<|im_start|>user
Weather in Paris?<|im_end|>
<|im_start|>assistant
<tool_call>{"name": "{{ .Function.Name }}", "arguments": {"city": "Paris", "days": 3}}</tool_call><|im_end|>
<|im_start|>user
Weather in Paris?<|im_end|>
<|im_start|>assistant
<tool_call>{"name": "{{ .Function.Name }}", "arguments": {"city": "Paris", "days": 3}}</tool_call><|im_end|>
{{ end }}{{ range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}{{ if .ToolCalls }}{{ range .ToolCalls }}<tool_call>{"name": "{{ .Function.Name }}", "arguments": {{ .Function.Arguments }}}</tool_call>{{ end }}{{ end }}<|im_end|>
{{ end }}<|im_start|>assistant
"""
'''


class RandomSchemas:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def object(self, depth):
        properties = {f"p{index}": self.any(depth) for index in range(self.random.randint(0, 3))}
        return {"type": "object", "properties": properties, "additionalProperties": False,
                "required": [name for name in properties if self.random.randint(0, 2)]}

    def any(self, depth):
        kind = self.random.randint(0, 8 if depth > 0 else 5)
        if kind < 2:
            return {"type": ("boolean", "null")[kind]}
        if kind == 2:
            least = self.random.randint(-1000, 1000)
            return {"type": "integer", "minimum": least, "maximum": least + self.random.randint(0, 5000)}
        if kind == 3:
            return {"type": "string", "maxLength": self.random.randint(1, 5)}
        if kind == 4:
            return {"enum": ["a", "b\"c\"", 7, None, -1.5]}
        if kind == 5:
            return {"const": "fixed"}
        if kind == 6:
            return {"type": "array", "items": self.any(depth - 1), "minItems": self.random.randint(0, 1), "maxItems": 2}
        if kind == 7:
            return {"anyOf": [self.any(depth - 1), self.any(depth - 1)]}
        return self.object(depth - 1)


def matches(schema, value, strict=False):
    """In the strict form of a schema, null stands for a member that is not required."""
    if "const" in schema:
        return value == schema["const"]
    if "enum" in schema:
        return any(type(value) is type(one) and value == one for one in schema["enum"])
    if "anyOf" in schema:
        return any(matches(one, value, strict) for one in schema["anyOf"])
    kind = schema["type"]
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "null":
        return value is None
    if kind == "integer":
        return type(value) is int and schema["minimum"] <= value <= schema["maximum"]
    if kind == "string":
        return isinstance(value, str) and len(value) <= schema["maxLength"]
    if kind == "array":
        return (isinstance(value, list) and schema["minItems"] <= len(value) <= schema["maxItems"] and
                all(matches(schema["items"], item, strict) for item in value))
    return (isinstance(value, dict) and set(schema["required"]) <= set(value) <= set(schema["properties"]) and
            all(matches(schema["properties"][name], member, strict) or
                (strict and member is None and name not in schema["required"]) for name, member in value.items()))


class ToolCalls:
    """For a test case with ways, env and model, whose server honours tool_choice."""

    random_calls = {}

    def ask_with(self, way, tools, *flags):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "tools.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(tools, file)
            return run("generate", *self.ways[way], "-m", self.model, "--temperature", "0", "--tools", path, "--json",
                       "--parallel-tool-calls", "false", *flags, "Go.", env=self.env)

    def test_a_required_call_makes_a_round_trip(self):
        tool = {"name": "weather_in", "description": "Current weather", "parameters": CITY, "command": ECHO}
        for way in self.ways:
            with self.subTest(way):
                outcome = self.ask_with(way, [tool], "--tool-choice", "required", "--approve", "all", "--max-tool-rounds",
                                        "1", "--max-tokens", "100")
                self.assertEqual(outcome.code, 0, outcome)
                response = outcome.json()
                first, second = response["steps"]
                self.assertEqual([call["name"] for call in first["tool_calls"]], ["weather_in"])
                arguments = first["tool_calls"][0]["arguments"]
                self.assertTrue(matches(CITY, arguments), arguments)
                result = first["tool_results"][0]
                self.assertFalse(result.get("is_error", False), result)
                self.assertEqual(json.loads(result["text"]), arguments)
                self.assertTrue(second["finish_reason"])

    def one_random_call(self, way, seed):
        """llama-server honours a name only where our own dialect for it makes one of it; elsewhere one tool is offered."""
        schema = RandomSchemas(seed).object(2)
        others = [{"name": "other", "parameters": {"type": "object"}}] if way == "preset" else []
        choice = "required" if way == "responses" else "f"
        outcome = self.ask_with(way, [*others, {"name": "f", "parameters": schema}], "--tool-choice", choice, "--max-tool-rounds", "0",
                                "--max-tokens", "400", "--no-stream")
        return schema, outcome

    def test_arguments_match_random_schemas(self):
        more = int(os.environ.get("ABSTRACTLLM_TEST_RANDOM_CALLS", "0"))
        asked = [(way, seed) for way, count in self.random_calls.items() for seed in range(max(count, more))]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = pool.map(lambda one: self.one_random_call(*one), asked)
            for (way, seed), (schema, outcome) in zip(asked, answers):
                with self.subTest(way, seed=seed):
                    self.assertEqual(outcome.code, 0, outcome)
                    calls = outcome.json().get("tool_calls", [])
                    if way == "messages":  # that of llama-server reads no disable_parallel_tool_use, so a limit may cut the last
                        calls = calls[:-1] or calls
                    else:
                        self.assertEqual(len(calls), 1, outcome)
                    self.assertGreater(len(calls), 0, outcome)
                    for call in calls:
                        self.assertEqual(call["name"], "f", outcome)
                        self.assertTrue(matches(schema, call["arguments"], strict=way == "responses"), (schema, call))
