# SPDX-License-Identifier: Apache-2.0
import base64
import json
import os
import struct
import tempfile
import zlib

import support
from loopback import Server
from support import PARIS, generate


def png(width: int, height: int, colour: bytes = b"\xff\0\0") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + colour * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


PNG = png(8, 8)
ENCODED = base64.b64encode(PNG).decode()


def chat(connection, request, number):
    connection.answer(json.dumps({"choices": [{"message": {"content": "A cat."}, "finish_reason": "stop"}]}))


class Images(support.Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "cat.png")
        with open(self.file, "wb") as out:
            out.write(PNG)

    def asked(self, *args, **env):
        """What the default model's server would be sent."""
        with Server(chat) as server:
            outcome = generate("-p", "openai_compatible", "--base-url", server.url + "/v1", "--no-stream", *args, env=env)
            self.assertEqual((outcome.code, outcome.out), (0, "A cat.\n"), outcome)
            return json.loads(server.requests[-1].body)["messages"][-1]["content"]

    def test_a_file_a_data_url_and_base64_are_one_picture(self):
        url = "data:image/png;base64," + ENCODED
        for source in (self.file, url, ENCODED, ENCODED.rstrip("=")):
            content = self.asked("-i", source, "What is this?")
            self.assertEqual(content, [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "What is this?"}])

    def test_several_keep_their_order(self):
        content = self.asked("-i", self.file, "--image", "https://example.com/b.png", "Compare")
        self.assertEqual([part.get("image_url", {}).get("url", "")[:15] for part in content], ["data:image/png;", "https://example", ""])

    def test_a_conversation_holds_pictures(self):
        messages = os.path.join(os.path.dirname(self.file), "messages.json")
        with open(messages, "w") as out:
            json.dump([{"role": "user", "content": [{"type": "text", "text": "Look:"}, {"type": "image", "image": self.file}]}], out)
        with Server(chat) as server:
            outcome = generate("-p", "openai_compatible", "--base-url", server.url + "/v1", "--no-stream", "--messages", messages, "And?")
            self.assertEqual(outcome.code, 0, outcome)
            first = json.loads(server.requests[-1].body)["messages"][0]["content"]
        self.assertEqual([part["type"] for part in first], ["text", "image_url"])

    def test_a_model_that_cannot_see_warns_and_answers(self):
        outcome = generate("-i", self.file, PARIS)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("Paris", outcome.out)
        self.assertIn("abstractllm: warning: ", outcome.err)
        self.assertIn("cannot see: 1 image was left out", outcome.err)
        warnings = generate("--json", "-i", self.file, PARIS).json()["warnings"]
        self.assertEqual([warning["code"] for warning in warnings], ["image_dropped"])

    def test_under_strict_it_is_an_error(self):
        outcome = generate("--strict", "-i", self.file, PARIS)
        self.assertEqual((outcome.code, outcome.out), (2, ""), outcome)
        self.assertIn("abstractllm: unsupported: ", outcome.err)

    def test_what_is_no_picture(self):
        for source, problem in (("nowhere.png", "is neither an http, https or data URL, nor a file that is there"),
                                (os.path.dirname(self.file), "is a folder"), (__file__, "is text; it must be PNG, JPEG, GIF or WebP")):
            outcome = generate("-p", "openai_compatible", "--base-url", "http://127.0.0.1:9/v1", "-i", source, "Hi")
            self.assertEqual((outcome.code, outcome.out), (2, ""), outcome)
            self.assertIn(problem, outcome.err)

    def test_logs_describe_and_do_not_show(self):
        with Server(chat) as server:
            outcome = generate("-vv", "-p", "openai_compatible", "--base-url", server.url + "/v1", "--no-stream", "-i", self.file, "Hi")
        self.assertIn(f"image/png, {len(PNG)} bytes, 8x8", outcome.err)
        self.assertNotIn(ENCODED[:40], outcome.err)

    def test_listings_show_who_sees(self):
        listing = json.dumps({"data": [{"id": "gpt-3.5-turbo"}, {"id": "gpt-4o"}, {"id": "gpt-9"}]})
        with Server(lambda c, r, n: c.answer(listing)) as server:
            models = support.run("models", "-p", "openai", "--base-url", server.url + "/v1", "--json", env={"OPENAI_API_KEY": "k"}).json()
        self.assertEqual([model.get("capabilities") for model in models], [{"vision": False, "hearing": False}, {"vision": True, "hearing": False}, None])
