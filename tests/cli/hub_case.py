# SPDX-License-Identifier: Apache-2.0
"""What the tests of downloads share: a hub, an empty cache, and the tool between them."""

import os
import random
import time

import support
from fake_hub import REPO, Hub
from support import run

TOKEN = "hf_abcdefghijklmnop"
FILE = "tiny-Q4_K_M.gguf"


def content(size=2_000_000, seed=1):
    """Something that is taken for a GGUF file."""
    return b"GGUF" + random.Random(seed).randbytes(size - 4)


class HubCase(support.Case):
    def start_hub(self, files=None, **more) -> Hub:
        hub = Hub({FILE: content()} if files is None else files, **more)
        hub.__enter__()
        self.addCleanup(hub.__exit__)
        self.hub = hub
        return hub

    def variables(self, **more) -> dict:
        return {"HF_ENDPOINT": self.hub.url, "HF_HOME": self.folder, "HF_HUB_OFFLINE": "0", "HF_TOKEN": TOKEN,
                "ABSTRACTLLM_HOME": self.folder + "/quickstart", **more}

    def tool(self, *args, env=None, **more) -> support.Outcome:
        outcome = run(*args, env=self.variables(**(env or {})), **more)
        self.assertNotIn(TOKEN, outcome.out + outcome.err)
        return outcome

    def pull(self, *args, **more) -> support.Outcome:
        named = any(not each.startswith("-") for each in args)
        return self.tool("pull", *args, *(() if named else (REPO,)), **more)

    def assert_pulled(self, outcome, file=FILE):
        self.assertEqual((outcome.code, outcome.err), (0, ""), outcome)
        with open(outcome.out.strip(), "rb") as got:
            self.assertEqual(got.read(), self.hub.repos[REPO][file])

    def repo_folder(self) -> str:
        return os.path.join(self.folder, "hub", "models--org--tiny-GGUF")

    def blobs(self) -> list:
        folder = os.path.join(self.repo_folder(), "blobs")
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

    def assert_no_blob(self):
        """Nothing has a name that a reader would take for a whole file."""
        self.assertEqual([each for each in self.blobs() if not each.endswith(".incomplete")], [])

    def ranges(self) -> list:
        return [each[3].get("range") for each in self.hub.requests("store")]

    def start_pull(self, *args, **env):
        return support.start("pull", *(args or (REPO,)), env=support.environment(**self.variables(**env)))

    def leave_incomplete(self, data):
        """As an earlier run does that was killed."""
        os.makedirs(os.path.join(self.repo_folder(), "blobs"), exist_ok=True)
        with open(os.path.join(self.repo_folder(), "blobs", self.hub.etag(FILE) + ".incomplete"), "wb") as file:
            file.write(data)

    def until(self, condition):
        deadline = time.monotonic() + support.HANG
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
