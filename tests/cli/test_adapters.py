# SPDX-License-Identifier: Apache-2.0
"""LoRA adapters that PEFT saved, from folders and from the hub: imported once, whole or not at all, for --adapter."""

import fcntl
import os
import signal

import support
from adapter import gguf, peft, write_peft
from checkpoint import checkpoint, write_checkpoint
from hub_case import TOKEN
from test_import import REPO, ImportCase, limit_files

ADAPTER = "org/pirate"


class AdapterCase(ImportCase):
    def setUp(self):
        super().setUp()
        self.base = self.folder + "/base.gguf"
        self.imported(write_checkpoint(self.folder + "/source"), "-o", self.base)
        os.mkdir(self.folder + "/none")

    def say(self, *adapters, model=None, **more) -> support.Outcome:
        options = [each for value in adapters for each in ("--adapter", value)]
        return self.generate(model or self.base, "--max-tokens", "16", *options, **more)

    def said(self, *adapters, **more) -> str:
        outcome = self.say(*adapters, **more)
        self.assertEqual(outcome.code, 0, outcome)
        return outcome.json()["text"]

    def refused(self, code, kind, words, *adapters, **more):
        outcome = self.say(*adapters, **more)
        self.assertEqual((outcome.code, outcome.out), (code, ""), outcome)
        error = outcome.error()
        self.assertEqual(error["kind"], kind, error)
        for word in words:
            self.assertIn(word, error["message"])

    def peft(self, name="pirate", seed=1, **more) -> str:
        return write_peft(f"{self.folder}/{name}", seed, **more)

    def adapters(self) -> list:
        return [each for each in self.files() if each.endswith(".gguf")]

    def rows(self) -> list:
        return [row for row in self.tool("cache", "--json").json() if row.get("adapter")]


class Folders(AdapterCase):
    def test_a_folder_is_the_same_as_the_engines_file(self):
        base = self.said()
        folder = self.peft()
        file = self.write("pirate.gguf", gguf())
        changed = self.said(file)
        self.assertNotEqual(changed, base)
        self.assertEqual(self.said(folder), changed)
        self.assertEqual(self.said(folder + "/"), changed)
        self.assertEqual(self.said(folder + "=0.5"), self.said(file + "=0.5"))
        self.assertEqual(self.said(folder + "=0"), base)
        self.assertEqual(self.said(folder + "=0.5", file + "=0.5"), changed)  # in one answer
        self.assertEqual(self.said(folder, file + "=-1"), base)

    def test_it_is_imported_once(self):
        folder = self.peft()
        first = self.said(folder)
        made = self.adapters()
        self.assertEqual(len(made), 1)
        self.assertTrue(made[0].startswith(self.folder + "/cache/abstractllm/imported/adapters/pirate-"), made)
        inode = os.stat(made[0]).st_ino
        self.assertEqual(self.said(folder + "/../pirate"), first)  # another spelling
        self.assertEqual([os.stat(each).st_ino for each in self.adapters()], [inode])
        self.assertEqual(self.said(made[0]), first)  # by the path of what was made

    def test_it_is_imported_again_when_its_files_change(self):
        folder = self.peft()
        first = self.said(folder)
        self.peft(seed=2)
        second = self.said(folder)
        self.assertNotEqual(first, second)
        self.assertEqual(second, self.said(self.write("two.gguf", gguf(2))))
        self.assertEqual(len(self.adapters()), 2)

    def test_the_base_model_may_be_an_imported_folder(self):
        folder = self.peft()
        expected = self.said(folder)
        self.assertEqual(self.said(folder, model=self.folder + "/source"), expected)
        self.assertEqual(len([each for each in self.adapters() if "/adapters/" in each]), 1)

    def test_two_adapters_add_up(self):
        one, two = self.peft("one", 1), self.peft("two", 2)
        both = self.said(one, two)
        self.assertEqual(both, self.said(self.write("one.gguf", gguf(1)), self.write("two.gguf", gguf(2))))
        self.assertEqual(both, self.said(two, one))
        self.assertNotIn(both, [self.said(one), self.said(two), self.said()])

    def test_a_folder_with_an_equals_sign(self):
        folder = self.peft("a=0.5")
        self.assertEqual(self.said(folder + "/"), self.said(folder + "=1"))
        self.refused(2, "invalid_argument", ["scale after ="], self.folder + "/pirate=much")

    def test_a_file_cut_at_any_point_leaves_nothing(self):
        folder = self.peft()
        path = folder + "/adapter_model.safetensors"
        with open(path, "rb") as file:
            whole = file.read()
        for cut in [0, 7, 8, 100, *range(len(whole) // 6, len(whole), len(whole) // 6), len(whole) - 1]:
            with open(path, "wb") as file:
                file.write(whole[:cut])
            self.refused(6, "engine_failed", ["adapter_model.safetensors"], folder)
            self.assert_nothing_left()
        with open(path, "wb") as file:
            file.write(whole)
        self.said(folder)

    def test_numbers_that_are_none_are_refused(self):
        folder = self.peft()
        path = folder + "/adapter_model.safetensors"
        with open(path, "rb+") as file:
            file.seek(-4, os.SEEK_END)
            file.write(b"\x00\x00\xc0\x7f")
        self.refused(6, "engine_failed", ["down_proj.lora_B.weight"], folder)
        self.assert_nothing_left()

    def test_a_full_disk_leaves_nothing(self):
        folder = self.peft()
        for tenth in range(10):
            self.refused(3, "not_configured", ["File too large"], folder, preexec_fn=limit_files(tenth * 900))
            self.assert_nothing_left()

    def test_a_cache_that_cannot_be_written(self):
        nowhere = self.write("a_file", "") + "/cache"
        self.refused(3, "not_configured", [nowhere, "XDG_CACHE_HOME"], self.peft(), env={"XDG_CACHE_HOME": nowhere})

    def test_another_base_model_is_refused_with_the_tensors_name(self):
        self.refused(6, "engine_failed", ["down_proj.lora_A.weight", "[r, 128]", "another model"],
                     self.peft(feed_forward=160))
        deep = self.peft("deep")
        path = deep + "/adapter_model.safetensors"
        with open(path, "rb") as file:
            data = file.read()
        with open(path, "wb") as file:
            file.write(data.replace(b"layers.1.", b"layers.7."))
        self.refused(6, "engine_failed", ["layers.7.", "another model"], deep)
        self.assert_nothing_left()

    def test_what_peft_has_and_the_engine_lacks(self):
        for more, word in (({"peft_type": "IA3"}, "IA3"), ({"peft_type": "PROMPT_TUNING"}, "PROMPT_TUNING"),
                           ({"use_dora": True}, "use_dora"), ({"modules_to_save": ["lm_head"]}, "modules_to_save")):
            self.refused(2, "unsupported", [word], self.peft(**more))
        self.assert_nothing_left()

    def test_what_is_no_adapter(self):
        self.refused(6, "not_found", ["does not exist"], self.folder + "/missing")
        self.refused(6, "not_found", ["does not exist"], "missing")
        self.refused(6, "not_found", ["adapter_config.json"], self.folder + "/none")
        self.refused(6, "not_found", ["adapter_config.json"], self.folder + "/source")
        self.refused(3, "not_configured", ["does not exist"], self.folder + "/missing.gguf")
        self.refused(2, "invalid_argument", [], "=1")
        self.refused(2, "invalid_argument", [], "")
        self.refused(2, "invalid_argument", ["quantisation"], "org/pirate:Q8_0")
        folder = self.peft()
        os.remove(folder + "/adapter_model.safetensors")
        self.refused(3, "not_configured", ["adapter_model.safetensors"], folder)
        with open(folder + "/adapter_model.bin", "wb") as file:
            file.write(b"\x80\x04")
        self.refused(2, "unsupported", ["pickle", "adapter_model.bin"], folder)
        self.write("pirate/adapter_config.json", "{" * 100)
        self.refused(6, "engine_failed", ["adapter_config.json"], folder)
        self.assert_nothing_left()

    def test_four_processes_at_once(self):
        folder = self.peft()
        expected = self.said(self.write("pirate.gguf", gguf()))
        args = ("generate", "-m", self.base, "--max-tokens", "16", "--temperature", "0", "--threads", "1", "-q", "--json",
                "--adapter", folder, "hi")
        started = [support.start(*args, env=support.environment(**self.variables())) for _ in range(4)]
        outcomes = [support.finish(each) for each in started]
        self.assertEqual([each.code for each in outcomes], [0] * 4, outcomes)
        self.assertEqual({each.json()["text"] for each in outcomes}, {expected})
        self.assertEqual(len(self.files()), 2)  # the adapter and its notes

    def test_a_killed_import_is_made_again(self):
        folder = self.peft()
        expected = self.said(folder)
        made = self.adapters()[0]
        for each in self.files():
            os.remove(each)
        # What a process leaves that is killed while it writes.
        with open(made + ".4000000-1.tmp", "wb") as file:
            file.write(b"GGUF")
        row = self.tool("cache", "--json").json()
        self.assertEqual([(each["name"], each["incomplete_bytes"]) for each in row], [("adapters", 4)])
        self.assertEqual(self.said(folder), expected)
        self.assertEqual([each for each in self.files() if each.endswith(".tmp")], [])
        self.assertEqual(self.adapters(), [made])

    def test_killed_at_any_time(self):
        folder = self.peft()
        expected = self.said(self.write("pirate.gguf", gguf()))
        args = ("generate", "-m", self.base, "--max-tokens", "16", "--adapter", folder, "hi")
        for _ in range(4):
            started = support.start(*args, env=support.environment(**self.variables()))
            self.until(lambda run=started: self.files() != [] or run.poll() is not None)
            started.kill()
            support.finish(started)
            self.assertEqual(self.said(folder), expected)
            self.assertEqual([each for each in self.files() if each.endswith(".tmp")], [])
            for each in self.files():
                os.remove(each)

    def test_the_wait_for_another_process_can_be_interrupted(self):
        folder = self.peft()
        self.said(folder)
        for each in self.files():
            os.remove(each)
        locks = self.folder + "/cache/abstractllm/imported/.locks"
        with open(os.path.join(locks, os.listdir(locks)[0]), "wb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            waiting = support.start("generate", "-m", self.base, "-vv", "--adapter", folder, "hi",
                                    env=support.environment(**self.variables()))
            seen = b""
            while b'"waiting"' not in seen:
                line = waiting.stderr.readline()
                self.assertNotEqual(line, b"", seen)
                seen += line
            waiting.send_signal(signal.SIGINT)
            self.assertEqual(support.finish(waiting).code, 130)
        self.assert_nothing_left()

    def test_the_cache_lists_and_removes_adapters(self):
        one, two = self.peft("one", 1), self.peft("two", 2)
        self.said(one, two)
        rows = self.rows()
        self.assertEqual(sorted(row["name"] for row in rows), self.adapters())
        self.assertEqual({row["source"] for row in rows}, {os.path.realpath(one), os.path.realpath(two)})
        for row in rows:
            self.assertEqual(row["size_bytes"], os.path.getsize(row["name"]))
            self.assertEqual((row["usable"], row["imported"]), (False, True))
        self.assertIn("imported adapter: " + one, self.tool("cache").out)
        self.assertEqual(self.tool("models", "--json").json(), [])
        outcome = self.tool("cache", "remove", "--json", rows[0]["name"])
        self.assertEqual((outcome.code, outcome.json()["freed_bytes"] >= rows[0]["size_bytes"]), (0, True), outcome)
        self.assertEqual(self.rows(), rows[1:])
        self.assertEqual(self.tool("cache", "remove", rows[1]["name"]).code, 0)
        self.assert_nothing_left()
        self.assert_fails(self.tool("cache", "remove", rows[1]["name"]), 2, "invalid_argument")
        self.said("one", cwd=self.folder)
        self.assertEqual(self.rows()[0]["source"], os.path.realpath(one))

    def test_a_folder_that_is_no_model_says_what_it_is(self):
        folder = self.peft()
        outcome = self.generate(folder)
        self.assertEqual(outcome.error()["kind"], "not_configured")
        self.assertIn("--adapter", outcome.err)
        self.assert_one_line_error(self.import_(folder), 2, "unsupported", "--adapter")

    def test_a_hundred_adapters(self):
        folders = [self.peft(f"a{at}", at) for at in range(100)]
        self.refused(2, "invalid_argument", ["100 adapters", "64"], *folders)
        self.assert_nothing_left()
        self.said(*[folder + "=0.01" for folder in folders[:64]])
        self.assertEqual(len(self.adapters()), 64)


class Repositories(AdapterCase):
    def setUp(self):
        super().setUp()
        self.hub.repos[ADAPTER] = {**peft(), "README.md": b"hello", "tokenizer.json": b"{}", "training_args.bin": b"x",
                                   "optimizer.pt": b"x", "checkpoint-10/adapter_model.safetensors": b"x"}

    def asked_for(self) -> set:
        return {each[2].split("/resolve/")[1].split("/", 1)[1] for each in self.hub.requests("hub") if "/resolve/" in each[2]}

    def test_a_repository_is_downloaded_and_imported_once(self):
        expected = self.said(self.write("pirate.gguf", gguf()))
        self.assertEqual(self.said(ADAPTER), expected)
        self.assertEqual(self.asked_for(), {"adapter_config.json", "adapter_model.safetensors"})
        made = self.adapters()
        commit = self.hub.commit(ADAPTER)
        self.assertTrue(os.path.basename(made[0]).startswith(f"org--pirate-{commit}-"), made)
        asked = len(self.hub.paths)
        self.assertEqual(self.said(ADAPTER + "=1.0"), expected)
        self.assertEqual(self.said(ADAPTER, env={"HF_HUB_OFFLINE": "1"}), expected)
        self.assertEqual(self.said(ADAPTER + "@" + commit), expected)
        self.assertEqual(self.said(ADAPTER + "=0"), self.said())
        self.assertEqual(len(self.hub.paths), asked)
        self.assertEqual(self.adapters(), made)

    def test_the_base_model_may_come_from_the_hub_too(self):
        self.hub.repos[REPO] = checkpoint()
        self.assertEqual(self.said(ADAPTER, model=REPO), self.said(ADAPTER))

    def test_offline_it_must_be_here(self):
        self.refused(3, "not_configured", [ADAPTER, "HF_HUB_OFFLINE"], ADAPTER, env={"HF_HUB_OFFLINE": "1"})

    def test_the_token_is_sent(self):
        self.hub.token = TOKEN
        self.assertNotEqual(self.say(ADAPTER, env={"HF_TOKEN": ""}).code, 0)
        self.said(ADAPTER)
        self.refused(6, "not_found", ["org/other"], "org/other")

    def test_a_file_of_the_engine_in_a_repository(self):
        self.hub.repos["org/loras"] = {"pirate/one.gguf": gguf(), "pirate/two.gguf": gguf(2)}
        self.assertEqual(self.said("org/loras/pirate/two.gguf"), self.said(self.write("two.gguf", gguf(2))))
        self.assertEqual(self.asked_for(), {"pirate/two.gguf"})

    def test_what_is_no_adapter(self):
        self.hub.repos[ADAPTER] = {"adapter_config.json": b"{}", "adapter_model.bin": b"\x80\x04"}
        self.refused(2, "unsupported", ["pickle", "adapter_model.bin", ADAPTER], ADAPTER)
        self.hub.repos[ADAPTER] = {"README.md": b"hello"}
        self.refused(6, "not_found", ["adapter_config.json", "README.md"], ADAPTER)
        self.refused(6, "not_found", ["nothing"], ADAPTER + "@nothing")
        self.assertEqual(self.asked_for(), set())
        self.hub.repos[ADAPTER] = peft(peft_type="LOHA")
        self.refused(2, "unsupported", ["LOHA"], ADAPTER)
        self.assert_nothing_left()

    def test_an_interrupted_download_goes_on(self):
        cut = []

        def hang_up(connection, request, path):
            if not path.endswith("adapter_model.safetensors") or cut:
                return False
            cut.append(path)
            data = self.hub.repos[ADAPTER]["adapter_model.safetensors"]
            connection.head("200 OK", "text/plain", ETag=f'"{self.hub.etag("adapter_model.safetensors", ADAPTER)}"',
                            Content_Length=len(data), **{"X-Repo-Commit": self.hub.commit(ADAPTER)})
            connection.send(data[:1000])
            return "close"
        self.hub.resolve = hang_up
        self.assertEqual(self.said(ADAPTER), self.said(self.write("pirate.gguf", gguf())))
        self.assertEqual(len(cut), 1)

    def test_a_download_can_be_interrupted(self):
        self.assert_interruptible_at("adapter_model.safetensors", "generate", "-m", self.base, "--adapter", ADAPTER, "hi")

    def test_the_cache_lists_and_removes_it(self):
        self.said(ADAPTER)
        self.assertEqual([(row["source"], row["commit"]) for row in self.rows()], [(ADAPTER, self.hub.commit(ADAPTER))])
        self.assertEqual(self.tool("cache", "remove", ADAPTER).code, 0)
        self.assertEqual(self.tool("cache", "--json").json(), [])
        self.assert_nothing_left()
        self.said(ADAPTER)
