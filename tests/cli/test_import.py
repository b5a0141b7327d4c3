# SPDX-License-Identifier: Apache-2.0
"""Safetensors become GGUF files: once, whole or not at all, for `import` and for `generate -m`."""

import fcntl
import json
import os
import resource
import signal
import threading

import support
from checkpoint import checkpoint, write_checkpoint
from fake_hub import Hub
from hub_case import HubCase, content

REPO = "org/tiny"


def limit_files(most):
    """What a full disk does, where one file may have so many bytes. The tool ignores the signal."""
    def limit():
        support.default_signals()
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    return limit


class ImportCase(HubCase):
    def setUp(self):
        super().setUp()
        self.hub = Hub({}, repo=REPO)
        self.hub.__enter__()
        self.addCleanup(self.hub.__exit__)

    def variables(self, **more):
        return super().variables(**{"XDG_CACHE_HOME": self.folder + "/cache", **more})

    def source(self, **more) -> str:
        return write_checkpoint(self.folder + "/source", **more)

    def import_(self, *args, **more) -> support.Outcome:
        return self.tool("import", *args, **more)

    def imported(self, *args, **more) -> dict:
        outcome = self.import_("--json", *args, **more)
        self.assertEqual((outcome.code, outcome.err), (0, ""), outcome)
        return outcome.json()

    def generate(self, model, *args, **more) -> support.Outcome:
        return self.tool("generate", "-m", model, "--max-tokens", "4", "--temperature", "0", "--threads", "1", "-q",
                         "--json", *args, "hi", **more)

    def answer(self, model, **more) -> str:
        outcome = self.generate(model, **more)
        self.assertEqual(outcome.code, 0, outcome)
        return outcome.json()["text"]

    def files(self) -> list:
        """What imports have left in the cache, except their locks."""
        found = []
        for folder, _, names in os.walk(self.folder + "/cache/abstractllm/imported"):
            if not folder.endswith("/.locks"):
                found += [os.path.join(folder, name) for name in names]
        return sorted(found)

    def assert_nothing_left(self):
        self.assertEqual(self.files(), [])

    def gguf(self, path) -> bytes:
        with open(path, "rb") as file:
            data = file.read()
        self.assertEqual(data[:4], b"GGUF")
        return data

    def assert_interruptible_at(self, file, *words):
        """Ctrl-C while the hub holds this file back ends the tool, and leaves nothing."""
        arrived, release = threading.Event(), threading.Event()
        self.addCleanup(release.set)

        def hang(connection, request, path):
            if not path.endswith(file):
                return False
            arrived.set()
            release.wait(support.HANG)
            return "close"
        self.hub.resolve = hang
        started = support.start(*words, env=support.environment(**self.variables()))
        self.assertTrue(arrived.wait(support.HANG))
        started.send_signal(signal.SIGINT)
        self.assertEqual(support.finish(started).code, 130)
        self.assert_nothing_left()


class Folders(ImportCase):
    def test_an_import_is_reused(self):
        source = self.source()
        first = self.imported(source)
        self.assertEqual((first["reused"], first["type"], first["source"]), (False, "F32", source))
        self.assertEqual(first["size_bytes"], len(self.gguf(first["model_file"])))
        self.assertTrue(first["model_file"].startswith(self.folder + "/cache/abstractllm/imported/folders/source-"))
        before = os.stat(first["model_file"])
        self.assertEqual(self.imported(source), {**first, "reused": True})
        after = os.stat(first["model_file"])
        self.assertEqual((before.st_ino, before.st_mtime_ns), (after.st_ino, after.st_mtime_ns))
        self.assertEqual(self.import_(source).out, first["model_file"] + "\n")
        other = self.imported(source + "/../source/.")  # another spelling
        self.assertEqual((other["model_file"], other["reused"]), (first["model_file"], True))

    def test_generate_imports_on_first_use(self):
        source = self.source()
        first = self.answer(source)
        made = self.files()
        self.assertEqual(len([each for each in made if each.endswith(".gguf")]), 1)
        inode = [os.stat(each).st_ino for each in made]
        self.assertEqual(self.answer(source), first)
        self.assertEqual([os.stat(each).st_ino for each in self.files()], inode)
        self.assertEqual(self.imported(source)["reused"], True)
        self.assertEqual(self.answer(made[0]), first)

    def test_shards_give_the_same_file(self):
        whole = self.imported(self.source(), "-o", self.folder + "/whole.gguf")
        parts = self.imported(write_checkpoint(self.folder + "/parts", shards=3), "-o", self.folder + "/parts.gguf")
        self.assertEqual(len(self.gguf(whole["model_file"])), len(self.gguf(parts["model_file"])))
        self.assertEqual(self.answer(whole["model_file"]), self.answer(parts["model_file"]))
        os.remove(self.folder + "/parts/model-00002-of-00003.safetensors")
        outcome = self.import_(self.folder + "/parts")
        self.assert_one_line_error(outcome, 3, "not_configured", "model-00002-of-00003.safetensors")
        self.assert_nothing_left()

    def test_a_changed_folder_is_imported_again(self):
        source = self.source()
        first = self.imported(source)
        write_checkpoint(source, seed=2)
        second = self.imported(source)
        self.assertNotEqual(first["model_file"], second["model_file"])
        self.assertNotEqual(self.gguf(first["model_file"]), self.gguf(second["model_file"]))

    def test_a_file_cut_at_any_point_leaves_nothing(self):
        source = self.source()
        path = source + "/model.safetensors"
        with open(path, "rb") as file:
            whole = file.read()
        size = len(whole)
        for cut in [0, 1, 7, 8, 9, 100, 1000, *range(size // 10, size, size // 10), size - 1]:
            with open(path, "wb") as file:
                file.write(whole[:cut])
            outcome = self.import_(source)
            self.assertEqual(outcome.code, 6, (cut, outcome))
            self.assertIn("model.safetensors", outcome.err)
            self.assert_nothing_left()
        self.assertEqual(self.generate(source).code, 6)
        self.assert_nothing_left()

    def test_a_full_disk_leaves_nothing(self):
        source = self.source()
        size = self.imported(source, "-o", self.folder + "/whole.gguf")["size_bytes"]
        for tenth in range(10):
            for more in ((), ("-o", self.folder + "/out.gguf")):
                outcome = self.import_(source, *more, preexec_fn=limit_files(size * tenth // 10))
                self.assert_one_line_error(outcome, 3, "not_configured", "File too large")
                self.assert_nothing_left()
                self.assertEqual([each for each in os.listdir(self.folder) if "out.gguf" in each], [])
        outcome = self.import_("--quantize", "Q8_0", source, preexec_fn=limit_files(size // 20))
        self.assert_fails(outcome, 3, "not_configured")
        self.assert_nothing_left()

    def test_two_at_once_import_once(self):
        source = self.source()
        started = [support.start("import", "--json", source, env=support.environment(**self.variables())) for _ in range(4)]
        outcomes = [support.finish(each) for each in started]
        self.assertEqual([each.code for each in outcomes], [0] * 4, outcomes)
        made = [each.json() for each in outcomes]
        self.assertEqual(sorted(each["reused"] for each in made), [False, True, True, True])
        self.assertEqual(len({each["model_file"] for each in made}), 1)

    def hold_lock(self, source):
        """As another process does that is importing this folder."""
        self.imported(source)
        for each in self.files():
            os.remove(each)
        locks = self.folder + "/cache/abstractllm/imported/.locks"
        held = open(os.path.join(locks, os.listdir(locks)[0]), "wb")  # noqa: SIM115
        self.addCleanup(held.close)
        fcntl.flock(held, fcntl.LOCK_EX)
        return held

    def test_it_waits_for_another_process_and_says_so(self):
        source = self.source()
        held = self.hold_lock(source)
        waiting = support.start("import", "--json", source, env=support.environment(**self.variables()))
        line = waiting.stderr.readline()
        self.assertIn(b"waiting for another process", line)
        self.assert_nothing_left()
        held.close()
        outcome = support.finish(waiting)
        self.assertEqual((outcome.code, outcome.json()["reused"]), (0, False), outcome)

    def test_the_wait_can_be_interrupted(self):
        held = self.hold_lock(source := self.source())
        waiting = support.start("import", source, env=support.environment(**self.variables()))
        waiting.stderr.readline()
        waiting.send_signal(signal.SIGINT)
        outcome = support.finish(waiting)
        self.assertEqual(outcome.code, 130, outcome)
        held.close()

    def killed_in_the_middle(self, *args):
        """Starts an import and kills it while it writes. Returns what it left."""
        started = support.start("import", *args, env=support.environment(**self.variables()))
        self.until(lambda: any(each.endswith(".tmp") and os.path.exists(each) and os.path.getsize(each) > 0
                               for each in self.files()) or started.poll() is not None)
        started.kill()
        support.finish(started)
        return [each for each in self.files() if each.endswith(".tmp")]

    def test_a_killed_import_is_made_again(self):
        source = self.source(feed_forward=60_000)  # so large that there is a middle
        left = self.killed_in_the_middle(source)
        self.assertNotEqual(left, [])
        made = self.imported(source)
        self.assertEqual(made["reused"], False)
        self.assertEqual([each for each in self.files() if each.endswith(".tmp")], [])
        self.gguf(made["model_file"])

    def test_the_cache_lists_and_removes_what_was_left(self):
        source = self.source(feed_forward=60_000)
        self.assertNotEqual(self.killed_in_the_middle(source), [])
        rows = self.tool("cache", "--json").json()
        self.assertEqual([row["name"] for row in rows], ["folders"])
        self.assertGreater(rows[0]["incomplete_bytes"], 0)
        self.assertEqual(self.tool("cache", "remove", "folders").code, 0)
        self.assert_nothing_left()

    def test_nothing_is_written_to_the_source(self):
        source = self.source()
        before = sorted(os.listdir(source))
        os.chmod(source, 0o555)
        self.addCleanup(os.chmod, source, 0o755)
        self.answer(source)
        self.assertEqual(sorted(os.listdir(source)), before)

    def test_a_cache_that_cannot_be_written(self):
        source = self.source()
        nowhere = self.write("a_file", "") + "/cache"
        for outcome in (self.import_(source, env={"XDG_CACHE_HOME": nowhere}),
                        self.generate(source, "--no-stdin", env={"XDG_CACHE_HOME": nowhere})):
            self.assertEqual(outcome.code, 3, outcome)
            self.assertIn(nowhere, outcome.err)
            self.assertIn("XDG_CACHE_HOME", outcome.err)
        made = self.imported(source, "-o", self.folder + "/out.gguf", env={"XDG_CACHE_HOME": nowhere})
        self.gguf(made["model_file"])

    def test_a_file_by_name(self):
        source = self.source()
        out = self.folder + "/out.gguf"
        made = self.imported(source, "-o", out)
        self.assertEqual((made["model_file"], made["reused"]), (out, False))
        self.assert_nothing_left()
        self.assertEqual(self.gguf(out), self.gguf(self.imported(source)["model_file"]))
        for wrong in (source + "/model.safetensors", source):
            self.assert_one_line_error(self.import_(source, "-o", wrong), 2, "invalid_argument", wrong)
        self.assert_one_line_error(self.import_(source, "-o", "/dev/null"), 2, "invalid_argument", "not a regular file")
        missing = self.folder + "/missing/out.gguf"
        self.assert_one_line_error(self.import_(source, "-o", missing), 3, "not_configured", missing, "No such file")

    def test_quantised(self):
        source = self.source()
        out = self.imported(source, "--quantize", "q8_0")
        whole = self.imported(source)
        self.assertEqual((out["type"], out["reused"]), ("Q8_0", False))
        self.assertLess(out["size_bytes"], whole["size_bytes"] // 2)
        self.assertEqual(self.imported(source, "--quantize", "Q8_0")["reused"], True)
        self.answer(out["model_file"])
        self.assertEqual([each for each in self.files() if each.endswith(".tmp")], [])
        wrong = self.import_(source, "--quantize", "Q4_K_X")
        self.assert_one_line_error(wrong, 2, "invalid_argument", "Q4_K_X", "Q4_K_M", "Q8_0")
        other = self.import_(source, "--quantize", "F16")
        self.assert_one_line_error(other, 2, "invalid_argument", "F32")

    def test_the_engines_log_is_ours(self):
        outcome = self.import_(self.source(), "--quantize", "Q8_0", "-v")
        self.assertEqual(outcome.code, 0, outcome)
        for line in outcome.err.splitlines():
            self.assertIn("event", json.loads(line))

    def test_the_cache_lists_and_removes_imports(self):
        source = self.source()
        made = [self.imported(source), self.imported(source, "--quantize", "Q8_0")]
        rows = self.tool("cache", "--json").json()
        self.assertEqual({row["name"] for row in rows}, {each["model_file"] for each in made})
        self.assertTrue(all(row["usable"] and row["imported"] for row in rows))
        self.assertEqual({row["source"] for row in rows}, {source})
        self.assertIn("imported model: " + source, self.tool("cache").out)
        listed = self.tool("models", "--json").json()
        self.assertEqual({row["id"] for row in listed}, {each["model_file"] for each in made})
        for each in made:
            outcome = self.tool("cache", "remove", each["model_file"])
            self.assertEqual(outcome.code, 0, outcome)
        self.assert_nothing_left()

    def test_what_is_no_checkpoint(self):
        empty = self.folder + "/empty"
        os.mkdir(empty)
        self.assert_one_line_error(self.import_(empty), 3, "not_configured", "config.json")
        path = self.write("a.gguf", "GGUF")
        self.assert_one_line_error(self.import_(path), 2, "invalid_argument", "already")
        self.assert_one_line_error(self.import_(self.source() + "/model.safetensors"), 2, "invalid_argument", "folder")

    def test_a_model_larger_than_memory_is_refused_before_the_import(self):
        source = self.source()
        os.truncate(source + "/model.safetensors", 1 << 42)
        outcome = self.generate(source)
        self.assertEqual(outcome.code, 6, outcome)
        self.assertIn("ModelCacheLimits", outcome.err)
        self.assert_nothing_left()

    def test_a_terminal_shows_progress(self):
        source = self.source()
        shown = support.shell(f"script -qec '{support.BINARY} import {source}' /dev/null", env=self.variables())
        self.assertIn("importing source", shown.out)
        self.assertIn("100%", shown.out)


class Repositories(ImportCase):
    def hold(self, **files):
        self.hub.repos[REPO] = {**checkpoint(), "README.md": b"hello", **files}

    def asked_for(self) -> set:
        return {each[2].split("/resolve/")[1].split("/", 1)[1] for each in self.hub.requests("hub") if "/resolve/" in each[2]}

    def test_generate_downloads_and_imports_once(self):
        self.hold(**{"pytorch_model.bin": b"\x80\x04", "model.onnx": b"x", "flax_model.msgpack": b"x",
                     "generation_config.json": b"{}", "other.safetensors": b"x"})
        first = self.answer(REPO)
        wanted = {"config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"}
        self.assertEqual(self.asked_for(), wanted)
        commit = self.hub.commit(REPO)
        name = f"{self.folder}/cache/abstractllm/imported/org--tiny/{commit}-F32-v1"
        self.assertEqual(self.files(), [name + ".gguf", name + ".json"])
        asked = len(self.hub.paths)
        self.assertEqual(self.answer(REPO), first)
        self.assertEqual(self.answer(REPO, env={"HF_HUB_OFFLINE": "1"}), first)
        self.assertEqual(len(self.hub.paths), asked)

    def test_the_shards_of_the_index_are_downloaded(self):
        self.hub.repos[REPO] = {**checkpoint(shards=2), "model-00003-of-00003.safetensors": b"x", "consolidated.safetensors": b"x"}
        made = self.imported(REPO)
        self.assertEqual(made["commit"], self.hub.commit(REPO))
        self.assertEqual({each for each in self.asked_for() if each.endswith(".safetensors")},
                         {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"})
        self.hub.repos[REPO] = {name: data for name, data in checkpoint(shards=2).items() if "00002-of" not in name}
        self.assert_one_line_error(self.import_(REPO), 6, "not_found", "model-00002-of-00002.safetensors")

    def test_gguf_wins_unless_an_import_is_asked_for(self):
        self.hold(**{"tiny-Q4_K_M.gguf": content(1000)})
        self.assertIn("tiny-Q4_K_M.gguf", self.generate(REPO).err)  # which is no model
        self.assertEqual(self.asked_for(), {"tiny-Q4_K_M.gguf"})
        self.assertEqual(self.imported(REPO)["type"], "F32")

    def test_a_quantisation_in_the_name(self):
        self.hold()
        self.answer(REPO + ":Q8_0")
        self.assertEqual([os.path.basename(each) for each in self.files() if each.endswith(".gguf")],
                         [self.hub.commit(REPO) + "-Q8_0-v1.gguf"])
        self.assertEqual(self.imported(REPO + ":q8_0")["reused"], True)
        outcome = self.generate(REPO + ":Q4_K_X")
        self.assertEqual(outcome.code, 2, outcome)
        self.assertIn("Q4_K_M", outcome.err)

    def test_pull_says_what_an_import_can_do(self):
        self.hold()
        self.assert_one_line_error(self.pull(REPO), 6, "not_found", "abstractllm import " + REPO)

    def test_an_architecture_that_cannot_be_imported(self):
        self.hold()
        config = json.loads(self.hub.repos[REPO]["config.json"])
        self.hub.repos[REPO]["config.json"] = json.dumps({**config, "architectures": ["FooForBar"]}).encode()
        self.hub.made_from[REPO] = ["some/tiny-GGUF"]
        for outcome in (self.import_(REPO), self.generate(REPO)):
            self.assertEqual(outcome.code, 2, outcome)
            for word in ("unsupported", "FooForBar", "LlamaForCausalLM", "some/tiny-GGUF"):
                self.assertIn(word, outcome.err)
        self.assertNotIn("model.safetensors", self.asked_for())
        self.assert_nothing_left()

    def test_pickle_files_are_never_downloaded(self):
        self.hub.repos[REPO] = {"config.json": b"{}", "pytorch_model.bin": b"\x80\x04"}
        self.assert_one_line_error(self.import_(REPO), 6, "not_found", "pickle")
        self.assertEqual(self.asked_for(), set())

    def test_a_model_larger_than_memory_is_refused_before_the_download(self):
        self.hold()
        entry = self.hub.entry
        self.hub.entry = lambda repo, path: {**entry(repo, path), **({"size": 10**13} if "safetensors" in path else {})}
        outcome = self.generate(REPO)
        self.assertEqual(outcome.code, 6, outcome)
        self.assertIn("10000000 MB", outcome.err)
        self.assertNotIn("model.safetensors", self.asked_for())

    def test_the_cache_lists_and_removes_imports(self):
        self.hold()
        self.imported(REPO)
        self.imported(REPO, "--quantize", "Q8_0")
        self.assertEqual([row["name"] for row in self.tool("cache", "--json").json()],
                         [REPO, REPO + ":F32", REPO + ":Q8_0"])
        self.assertEqual([row["id"] for row in self.tool("models", "--json").json()], [REPO + ":F32", REPO + ":Q8_0"])
        self.assertEqual(self.tool("cache", "remove", REPO + ":Q8_0").code, 0)
        self.assertEqual([row["name"] for row in self.tool("cache", "--json").json()], [REPO, REPO + ":F32"])
        first = self.answer(REPO + ":F32")
        self.assertEqual(self.tool("cache", "remove", REPO).code, 0)
        self.assertEqual(self.tool("cache", "--json").json(), [])
        self.assert_nothing_left()
        self.assertEqual(self.answer(REPO), first)

    def test_an_interrupted_download_ends_the_import(self):
        self.hold()
        self.assert_interruptible_at("model.safetensors", "import", REPO)
