#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hugging Face's own client and ours share one cache, in both directions: hub.py BINARY

Both download from the hub that our tests fake, so the fake is held to what huggingface_hub accepts.
ABSTRACTLLM_TEST_ORACLES names a Python that has it; without, the suite says so and is skipped (exit code 77)."""

import os
import pathlib
import random
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/cli"))
import support  # noqa: E402
from fake_hub import REPO, Hub  # noqa: E402

interpreter = os.environ.pop("ABSTRACTLLM_TEST_ORACLES", "")
if os.access(interpreter, os.X_OK):
    os.execv(interpreter, [interpreter, *sys.argv])

for name in [each for each in os.environ if each.startswith("HF_") or each.lower().endswith("_proxy")]:
    del os.environ[name]
try:
    import huggingface_hub as theirs
except ImportError:
    print("skipped: huggingface_hub is not installed")
    sys.exit(77)

FILE, DEEP = "tiny-Q4_K_M.gguf", "sub/tiny-Q8_0.gguf"


class SharedCache(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.cache, self.home = os.path.join(folder.name, "hub"), os.path.join(folder.name, "home")
        data = b"GGUF" + random.Random(1).randbytes(1_000_000)
        self.hub = Hub({FILE: data, DEEP: data + b"deep", "README.md": b"# Tiny\n"}).__enter__()
        self.addCleanup(self.hub.__exit__)

    def ours(self, *args, **more):
        variables = {"HF_ENDPOINT": self.hub.url, "HF_HUB_CACHE": self.cache, "HF_HUB_OFFLINE": "0"}
        # Models that quickstart fetched are listed too, and this is about the shared cache.
        return support.run(*args, env={"ABSTRACTLLM_HOME": self.home, **variables, **more})

    def pulled(self, *args, **more):
        outcome = self.ours("pull", *args, **more)
        self.assertEqual((outcome.code, outcome.err), (0, ""), outcome)
        return outcome.out.strip()

    def download(self, file, **more):
        return theirs.hf_hub_download(REPO, file, endpoint=self.hub.url, cache_dir=self.cache, token=False, **more)

    def downloads(self):
        return len(self.hub.requests("store"))

    def test_what_they_downloaded_we_find(self):
        file = self.download(FILE)
        self.assertEqual(self.pulled(REPO), file)
        self.assertEqual(self.pulled(REPO, HF_HUB_OFFLINE="1"), file)
        self.assertEqual([each["name"] for each in self.ours("cache", "--json").json()], [REPO + ":Q4_K_M"])
        self.assertEqual(self.downloads(), 1)

    def test_what_we_downloaded_they_find(self):
        for name, file in {REPO: FILE, f"{REPO}/{DEEP}": DEEP}.items():
            path = self.pulled(name)
            self.assertEqual(self.download(file), path)
            self.assertEqual(self.download(file, local_files_only=True), path)
            with open(path, "rb") as got:
                self.assertEqual(got.read(), self.hub.repos[REPO][file])
        self.assertEqual(self.downloads(), 2)
        folder = theirs.snapshot_download(REPO, endpoint=self.hub.url, cache_dir=self.cache, token=False)
        self.assertEqual(sorted(os.listdir(folder)), ["README.md", "sub", FILE])
        self.assertEqual(self.downloads(), 2)

    def test_they_understand_our_folders(self):
        self.pulled(REPO)
        self.hub.store = lambda c, r, d, s: Hub.send_from(c, d, s, cut=len(d) // 2)
        self.assertEqual(self.ours("pull", "--max-retries=0", f"{REPO}/{DEEP}").code, 5)
        self.hub.store = lambda *_: False
        found = theirs.scan_cache_dir(self.cache)
        self.assertEqual(found.warnings, [])
        self.assertEqual([(each.repo_id, each.size_on_disk) for each in found.repos], [(REPO, 1_000_004)])
        # What we left unfinished is in nobody's way.
        path = self.download(DEEP)
        self.assertEqual(self.pulled(f"{REPO}/{DEEP}"), path)

    def test_what_we_remove_they_miss_and_the_other_way_round(self):
        self.pulled(REPO)
        self.pulled(f"{REPO}/{DEEP}")
        self.assertEqual(self.ours("cache", "remove", REPO + ":Q8_0").code, 0)
        with self.assertRaises(theirs.errors.LocalEntryNotFoundError):
            self.download(DEEP, local_files_only=True)
        self.download(FILE, local_files_only=True)
        found = theirs.scan_cache_dir(self.cache)
        found.delete_revisions(*[each.commit_hash for repo in found.repos for each in repo.revisions]).execute()
        self.assertEqual(self.ours("models", "--json").json(), [])


if __name__ == "__main__":
    support.BINARY = os.path.abspath(sys.argv[1])
    result = unittest.TextTestRunner(verbosity=0).run(unittest.defaultTestLoader.loadTestsFromTestCase(SharedCache))
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
