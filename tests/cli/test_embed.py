# SPDX-License-Identifier: Apache-2.0
"""`embed` and `similar`, against a server on this machine."""
import base64
import json
import os
import random
import re
import struct
import time

import support
from loopback import Server, error_body
from support import run

KEY = "sk-test-1234567890abcdef"


def vector_of(text):
    """Three numbers that depend on the text alone."""
    return [float(len(text)), float(sum(text.encode()) % 97), 1.0]


def embed_handler(seen=None, fail_on=None):
    """Answers as OpenAI does; in base64 where that is asked for."""
    def handler(connection, request, _):
        question = request.json()
        if seen is not None:
            seen.append(question)
        if fail_on is not None and fail_on in question["input"]:
            return connection.answer(error_body("This model's maximum context length is 8192 tokens"), "400 Bad Request")
        data = []
        for index, text in enumerate(question["input"]):
            vector = vector_of(text)
            if question.get("encoding_format") == "base64":
                vector = base64.b64encode(struct.pack("<3f", *vector)).decode()
            data.append({"object": "embedding", "index": index, "embedding": vector})
        usage = {"prompt_tokens": len(data), "total_tokens": len(data)}
        return connection.answer(json.dumps({"data": data, "model": "test-model", "usage": usage}))
    return handler


def npy(rows, descr="<f4", order="False", shape=None, version=b"\x01\x00", data=None):
    shape = shape or f"({len(rows)}, {len(rows[0])})"
    text = f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    text += b" " * (64 - (len(text) + 11) % 64) + b"\n"
    size = struct.pack("<H" if version[0] == 1 else "<I", len(text))
    numbers = b"".join(struct.pack(f"<{len(row)}f", *row) for row in rows) if data is None else data
    return b"\x93NUMPY" + version + size + text + numbers


def read_npy(path):
    """Written without our code: the header of format 1.0, then rows."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x93NUMPY\x01\x00", data[:8]
    (size,) = struct.unpack("<H", data[8:10])
    assert (10 + size) % 64 == 0
    header = eval(data[10:10 + size])  # a literal of Python, as NumPy reads it
    assert header["descr"] == "<f4" and header["fortran_order"] is False, header
    rows, columns = header["shape"]
    numbers = struct.unpack(f"<{rows * columns}f", data[10 + size:])
    return [list(numbers[row * columns:(row + 1) * columns]) for row in range(rows)]


class Embedding(support.Case):
    def path(self, name, data=None):
        return os.path.join(self.folder, name) if data is None else self.write(name, data)

    def ask(self, server, *words, provider="openai", **more):
        command, *rest = words
        env = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url + "/v1", "LLAMA_SERVER_BASE_URL": server.url + "/v1"}
        outcome = run(command, *rest, "-p", provider, "-m", "m", "--max-retries", "0", env=env, **more)
        self.assertNotIn(KEY, outcome.out + outcome.err)
        return outcome


class Vectors(Embedding):
    def test_texts_of_the_command_line(self):
        seen = []
        with Server(embed_handler(seen)) as server:
            outcome = self.ask(server, "embed", "one", "three")
            self.assertEqual(outcome.code, 0, outcome)
            self.assertEqual(outcome.err, "")
            self.assertEqual(outcome.lines(), [vector_of("one"), vector_of("three")])
            self.assertEqual(seen, [{"model": "m", "input": ["one", "three"], "encoding_format": "base64"}])

            whole = self.ask(server, "embed", "--json", "one").json()
            self.assertEqual(whole, {"model": "test-model", "dimensions": 3, "embeddings": [vector_of("one")],
                                     "usage": {"input_tokens": 1}, "provider": "openai"})

    def test_options(self):
        seen = []
        with Server(embed_handler(seen)) as server:
            self.assertEqual(self.ask(server, "embed", "one", "--dimensions", "3").code, 0)
            self.assertEqual(seen[-1]["dimensions"], 3)
            outcome = self.ask(server, "embed", "one", "--dimensions", "5")
            self.assertEqual(outcome.code, 2)
            self.assertIn("unsupported: the vectors have 3 dimensions, and not 5", outcome.err)
            outcome = self.ask(server, "embed", "one", "--embedding-kind", "query")
            self.assertEqual(outcome.code, 0)
            self.assertIn("warning: option embedding_kind is not sent", outcome.err)
            self.assertEqual(self.ask(server, "embed", "one", "--embedding-kind", "query", "-q").err, "")
            self.assertEqual(self.ask(server, "embed", "one", "--embedding-kind", "query", "--strict").code, 2)
            self.ask(server, "embed", "one", "--normalize=false", provider="llama_server")
            self.assertEqual(seen[-1]["embd_normalize"], -1)
            length = sum(each * each for each in self.ask(server, "embed", "one", "--normalize").lines()[0])
            self.assertAlmostEqual(length, 1, places=5)

    def test_a_file_of_lines_and_of_json_lines(self):
        seen = []
        lines = self.path("texts.txt", b"\xef\xbb\xbfone\r\n\n  \ntwo\nthree")
        objects = self.path("texts.jsonl", '"one"\n\n{"id": 7, "text": "two"}\n{"input": "three"}\n')
        with Server(embed_handler(seen)) as server:
            for arguments, stdin in ((("-f", lines), b""), (("-f", objects), b""), (("-f", "-"), b"one\ntwo\nthree\n")):
                outcome = self.ask(server, "embed", *arguments, stdin=stdin)
                self.assertEqual(outcome.code, 0, outcome)
                self.assertEqual(seen[-1]["input"], ["one", "two", "three"])
                self.assertEqual(len(outcome.lines()), 3)
            self.assertIn("2 empty lines were skipped", self.ask(server, "embed", "-f", lines).err)
            broken = self.path("broken.jsonl", '"one"\n{"id": 7}\n')
            outcome = self.ask(server, "embed", "-f", broken)
            self.assertEqual(outcome.code, 2)
            self.assertIn("broken.jsonl', line 2: the line is neither", outcome.err)

    def test_the_time_limit_is_for_all_requests_together(self):
        def handler(connection, request, number):
            began = time.monotonic()
            while number == 1 and time.monotonic() - began < 0.5:
                connection.wait_closed(0.1)
            if number < 3:
                return embed_handler()(connection, request, number)
            return connection.wait_closed(support.HANG)

        with Server(handler) as server:  # 2048 texts are a request, and the tool reads 4096 of them at once
            outcome = self.ask(server, "embed", "-f", self.path("many.txt", "a\n" * 5000), "-o", self.path("out.npy"), "--timeout", "5")
        self.assertEqual(outcome.code, 5, outcome)
        self.assertIn("--timeout limits all requests together", outcome.err)
        self.assertLessEqual(float(re.search(r"the call took longer than ([0-9.]+) s", outcome.err).group(1)), 4.5)

    def test_a_file_for_numpy(self):
        texts = [f"text {number}" for number in range(5000)]
        source = self.path("texts.txt", "\n".join(texts))
        target = self.path("texts.npy")
        seen = []
        with Server(embed_handler(seen)) as server:
            outcome = self.ask(server, "embed", "-f", source, "-o", target)
            self.assertEqual(outcome, support.Outcome(0, "", ""))
            self.assertEqual(read_npy(target), [vector_of(text) for text in texts])
            self.assertEqual([len(question["input"]) for question in seen], [2048, 2048, 904])
            summary = self.ask(server, "embed", "one", "-o", target, "--json").json()
            self.assertEqual(summary, {"model": "test-model", "dimensions": 3, "count": 1, "file": target,
                                       "usage": {"input_tokens": 1}})
            self.assertEqual(read_npy(target), [vector_of("one")])
            self.assertEqual(self.ask(server, "embed", "-f", self.path("none.txt", ""), "-o", target).code, 0)
            self.assertEqual(read_npy(target), [])
        self.assertEqual(sorted(os.listdir(self.folder)), ["none.txt", "texts.npy", "texts.txt"])

    def test_a_failure_leaves_the_old_file(self):
        texts = [f"text {number}" for number in range(3000)]
        target = self.path("old.npy", b"old")
        with Server(embed_handler(fail_on="text 2500")) as server:
            outcome = self.ask(server, "embed", "-f", self.path("t.txt", "\n".join(texts)), "-o", target)
        self.assertEqual(outcome.code, 6, outcome)
        self.assertIn("context_length", outcome.err)
        self.assertIn("texts 2048 to 2999 of 3000", outcome.err)
        with open(target, "rb") as file:
            self.assertEqual(file.read(), b"old")
        self.assertEqual(sorted(os.listdir(self.folder)), ["old.npy", "t.txt"])

    def test_errors(self):
        with Server(lambda connection, request, _: connection.answer('{"data":[{"index":0,"embedding":[1,null]}]}')) as server:
            error = self.ask(server, "embed", "one", "--json").error()
            self.assertEqual(error["kind"], "protocol")
            self.assertIn("number 1 of the vector of text 0", error["message"])
        cases = {
            (): "give a TEXT, or -f FILE",
            ("one", "-f", "x"): "not both",
            ("one", "-o", "x.txt"): "must end in .npy",
            ("-f", self.path("missing.txt")): "No such file",
            ("-f", self.folder): "Is a directory",
            ("one", "-o", self.path("no/folder/x.npy")): "No such file",
            ("one", "--dimensions", "0"): "it must be from 1 to 1000000",
            ("one", "--embedding-kind", "title"): "it must be query or document",
            ("one", "--temperature", "1"): "--temperature",
            ("",): "text 0 (counted from 0) is empty",
        }
        for words, part in cases.items():
            outcome = run("embed", *words, "-p", "openai", "-m", "m", "--base-url", "http://127.0.0.1:1", env={"OPENAI_API_KEY": KEY})
            self.assertEqual(outcome.code, 2, (words, outcome))
            self.assertIn(part, outcome.err, words)
        outcome = run("embed", "one", "-p", "anthropic", "-m", "m", env={"ANTHROPIC_API_KEY": KEY})
        self.assertEqual(outcome.code, 2)
        self.assertIn("unsupported: provider anthropic has no embeddings", outcome.err)
        outcome = run("embed", "one", "-p", "openai", env={"OPENAI_API_KEY": KEY})
        self.assertIn("for example text-embedding-3-small", outcome.err)
        self.assertEqual(run("embed", "one", "-p", "openai", "-m", "m", env={"OPENAI_API_KEY": ""}).code, 3)

    def test_generate_does_not_take_the_flags(self):
        self.assertEqual(run("generate", "--dimensions", "5", "hi").code, 2)
        self.assertNotIn("--embedding-kind", run("generate", "--help").out)
        self.assertIn("--embedding-kind", run("embed", "--help").out)


class Search(Embedding):
    rows = [[1, 0, 0], [0, 2, 0], [3, 3, 0], [0, 0, 0], [-1, 0, 0]]

    def similar(self, file, *flags, query=(2, 0, 0)):
        answer = json.dumps({"data": [{"index": 0, "embedding": list(query)}], "model": "q"})
        with Server(lambda connection, request, _: connection.answer(answer)) as server:
            return self.ask(server, "similar", file, "question", *flags)

    def test_finds_the_nearest(self):
        file = self.path("v.npy", npy(self.rows))
        self.assertEqual(self.similar(file).out, "1.0000\t0\n0.7071\t2\n0.0000\t1\n0.0000\t3\n-1.0000\t4\n")
        self.assertEqual(self.similar(file, "-n", "2").out, "1.0000\t0\n0.7071\t2\n")
        texts = self.path("t.txt", "a\n\nb\nc\nd\ne\n")
        self.assertEqual(self.similar(file, "-n", "2", "--texts", texts).out, "1.0000\t0\ta\n0.7071\t2\tc\n")
        found = self.similar(file, "-n", "2", "--json", "--texts", texts).json()
        self.assertEqual([(each["index"], each["text"]) for each in found["results"]], [(0, "a"), (2, "c")])
        self.assertAlmostEqual(found["results"][1]["score"], 0.70710678, places=6)
        outcome = self.similar(file, "--texts", self.path("short.txt", "a\nb\n"))
        self.assertEqual(outcome.code, 2)
        self.assertIn("has 2 texts, but there are 5 vectors", outcome.err)

    def test_agrees_with_a_plain_search(self):
        """Many vectors of a length that is no multiple of anything, over several pieces of the file."""
        source = random.Random(5)
        rows = [[source.uniform(-1, 1) for _ in range(37)] for _ in range(40_000)]
        query = [source.uniform(-1, 1) for _ in range(37)]

        def cosine(row):
            dot = sum(a * b for a, b in zip(row, query))
            return dot / (sum(a * a for a in row) * sum(b * b for b in query)) ** 0.5

        expected = sorted(range(len(rows)), key=lambda row: -cosine(rows[row]))[:10]
        outcome = self.similar(self.path("v.npy", npy(rows)), query=query)
        self.assertEqual([int(line.split("\t")[1]) for line in outcome.out.splitlines()], expected)

    def test_reads_what_numpy_writes(self):
        for version in (b"\x01\x00", b"\x02\x00", b"\x03\x00"):
            self.assertEqual(self.similar(self.path("v.npy", npy(self.rows, version=version))).code, 0, version)
        empty = self.path("v.npy", npy([], shape="(0, 3)"))
        self.assertEqual(self.similar(empty), support.Outcome(0, "", ""))

    def test_hostile_files(self):
        whole = npy(self.rows)
        cases = {
            "does not begin like": b"",
            "cut within its header": whole[:30],
            "does not begin": b"GGUF" + whole,
            "format 9": npy(self.rows, version=b"\x09\x00"),
            "numbers are <f8": npy(self.rows, descr="<f8"),
            "numbers are >f4": npy(self.rows, descr=">f4"),
            "Fortran order": npy(self.rows, order="True"),
            "1 dimensions": npy(self.rows, shape="(15,)"),
            "was it cut": whole[:-1],
            "is it still": whole + b"\0",
            "larger than any file": npy(self.rows, shape="(9223372036854775807, 3)"),
            "larger than any": npy(self.rows, shape="(4611686018427387904, 4)"),
            "have 0 numbers": npy(self.rows, shape="(5, 0)"),
            "have 99999999999 numbers": npy(self.rows, shape="(5, 99999999999)"),
            "not that of an .npy": npy(self.rows, shape="(99999999999999999999999, 3)"),
            "header is not that": npy(self.rows, shape="(-5, 3)"),
            "is not that of": npy(self.rows, descr="<f4', 'descr': '<f4"),
            "that of an .npy file": npy(self.rows, shape="(" * 50000 + "5, 3)"),
            "too long": b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + whole[10:],
            "not finite": npy([[1, float("nan"), 0]]),
        }
        for part, data in cases.items():
            outcome = self.similar(self.path("v.npy", data))
            self.assertEqual(outcome.code, 2, (part, outcome))
            self.assertIn(part, outcome.err)
            self.assertEqual(outcome.out, "")
        self.assertIn("not a regular file", self.similar(self.folder).err)
        self.assertIn("No such file", self.similar(self.path("missing.npy")).err)
        self.assertIn("was the file made by another model?", self.similar(self.path("v.npy", npy([[1, 2]]))).err)
        self.assertIn("has no direction", self.similar(self.path("v.npy", npy(self.rows)), query=(0, 0, 0)).err)

    def test_damaged_headers_never_crash(self):
        whole = bytearray(npy(self.rows))
        source = random.Random(7)
        answer = json.dumps({"data": [{"index": 0, "embedding": [1, 0, 0]}]})
        with Server(lambda connection, request, _: connection.answer(answer)) as server:
            for _ in range(60):
                data = bytearray(whole)
                for _ in range(source.randint(1, 3)):
                    data[source.randrange(100)] = source.randrange(256)
                outcome = self.ask(server, "similar", self.path("v.npy", bytes(data)), "q")
                self.assertIn(outcome.code, (0, 2), (bytes(data), outcome))
