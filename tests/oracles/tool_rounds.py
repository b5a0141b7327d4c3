# SPDX-License-Identifier: Apache-2.0
"""The same conversation with two tools, by the vendors' SDKs and by our tool, against the same server: the model calls
both, one runs, one fails, and both requests must be equal, field for field, at once and streamed. Where an SDK has a loop
of its own (Anthropic's tool_runner, OpenAI's ResponsesToolRunner), that loop writes its second request.

ALLOWED lists the differences, each with its reason."""

import contextlib
import copy
import itertools
import json
import os
import subprocess
import sys
import tempfile
import unittest

import anthropic
import ollama
import openai
from anthropic.lib.tools import ToolError
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.lib.responses_tool_runner import RegisteredFunction, ResponsesToolRunner

import support
from loopback import Server
from streamed_rounds import STREAMS

TOOL = ""  # set by run.py
QUESTION = "Weather and time in Paris?"
KEYS = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"}
SCHEMAS = {
    "weather_in": {"type": "object", "properties": {"city": {"type": "string", "description": "City"},
                                                    "days": {"type": "integer", "minimum": 1, "maximum": 9}},
                   "required": ["city"]},
    "time_in": {"type": "object", "properties": {"zone": {"type": "string", "enum": ["CET", "UTC"]}},
                "required": ["zone"], "additionalProperties": False},
}
ABOUT = {"weather_in": "Current weather in a city", "time_in": "Time in a zone"}
RESULT = "18 °C, \"mild\"\n"
CALLS = (("weather_in", '{"city": "Paris", "days": 2}'), ("time_in", '{"zone":"CET"}'))

CHAT = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [{
    "index": 0, "finish_reason": "tool_calls", "message": {
        "role": "assistant", "content": None, "refusal": None, "tool_calls": [
            {"id": f"call_{name}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for name, arguments in CALLS]}}]}
RESPONSES = {"id": "resp_1", "object": "response", "created_at": 1, "model": "gpt-5.1", "status": "completed",
             "error": None, "incomplete_details": None, "output": [
                 {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Ask both."}],
                  "encrypted_content": "gAAA+/=="},
                 {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "phase": "commentary",
                  "content": [{"type": "output_text", "annotations": [], "logprobs": [], "text": "Looking."}]},
                 *({"id": f"fc_{name}", "type": "function_call", "status": "completed", "call_id": f"call_{name}",
                    "name": name, "arguments": arguments} for name, arguments in CALLS)]}
MESSAGES = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-4-6", "stop_reason": "tool_use",
            "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}, "content": [
                {"type": "thinking", "thinking": "Ask both.", "signature": "c2ln+/=="},
                {"type": "redacted_thinking", "data": "cmVk"}, {"type": "text", "text": "Looking."},
                *({"type": "tool_use", "id": f"toolu_{name}", "name": name, "input": json.loads(arguments)}
                  for name, arguments in CALLS)]}
NATIVE = {"model": "m", "created_at": "2026-08-21T09:00:05Z", "done": True, "done_reason": "stop", "message": {
    "role": "assistant", "content": "Looking.", "thinking": "Ask both.", "tool_calls": [
        {"function": {"name": name, "arguments": json.loads(arguments)}} for name, arguments in CALLS]}}


def chat_end(text):
    end = copy.deepcopy(CHAT)
    end["choices"][0].update(finish_reason="stop", message={"role": "assistant", "content": text, "refusal": None})
    return end


ENDS = {
    "openai_chat": chat_end("Mild."),
    "openai_responses": {**RESPONSES, "id": "resp_2", "output": [
        {**RESPONSES["output"][1], "id": "msg_2", "phase": "final_answer"}]},
    "anthropic_messages": {**MESSAGES, "stop_reason": "end_turn", "content": [{"type": "text", "text": "Mild."}]},
    "ollama_chat": {**NATIVE, "message": {"role": "assistant", "content": "Mild."}},
}
FIRST = {"openai_chat": CHAT, "openai_responses": RESPONSES, "anthropic_messages": MESSAGES, "ollama_chat": NATIVE}
MODELS = {"openai_chat": "gpt-4.1", "openai_responses": "gpt-5.1", "anthropic_messages": "claude-opus-4-6", "ollama_chat": "m"}
PROVIDERS = {"openai_chat": ("openai", "/v1"), "openai_responses": ("openai", "/v1"), "anthropic_messages": ("anthropic", ""),
             "ollama_chat": ("ollama", "")}


def two_rounds(protocol):
    """Calls first, a text then, and errors from then on, so that no loop of an SDK is endless. Listings of models and the
    like are errors."""
    calls = itertools.count(1)

    def answer(connection, request, _number):
        if not is_call(request):
            return connection.answer("{}", "404 Not Found")
        number = next(calls)
        if number > 2:
            return connection.answer("{}", "400 Bad Request")
        body = (FIRST if number == 1 else ENDS)[protocol]
        if not request.json().get("stream", False):
            return connection.answer(json.dumps(body))
        write, kind = STREAMS[protocol]
        return connection.answer(write(body), content_type=kind)
    return Server(answer)


def is_call(request):
    return request.line.startswith("POST") and any(path in request.line for path in
                                                   ("/chat/completions", "/responses", "/messages", "/api/chat"))


def bodies(server):
    return [request.json() for request in server.requests if is_call(request)]


def chat_functions(strict):
    """Ours is strict for each schema that the strict form can hold: time_in."""
    return [{"type": "function", "function": {"name": name, "description": ABOUT[name], "parameters": schema,
                                              **({"strict": True} if strict and name == "time_in" else {})}}
            for name, schema in SCHEMAS.items()]


def chat(client, second, stream=False, **more):
    asked = {"model": MODELS["openai_chat"], "messages": [{"role": "user", "content": QUESTION}], "tools": chat_functions(True)}
    if stream:
        more.update(stream=True, stream_options={"include_usage": True})
    answer = client.chat.completions.create(**asked, **more)
    if stream:
        state = ChatCompletionStreamState()
        for chunk in answer:
            state.handle_chunk(chunk)
        answer = state.get_final_completion()
    if second is None:
        return
    message = answer.choices[0].message
    asked["messages"] += [message, *({"role": "tool", "tool_call_id": call.id, "content": second[call.function.name]}
                                     for call in message.tool_calls)]
    client.chat.completions.create(**asked, **more)


def response_functions():
    return [{"type": "function", "name": name, "description": ABOUT[name], "parameters": schema, "strict": name == "time_in"}
            for name, schema in SCHEMAS.items()]


def responses(client, second, stream=False, **more):
    asked = {"model": MODELS["openai_responses"], "store": False, "include": ["reasoning.encrypted_content"],
             "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": QUESTION}]}], **more}
    if second is None:
        client.responses.create(**asked, tools=response_functions())
        return
    ResponsesToolRunner(functions=[
        RegisteredFunction(tool, lambda _arguments, name=tool["name"]: second[name]) for tool in response_functions()
    ]).run(client, asked, stream=stream)


def messages(client, second, stream=False, **more):
    asked = {"model": MODELS["anthropic_messages"], "max_tokens": 64, "messages": [{"role": "user", "content": QUESTION}], **more}
    if second is None:
        client.messages.create(**asked, tools=[{"name": name, "description": ABOUT[name], "input_schema": schema}
                                               for name, schema in SCHEMAS.items()])
        return

    def weather_in(city, days):
        del city, days
        return second["weather_in"]

    def time_in(zone):
        raise ToolError(second["time_in"])

    client.beta.messages.tool_runner(**asked, thread=False, **({"stream": True} if stream else {}), tools=[
        anthropic.beta_tool(run, name=run.__name__, description=ABOUT[run.__name__], input_schema=SCHEMAS[run.__name__])
        for run in (weather_in, time_in)]).until_done()


def native(client, second, stream=False):
    asked = [{"role": "user", "content": QUESTION}]
    answers = client.chat(model="m", messages=asked, tools=chat_functions(False), stream=stream)
    parts = [answer.message for answer in (answers if stream else [answers])]
    calls = [call for part in parts for call in part.tool_calls or []]
    asked += [{"role": "assistant", "content": "".join(part.content or "" for part in parts),
               "thinking": "".join(part.thinking or "" for part in parts), "tool_calls": calls},
              *({"role": "tool", "content": second[call.function.name], "tool_name": call.function.name} for call in calls)]
    list(client.chat(model="m", messages=asked, tools=chat_functions(False), stream=stream))


def openai_client(url):
    return openai.OpenAI(api_key="k", base_url=url + "/v1", max_retries=0)


CLIENTS = {"openai_chat": openai_client, "openai_responses": openai_client, "ollama_chat": ollama.Client,
           "anthropic_messages": lambda url: anthropic.Anthropic(api_key="k", base_url=url, max_retries=0)}
ASKERS = {"openai_chat": chat, "openai_responses": responses, "anthropic_messages": messages, "ollama_chat": native}


class ToolRounds(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        print_result = f"print({RESULT!r}, end='')"
        fail = "import sys; print('no clock', file=sys.stderr); sys.exit(3)"
        self.tools = os.path.join(folder.name, "tools.json")
        with open(self.tools, "w", encoding="utf-8") as file:
            json.dump([{"name": name, "description": ABOUT[name], "parameters": SCHEMAS[name],
                        "command": [sys.executable, "-c", code]}
                       for name, code in (("weather_in", print_result), ("time_in", fail))], file)

    def ours(self, protocol, *flags):
        """The bodies that our tool sends."""
        provider, suffix = PROVIDERS[protocol]
        with two_rounds(protocol) as server:
            outcome = subprocess.run(
                [TOOL, "generate", "-p", provider, "--protocol", protocol, "--base-url", server.url + suffix, "-m", MODELS[protocol],
                 "--max-retries", "0", "--tools", self.tools, "--approve", "all", *flags, QUESTION],
                capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=support.HANG, env={**os.environ, **KEYS})
            self.assertEqual(outcome.returncode, 0, outcome)
            return bodies(server)

    @staticmethod
    def theirs(protocol, second, **more):
        with two_rounds(protocol) as server, contextlib.closing(CLIENTS[protocol](server.url)) as client:
            ASKERS[protocol](client, second, **more)
            return bodies(server)

    def assert_rounds_equal(self, protocol, *flags):
        """Both rounds, at once and streamed."""
        for stream in (False, True):
            with self.subTest(protocol, stream=stream):
                ours = self.ours(protocol, *flags, *(() if stream else ("--no-stream",)))
                self.assertEqual(len(ours), 2, ours)
                results = RESULTS[protocol](ours[1])
                self.assertEqual(results["weather_in"], RESULT)
                self.assertIn("no clock", results["time_in"])
                theirs = self.theirs(protocol, results, stream=stream)
                self.assertEqual(len(theirs), 2, theirs)
                for round_of_ours, round_of_theirs in zip(ours, theirs):
                    self.assertIs(round_of_ours.get("stream", False), stream)
                    self.assert_equal(protocol, round_of_ours, round_of_theirs)

    def assert_equal(self, protocol, ours, theirs):
        for allow in ALLOWED[protocol]:
            allow(self, ours, theirs)
        self.assertEqual(ours, theirs)

    def test_chat(self):
        self.assert_rounds_equal("openai_chat")

    def test_responses(self):
        self.assert_rounds_equal("openai_responses")

    def test_messages(self):
        self.assert_rounds_equal("anthropic_messages", "--max-tokens", "64")

    def test_native(self):
        self.assert_rounds_equal("ollama_chat")

    def test_choices(self):
        """tool_choice and parallel_tool_calls in the first request."""
        ways = (
            ("openai_chat", (), ("required", "required"), ("none", "none"), ("auto", "auto"),
             ("time_in", {"type": "function", "function": {"name": "time_in"}})),
            ("openai_responses", (), ("required", "required"), ("none", "none"), ("auto", "auto"),
             ("time_in", {"type": "function", "name": "time_in"})),
            ("anthropic_messages", ("--max-tokens", "64"), ("required", {"type": "any"}), ("none", {"type": "none"}),
             ("auto", {"type": "auto"}), ("time_in", {"type": "tool", "name": "time_in"})),
        )
        for protocol, flags, *choices in ways:
            for choice, sent in choices:
                with self.subTest(protocol, choice=choice):
                    ours = self.ours(protocol, *flags, "--no-stream", "--tool-choice", choice)[0]
                    self.assert_first_equal(protocol, ours, tool_choice=sent)
                    ours = self.ours(protocol, *flags, "--no-stream", "--tool-choice", choice, "--parallel-tool-calls", "false")[0]
                    if protocol != "anthropic_messages":
                        self.assert_first_equal(protocol, ours, tool_choice=sent, parallel_tool_calls=False)
                    elif choice != "none":
                        self.assert_first_equal(protocol, ours, tool_choice={**sent, "disable_parallel_tool_use": True})

    def assert_first_equal(self, protocol, ours, **more):
        self.assert_equal(protocol, ours, self.theirs(protocol, None, **more)[0])


def results_in_messages(body):
    return {block["tool_use_id"].removeprefix("toolu_"): block["content"] for block in body["messages"][-1]["content"]}


# The text of each result, by the tool's name, in our second request: the words for a command that fails are ours.
RESULTS = {
    "openai_chat": lambda body: {message["tool_call_id"].removeprefix("call_"): message["content"]
                                 for message in body["messages"] if message["role"] == "tool"},
    "openai_responses": lambda body: {item["call_id"].removeprefix("call_"): item["output"] for item in body["input"]
                                      if item["type"] == "function_call_output"},
    "anthropic_messages": results_in_messages,
    "ollama_chat": lambda body: {message["tool_name"]: message["content"] for message in body["messages"]
                                 if message["role"] == "tool"},
}


def nothing_empty(test, ours, theirs):
    """The SDK sends back each member of an answer, null too, and the numbers of calls that its reader of streams keeps."""
    del test, ours
    for message in (one for one in theirs["messages"] if one["role"] == "assistant"):
        for member in ("refusal", "annotations", "audio", "function_call", "parsed"):
            if message.get(member, "") is None:
                del message[member]
        for index, call in enumerate(message["tool_calls"]):
            if call.get("index") == index:
                del call["index"]
            if call["function"].get("parsed_arguments", "") is None:
                del call["function"]["parsed_arguments"]


def less_of_items(test, ours, theirs):
    """The SDK sends back whole items. Ids and states of messages and calls name what a server keeps, and it keeps nothing
    here; annotations and log probabilities are about the text and no part of it."""
    del ours
    for sent, item in zip(RESPONSES["output"], theirs["input"][1:]):
        if item["type"] == "reasoning":
            continue
        test.assertEqual((item.pop("id"), item.pop("status")), (sent["id"], "completed"))
        for part in item.get("content", []):
            test.assertEqual((part.pop("annotations"), part.pop("logprobs")), ([], []))


def no_ids(test, ours, theirs):
    """The SDK has no ids of calls, and Ollama's server gives none. Ours are for templates that want them."""
    del theirs
    called = [call.pop("id") for message in ours["messages"] for call in message.get("tool_calls", [])]
    answered = [message.pop("tool_call_id") for message in ours["messages"] if message["role"] == "tool"]
    test.assertEqual(called, answered)
    test.assertEqual(len(set(called)), len(called))


def fewer_keywords(test, ours, theirs):
    """The SDK keeps only the keywords of schemas that its classes know; the server passes all on to the template."""
    del theirs
    for function in (tool["function"] for tool in ours["tools"]):
        test.assertEqual(function["parameters"], SCHEMAS[function["name"]])
        function["parameters"] = known_keywords(function["parameters"])
        test.assertNotEqual(function["parameters"], SCHEMAS[function["name"]])


def known_keywords(schema):
    kept = {key: value for key, value in schema.items() if key not in ("additionalProperties", "minimum", "maximum")}
    if "properties" in kept:
        kept["properties"] = {name: known_keywords(one) for name, one in kept["properties"].items()}
    return kept


# Each takes away from both bodies what may differ, after a look at it.
ALLOWED = {"openai_chat": [nothing_empty], "openai_responses": [less_of_items], "anthropic_messages": [],
           "ollama_chat": [no_ids, fewer_keywords]}
