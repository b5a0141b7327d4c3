#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The vendors' own Python SDKs read the recordings that our decoders are tested with, from the servers that our tests
fake: what we made by hand must not be made to fit us. And they send a picture and the results of tools, which must look
as ours do.
Usage: run.py ABSTRACTLLM. ABSTRACTLLM_TEST_ORACLES names a Python that has the SDKs;
without them the suite says so and is skipped (exit code 77)."""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/cli"))
from loopback import Server  # noqa: E402

interpreter = os.environ.pop("ABSTRACTLLM_TEST_ORACLES", "")
if os.access(interpreter, os.X_OK):
    os.execv(interpreter, [interpreter, *sys.argv])

try:
    import anthropic
    import ollama
    import openai
except ImportError as missing:
    print(f"skipped: the vendors' SDKs are not installed ({missing.name})")
    sys.exit(77)

import tool_rounds  # noqa: E402

# Recordings that are named after a vendor and end well; those of other vendors bend the format in ways that the SDK of
# another need not read.
VENDORS = {"openai_chat": "openai_", "openai_responses": "openai_", "anthropic_messages": "", "ollama_chat": ""}


def recordings(protocol):
    folder = ROOT / "src/protocols" / protocol / "testdata"
    for path in sorted(folder.glob(VENDORS[protocol] + "*.expected.json")):
        expected = json.loads(path.read_text(encoding="utf-8"))
        for part, endings in (("stream", (".sse", ".ndjson")), ("body", (".json",))):
            for ending in endings:
                data = path.with_name(path.name.replace(".expected.json", ending))
                wanted = {**expected, **expected.get(part, {})}
                if data.exists() and "error" not in wanted:
                    yield path.name.split(".")[0], part == "stream", data.read_bytes(), wanted


def served(data, streamed, protocol):
    kind = "application/json" if not streamed else "application/x-ndjson" if protocol == "ollama_chat" else "text/event-stream"
    return Server(lambda connection, request, number: connection.answer(data, content_type=kind))


def chat(url, streamed):
    client = openai.OpenAI(api_key="k", base_url=url + "/v1", max_retries=0)
    asked = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}], stream=streamed)
    if not streamed:
        message = asked.choices[0].message
        return plain(message.content) + (message.refusal or "")
    deltas = [chunk.choices[0].delta for chunk in asked if chunk.choices and chunk.choices[0].index == 0]
    return "".join(plain(delta.content) + (delta.refusal or "") for delta in deltas)


def plain(content):
    """Content may be a list of parts, which the SDK passes through."""
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


def responses(url, streamed):
    client = openai.OpenAI(api_key="k", base_url=url + "/v1", max_retries=0)
    asked = client.responses.create(model="m", input="Hi", stream=streamed)
    if not streamed:
        parts = [part for item in asked.output if item.type == "message" for part in item.content]
        return "".join(part.text if part.type == "output_text" else getattr(part, "refusal", "") for part in parts)
    return "".join(event.delta for event in asked if event.type in ("response.output_text.delta", "response.refusal.delta"))


def messages(url, streamed):
    client = anthropic.Anthropic(api_key="k", base_url=url, max_retries=0)
    asked = client.messages.create(model="m", max_tokens=5, messages=[{"role": "user", "content": "Hi"}], stream=streamed)
    if not streamed:
        return "".join(block.text for block in asked.content if block.type == "text")
    return "".join(event.delta.text for event in asked if event.type == "content_block_delta" and event.delta.type == "text_delta")


def native(url, streamed):
    asked = ollama.Client(host=url).chat(model="m", messages=[{"role": "user", "content": "Hi"}], stream=streamed)
    return "".join(chunk.message.content or "" for chunk in asked) if streamed else asked.message.content or ""


READERS = {"openai_chat": chat, "openai_responses": responses, "anthropic_messages": messages, "ollama_chat": native}
# What no SDK reads as we do; why.
KNOWN = {
    ("anthropic_messages", "openrouter"): "OpenRouter ends with [DONE], which Anthropic's SDK fails on",
    ("anthropic_messages", "gateway_duplicate_start"): "a gateway's events without names, which its SDK passes over",
    ("anthropic_messages", "server_tool_and_citations"): "a text delta in a block that is no text, which it gives out raw",
    ("ollama_chat", "unknown_parts"): "members of wrong types, which its SDK refuses",
}


class Oracles(unittest.TestCase):
    def test_the_vendors_sdk_reads_the_same_text(self):
        for protocol, read in READERS.items():
            compared = 0
            for name, streamed, data, wanted in recordings(protocol):
                with self.subTest(f"{protocol}/{name}", streamed=streamed), served(data, streamed, protocol) as server:
                    if (protocol, name) in KNOWN:
                        continue
                    self.assertEqual(read(server.url, streamed), wanted.get("text", ""))
                    compared += 1
            self.assertGreater(compared, 3, protocol)


PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
DATA = base64.b64encode(PICTURE).decode()
URL = "https://example.com/cat.png"


def ask_chat(url):
    parts = [{"type": "image_url", "image_url": {"url": "data:image/png;base64," + DATA}}, {"type": "image_url", "image_url": {"url": URL}},
             {"type": "text", "text": "What is this?"}]
    openai.OpenAI(api_key="k", base_url=url + "/v1", max_retries=0).chat.completions.create(
        model="m", messages=[{"role": "user", "content": parts}])


def ask_responses(url):
    parts = [{"type": "input_image", "image_url": "data:image/png;base64," + DATA}, {"type": "input_image", "image_url": URL},
             {"type": "input_text", "text": "What is this?"}]
    openai.OpenAI(api_key="k", base_url=url + "/v1", max_retries=0).responses.create(
        model="m", store=False, input=[{"type": "message", "role": "user", "content": parts}])


def ask_messages(url):
    parts = [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": DATA}},
             {"type": "image", "source": {"type": "url", "url": URL}}, {"type": "text", "text": "What is this?"}]
    anthropic.Anthropic(api_key="k", base_url=url, max_retries=0).messages.create(
        model="m", max_tokens=5, messages=[{"role": "user", "content": parts}])


def ask_native(url):
    ollama.Client(host=url).chat(model="m", messages=[{"role": "user", "content": "What is this?", "images": [PICTURE, PICTURE]}])


# protocol, its SDK, our provider, whether the provider fetches URLs
ASKERS = [("openai_chat", ask_chat, "openai", "/v1", True), ("openai_responses", ask_responses, "openai", "/v1", True),
          ("anthropic_messages", ask_messages, "anthropic", "", True), ("ollama_chat", ask_native, "ollama", "", False)]


class Pictures(unittest.TestCase):
    def captured(self, ask, path):
        """The body of the request that `ask` sends to a server which takes it down and answers an error."""
        with Server(lambda connection, request, number: connection.answer("{}", "400 Bad Request")) as server:
            ask(server.url)
            return json.loads([request for request in server.requests if path in request.line][-1].body)

    def ours(self, protocol, provider, suffix, fetches):
        with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
            file.write(PICTURE)
            file.flush()

            def ask(url):
                subprocess.run([TOOL, "generate", "-p", provider, "--protocol", protocol, "--base-url", url + suffix, "-m", "m", "--no-stream",
                                "--max-tokens", "5", "--max-retries", "0", "-i", file.name, "-i", URL if fetches else DATA, "What is this?"],
                               capture_output=True, check=False, env={**os.environ, "OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"})
            return self.captured(ask, "/chat" if "chat" in protocol else protocol.split("_")[1])

    def test_a_picture_looks_on_the_wire_as_the_vendors_sdk_sends_it(self):
        for protocol, ask, provider, suffix, fetches in ASKERS:
            def quietly(url, ask=ask):
                with self.assertRaises(Exception):
                    ask(url)
            with self.subTest(protocol):
                theirs = self.captured(quietly, "/chat" if "chat" in protocol else protocol.split("_")[1])
                ours = self.ours(protocol, provider, suffix, fetches)
                field = "input" if "input" in theirs else "messages"
                self.assertEqual(ours[field], theirs[field])
                self.assertEqual(ours["model"], theirs["model"])


if __name__ == "__main__":
    TOOL = tool_rounds.TOOL = os.path.abspath(sys.argv[1])
    for variable in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        os.environ.pop(variable, None)
    suite = unittest.TestSuite(map(unittest.defaultTestLoader.loadTestsFromTestCase, (Oracles, Pictures, tool_rounds.ToolRounds)))
    result = unittest.TextTestRunner(verbosity=0).run(suite)
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
