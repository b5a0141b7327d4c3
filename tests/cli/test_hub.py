# SPDX-License-Identifier: Apache-2.0
"""Models by name: what is chosen, where it goes, who may have it. Hubs that fail: test_hub_faults.py."""

import hashlib
import os
import signal
import threading

import support
from fake_hub import REPO, Hub
from hub_case import FILE, TOKEN, HubCase, content
from support import PARIS


PICTURE = ("data:image/png;base64,"
           "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")


class Pull(HubCase):
    def test_lays_files_out_as_huggingface_hub_does(self):
        self.start_hub({FILE: content(), "sub/deep/other-Q8_0.gguf": content(5000, 2)})
        self.assert_pulled(self.pull())
        self.assert_pulled(self.pull(REPO + "/sub/deep/other-Q8_0.gguf"), "sub/deep/other-Q8_0.gguf")
        folder, commit = self.repo_folder(), self.hub.commit()
        self.assertEqual(self.blobs(), sorted([self.hub.etag(FILE), self.hub.etag("sub/deep/other-Q8_0.gguf")]))
        self.assertEqual(os.readlink(f"{folder}/snapshots/{commit}/{FILE}"), "../../blobs/" + self.hub.etag(FILE))
        deep = os.readlink(f"{folder}/snapshots/{commit}/sub/deep/other-Q8_0.gguf")
        self.assertEqual(deep, "../../../../blobs/" + self.hub.etag("sub/deep/other-Q8_0.gguf"))
        with open(f"{folder}/refs/main", encoding="utf-8") as ref:
            self.assertEqual(ref.read(), commit)
        self.assertTrue(os.path.exists(f"{self.folder}/hub/.locks/models--org--tiny-GGUF/{self.hub.etag(FILE)}.lock"))
        self.assertTrue(os.path.exists(f"{self.folder}/hub/CACHEDIR.TAG"))

    def test_what_is_there_is_not_fetched_again(self):
        self.start_hub()
        self.assert_pulled(self.pull())
        self.assert_pulled(self.pull())
        self.assertEqual(len(self.hub.requests("store")), 1)

    def test_a_new_commit_with_the_same_file_is_a_link(self):
        self.start_hub()
        self.assert_pulled(self.pull())
        self.hub.repos[REPO]["README.md"] = b"new"
        second = self.pull()
        self.assert_pulled(second)
        self.assertIn(self.hub.commit(), second.out)
        self.assertEqual(len(self.hub.requests("store")), 1)

    def test_the_order_without_a_quantisation(self):
        files = {f"m-{quant}.gguf": content(1000, number)
                 for number, quant in enumerate(["F16", "Q2_K", "Q8_0", "Q5_K_M", "Q4_K_M"])}
        files.update({"mmproj-Q4_K_M.gguf": content(100, 9), "m-imatrix.gguf": content(100, 10)})
        self.start_hub(files)
        chosen = []
        for _ in range(5):
            found = self.pull("--dry-run", "--json").json()
            chosen.append(found["files"][0]["path"])
            del self.hub.repos[REPO][chosen[-1]]
        self.assertEqual(chosen, ["m-Q4_K_M.gguf", "m-Q5_K_M.gguf", "m-Q8_0.gguf", "m-F16.gguf", "m-Q2_K.gguf"])
        self.assertEqual(self.hub.requests("store"), [])

    def test_parts_and_the_projector_come_with_the_model(self):
        parts = [f"big/m-Q4_K_M-0000{n}-of-00003.gguf" for n in (1, 2, 3)]
        files = {path: content(1000, n) for n, path in enumerate(parts)}
        files.update({"mmproj-F16.gguf": content(200, 7), "mmproj-Q8_0.gguf": content(100, 8), "m-Q8_0.gguf": content(50, 9)})
        self.start_hub(files)
        found = self.pull("--json", REPO + ":q4_k_m").json()
        self.assertEqual([each["path"] for each in found["files"]], [*parts, "mmproj-Q8_0.gguf"])
        self.assertTrue(found["model_file"].endswith(parts[0]))
        for each in found["files"]:
            with open(each["local_path"], "rb") as file:
                self.assertEqual(file.read(), files[each["path"]])
        os.remove(found["files"][1]["local_path"])
        offline = self.pull(REPO + ":Q4_K_M", env={"HF_HUB_OFFLINE": "1"})
        self.assert_one_line_error(offline, 3, "not_configured", "HF_HUB_OFFLINE")

    def test_dry_run_downloads_nothing(self):
        self.start_hub({FILE: content(), "tiny-Q8_0.gguf": content(3_000_000, 2)})
        outcome = self.pull("--dry-run")
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        for words in (FILE, "2.0 MB", "to download", "Q4_K_M Q8_0"):
            self.assertIn(words, outcome.out)
        self.assertEqual(self.hub.requests("store"), [])
        self.assertFalse(os.path.exists(self.repo_folder()))

    def test_listings_in_pages(self):
        self.start_hub({f"m-{n}.txt": b"x" for n in range(25)} | {"z-Q4_K_M.gguf": content(1000)})
        self.hub.page_size = 4
        self.assert_pulled(self.pull(), "z-Q4_K_M.gguf")

    def test_a_small_file_has_gits_own_checksum(self):
        self.start_hub({FILE: content(1000)})
        data = self.hub.repos[REPO][FILE]
        self.hub.etag = lambda path, repo=REPO: hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        self.hub.entry = lambda repo, path: {"type": "file", "path": path, "size": len(data), "oid": self.hub.etag(path)}
        self.assert_pulled(self.pull())

    def test_a_progress_line_comes_only_on_a_terminal(self):
        self.start_hub()
        script = f"script -qec '{support.BINARY} pull {REPO}' /dev/null"
        shown = support.shell(script, env=self.variables())
        self.assertIn("downloading " + FILE, shown.out)
        self.assertIn("100%", shown.out)


class Refusals(HubCase):
    def test_names_that_cannot_be_right(self):
        self.start_hub()
        for name in ("tiny", "org/../etc", "/etc/passwd", "org/a--b", "org/a.git", "org/a:", "org/a@", "org/a:x/y",
                     "org/a/../b.gguf", "org/a/b.bin", "org/a/c:\\b.gguf", "org//a", "../org/a", "org/a@../../x"):
            self.assert_one_line_error(self.pull(name), 2, "invalid_argument", "ORG/NAME")
        self.assertEqual(self.hub.requests("hub"), [])

    def test_what_is_not_there(self):
        self.start_hub({FILE: content(100), "tiny-Q8_0.gguf": content(100, 2)})
        cases = {
            "org/none": ("no model 'org/none'", self.hub.url + "/org/none"),
            REPO + "@v9": ("no revision 'v9'",),
            REPO + ":Q4_K_N": ("no quantisation 'Q4_K_N'", "did you mean 'Q4_K_M'?", "Q8_0"),
            REPO + "/tiny-Q8_1.gguf": ("no file", "tiny-Q8_0.gguf"),
        }
        for name, words in cases.items():
            self.assert_one_line_error(self.pull(name), 6, "not_found", *words)

    def test_a_repository_without_gguf_names_those_made_from_it(self):
        self.start_hub({"model.safetensors": b"x", "config.json": b"{}"})
        lonely = self.pull()
        self.assert_one_line_error(lonely, 6, "not_found", "config.json, model.safetensors", "models?search=gguf")
        self.hub.made_from[REPO] = ["some/tiny-GGUF", "other/tiny-i1-GGUF"]
        self.assert_one_line_error(self.pull(), 6, "not_found", "some/tiny-GGUF, other/tiny-i1-GGUF")

    def refusing(self, status, code):
        def answer(connection, request, path):
            self.hub.refuse(connection, "GET", status, code)
        return answer

    def test_gated(self):
        self.start_hub()
        for status in ("401 Unauthorized", "403 Forbidden"):
            self.hub.api = self.refusing(status, "GatedRepo")
            self.assert_one_line_error(self.pull(), 3, "permission", "gated", f"{self.hub.url}/{REPO}")
            anonymous = self.pull(env={"HF_TOKEN": ""})
            self.assert_one_line_error(anonymous, 3, "permission", "HF_TOKEN", "/settings/tokens")
            # Anybody may read what is in it, and not the files.
            self.hub.resolve, self.hub.api = self.hub.api, lambda *_: False
            self.assert_one_line_error(self.pull(), 3, "permission", "gated", f"{self.hub.url}/{REPO}")
            self.hub.resolve = lambda *_: False

    def test_tokens(self):
        self.start_hub(token=TOKEN)
        self.assert_pulled(self.pull())
        self.assert_one_line_error(self.pull(env={"HF_TOKEN": "", "HF_HUB_CACHE": self.folder + "/other"}), 6,
                                   "not_found", "HF_TOKEN")
        for name, variables in {"token": {}, "elsewhere": {"HF_TOKEN_PATH": self.folder + "/elsewhere"}}.items():
            self.write(name, TOKEN + "\n")
            cache = {"HF_TOKEN": "", "HF_HUB_CACHE": self.folder + "/cache-" + name}
            self.assert_pulled(self.pull(env={**cache, **variables}))
        self.hub.api = lambda c, r, p: self.hub.refuse(c, "GET", "401 Unauthorized", "", "bad token " + TOKEN)
        self.assert_one_line_error(self.pull(), 3, "authentication", "HF_TOKEN")
        self.assertIn("bad token ***", self.pull("--json").error()["provider_message"])

    def test_the_token_goes_to_the_hub_only(self):
        self.start_hub(token=TOKEN)
        self.assert_pulled(self.pull())
        self.assertEqual({each[3].get("authorization") for each in self.hub.requests("hub")}, {"Bearer " + TOKEN})
        self.assertEqual([each[3].get("authorization") for each in self.hub.requests("store")], [None])
        self.assertEqual([each[3]["accept-encoding"] for each in self.hub.requests("store")], ["identity"])

    def test_odd_redirects(self):
        self.start_hub()
        for location in ("", "ftp://elsewhere/x", "file:///etc/passwd", "javascript:0", "http://user@127.0.0.1:1/x"):
            self.hub.resolve = lambda c, r, p, to=location: c.head("302 Found", Location=to, Content_Length=0)
            self.assert_one_line_error(self.pull(), 6, "protocol", "redirect")
        self.hub.resolve = lambda c, r, p: c.head("302 Found", Location=p, Content_Length=0)
        self.assert_one_line_error(self.pull(), 6, "protocol", "redirects")
        self.assert_no_blob()

    def test_odd_file_names_from_the_hub(self):
        odd = ["../../../evil-Q4_K_M.gguf", "/tmp/evil-Q4_K_M.gguf", "a\\..\\evil-Q4_K_M.gguf", "C:/evil-Q4_K_M.gguf",
               "a/./evil-Q4_K_M.gguf", "a//evil-Q4_K_M.gguf", "evil\n-Q4_K_M.gguf"]
        self.start_hub({name: content(100) for name in odd})
        self.assert_one_line_error(self.pull(), 6, "not_found", "cannot be used")
        self.hub.repos[REPO]["good-Q8_0.gguf"] = content(100, 5)
        self.assert_pulled(self.pull(), "good-Q8_0.gguf")
        left = [name for _, _, names in os.walk(self.folder) for name in names if "evil" in name]
        self.assertEqual(left, [])

    def test_odd_ids_from_the_hub(self):
        self.start_hub()
        self.hub.entry = lambda repo, path: {"type": "file", "path": path, "size": 9, "oid": "../../../../x"}
        self.assert_one_line_error(self.pull(), 6, "not_found", "cannot be used")
        self.hub.commit = lambda repo=REPO: "../../x"
        self.assert_one_line_error(self.pull(), 6, "protocol", "names no commit")

    def test_a_size_that_no_disk_has(self):
        self.start_hub()
        self.hub.entry = lambda repo, path: {"type": "file", "path": path, "size": 2**63 - 1, "oid": "a" * 40}
        self.assert_one_line_error(self.pull(), 6, "not_found", "cannot be used")

    def test_answers_that_are_none(self):
        self.start_hub()
        for body in ("", "[]", "{", "null", '{"sha": 3}', '{"sha": "main"}'):
            self.hub.api = lambda c, r, p, b=body: c.answer(b)
            self.assert_one_line_error(self.pull(), 6, "protocol")
        for body in ("{}", "3", '{"error": "x"}'):
            self.hub.api = lambda c, r, p, b=body: c.answer(b) if "/tree/" in p else False
            self.assert_one_line_error(self.pull(), 6, "protocol", "listing")
        for body in ("[3, null, []]", '[{"type": "file"}]', '[{"type": "file", "path": 3, "size": -1, "oid": null, "lfs": 4}]'):
            self.hub.api = lambda c, r, p, b=body: c.answer(b) if "/tree/" in p else False
            self.assert_one_line_error(self.pull(), 6, "not_found", "no GGUF")

    def test_a_login_page_of_the_network_is_no_model(self):
        self.start_hub()
        page = "<html><body>Welcome to our hotel</body></html>"
        self.hub.api = lambda c, r, p: c.answer(page, content_type="text/html; charset=utf-8")
        self.assert_one_line_error(self.pull(), 6, "protocol", "web page", "login")
        self.hub.api = lambda *_: False
        self.hub.store = lambda c, r, d, s: c.answer(page, content_type="text/html")
        self.assert_one_line_error(self.pull(), 6, "protocol", "web page")
        self.hub.store = lambda c, r, d, s: c.answer(page, content_type="application/octet-stream")
        self.assert_one_line_error(self.pull(), 6, "protocol", "GGUF")
        self.assert_no_blob()
        self.hub.store = lambda *_: False
        self.assert_pulled(self.pull())

    def test_an_endpoint_that_is_none(self):
        self.start_hub()
        for url in ("nonsense", "ftp://x", "http://a b", "http://u:p@host"):
            self.assert_one_line_error(self.pull(env={"HF_ENDPOINT": url}), 3, "not_configured", "HF_ENDPOINT")


class Cache(HubCase):
    def test_listing_and_removing(self):
        self.start_hub({FILE: content(), "tiny-Q8_0.gguf": content(3_000_000, 2), "odd.name.gguf": content(1000, 3)})
        self.assertEqual(self.tool("cache", "--json").json(), [])
        for name in (REPO, REPO + ":Q8_0", REPO + "/odd.name.gguf"):
            self.assertEqual(self.pull(name).code, 0)
        listed = {each["name"]: each for each in self.tool("cache", "--json").json()}
        self.assertEqual(sorted(listed), [REPO + "/odd.name.gguf", REPO + ":Q4_K_M", REPO + ":Q8_0"])
        self.assertEqual(listed[REPO + ":Q8_0"]["size_bytes"], 3_000_000)
        self.assertRegex(listed[REPO + ":Q8_0"]["last_used"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        models = self.tool("models", "-p", "huggingface", "--json").json()
        self.assertEqual([(each["id"], each["size_bytes"]) for each in models],
                         [(name, listed[name]["size_bytes"]) for name in sorted(listed)])
        text = self.tool("cache").out
        self.assertIn("3.0 MB", text)

        removed = self.tool("cache", "remove", REPO + ":Q8_0", "--json").json()
        self.assertEqual((removed["freed_bytes"], removed["paths"]), (3_000_000, ["tiny-Q8_0.gguf"]))
        self.assertNotIn(self.hub.etag("tiny-Q8_0.gguf"), self.blobs())
        again = self.tool("cache", "remove", REPO + ":Q8_0")
        self.assert_one_line_error(again, 6, "not_found", REPO + ":Q4_K_M")
        self.assertEqual(self.tool("cache", "remove", REPO).code, 0)
        self.assertEqual(self.tool("cache", "--json").json(), [])
        self.assertFalse(os.path.exists(self.repo_folder()))

    def test_a_blob_goes_with_the_last_link_to_it(self):
        self.start_hub()
        self.pull()
        first = self.hub.commit()
        self.hub.repos[REPO]["README.md"] = b"new commit"
        self.pull()
        names = [each["name"] for each in self.tool("cache", "--json").json()]
        self.assertEqual(names, [REPO + ":Q4_K_M", f"{REPO}:Q4_K_M@{first}"])
        removed = self.tool("cache", "remove", f"{REPO}:Q4_K_M@{first}", "--json").json()
        self.assertEqual(removed["freed_bytes"], 0)
        self.assertEqual(self.blobs(), [self.hub.etag(FILE)])
        removed = self.tool("cache", "remove", REPO + ":Q4_K_M", "--json").json()
        self.assertEqual(removed["freed_bytes"], 2_000_000)
        self.assertEqual(self.blobs(), [])

    def test_incomplete_downloads_show_and_go(self):
        self.start_hub()
        self.hub.store = lambda c, r, d, s: Hub.send_from(c, d, s, cut=len(d) // 2)
        self.pull("--max-retries=0")
        listed = self.tool("cache", "--json").json()
        self.assertEqual([(each["name"], each["incomplete_bytes"], each["usable"]) for each in listed],
                         [(REPO, 1_000_000, False)])
        self.assertEqual(self.tool("cache", "remove", REPO, "--json").json()["freed_bytes"], 1_000_000)

    def test_wrong_words(self):
        self.start_hub()
        self.assertEqual(self.tool("cache", "remove").code, 2)
        self.assertEqual(self.tool("cache", "purge").code, 2)
        self.assert_one_line_error(self.tool("cache", "remove", "org/none"), 6, "not_found", "abstractllm cache")
        self.assert_one_line_error(self.tool("cache", "remove", "../../etc"), 2, "invalid_argument")


class Generate(HubCase):
    def ask(self, name, **env):
        more = {"ABSTRACTLLM_HOME": self.folder + "/nothing", **env}
        return self.tool("generate", "-m", name, "--temperature", "0", PARIS, env=more)

    def start_real_hub(self):
        with open(support.model(), "rb") as file:
            return self.start_hub({FILE: file.read()})

    def test_by_name_then_offline(self):
        self.start_real_hub()
        for env in ({}, {"HF_HUB_OFFLINE": "1"}, {"HF_ENDPOINT": "http://127.0.0.1:1"}):
            outcome = self.ask(REPO, **env)
            self.assertEqual((outcome.code, outcome.err), (0, ""), outcome)
            self.assertIn("Paris", outcome.out)
        self.assertEqual(len(self.hub.requests("store")), 1)

    def test_a_picture_for_a_blind_model_that_is_not_here_yet(self):
        self.start_real_hub()
        for turn in ("downloaded first", "known to be blind"):
            outcome = self.tool("generate", "-m", REPO, "--temperature", "0", "-i", PICTURE, "--json", PARIS,
                                env={"ABSTRACTLLM_HOME": self.folder + "/nothing"})
            self.assertEqual(outcome.code, 0, (turn, outcome))
            self.assertEqual([each["code"] for each in outcome.json()["warnings"]], ["image_dropped"], turn)
            self.assertIn("Paris", outcome.json()["text"])
        self.assertEqual(len(self.hub.requests("store")), 1)

    def test_the_default_model_is_that_of_quickstart_where_the_hub_has_none(self):
        self.start_hub()
        home = os.path.join(self.folder, "home")
        os.makedirs(home + "/models")
        os.symlink(support.model(), home + "/models/SmolLM2-135M-Instruct.Q4_1.gguf")
        outcome = self.tool("generate", "--temperature", "0", PARIS,
                            env={"HF_ENDPOINT": "http://127.0.0.1:1", "ABSTRACTLLM_HOME": home})
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("answers in its place, the smallest model", outcome.err)
        self.assertIn("Paris", outcome.out)
        file = home + "/models/SmolLM2-135M-Instruct.Q4_1.gguf"
        for command in (["cache"], ["models", "-p", "huggingface"]):
            listed = self.tool(*command, "--json", env={"ABSTRACTLLM_HOME": home})
            self.assertIn(file, listed.out, command)
        self.assertEqual(self.tool("cache", "remove", file, env={"ABSTRACTLLM_HOME": home}).code, 0)
        self.assertFalse(os.path.lexists(file))

    def test_the_fallback_is_downloaded_where_the_hub_has_no_default_model(self):
        self.start_real_hub()
        self.hub.repos["bartowski/SmolLM2-135M-Instruct-GGUF"] = {
            "SmolLM2-135M-Instruct-Q4_K_M.gguf": next(iter(self.hub.repos[REPO].values()))}
        outcome = self.tool("generate", "--temperature", "0", PARIS)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("'Qwen/Qwen3-0.6B-GGUF:Q8_0' is not on the hub", outcome.err)
        self.assertIn("Paris", outcome.out)

    def test_what_cannot_be_had(self):
        self.start_hub({FILE: content(1000)})
        self.assert_one_line_error(self.ask("org/none"), 6, "not_found", "not a file here", "org/none")
        self.assert_one_line_error(self.ask(REPO, HF_HUB_OFFLINE="1"), 3, "not_configured", "HF_HUB_OFFLINE")
        self.assert_one_line_error(self.ask("folder/model.gguf"), 3, "not_configured", "does not exist")
        self.assert_one_line_error(self.ask("./model.gguf"), 3, "not_configured", "does not exist")
        self.assert_one_line_error(self.ask(REPO), 6, "engine_failed", "cannot be loaded")

    def test_ctrl_c_during_the_download(self):
        self.start_hub()
        sent = threading.Event()

        def store(connection, request, data, start):
            connection.head("200 OK", Content_Length=len(data))
            connection.send(data[:1000])
            sent.set()
            connection.wait_closed(support.HANG)
            return "close"

        self.hub.store = store
        variables = support.environment(**self.variables(ABSTRACTLLM_HOME="/nothing"))
        process = support.start("generate", "-m", REPO, "Hi", env=variables)
        self.assertTrue(sent.wait(support.HANG))
        process.send_signal(signal.SIGINT)
        self.assert_one_line_error(support.finish(process), 130, "cancelled")
