# SPDX-License-Identifier: Apache-2.0
"""Downloads that break, wait, meet each other or a disk that cannot take them."""

import os
import resource
import signal
import subprocess
import threading

import support
from fake_hub import REPO, Hub
from hub_case import FILE, HubCase, content


class Cuts(HubCase):
    def test_cut_at_every_tenth(self):
        """One download that breaks nine times, and asks for the rest each time."""
        self.start_hub()
        size, starts = len(self.hub.repos[REPO][FILE]), []

        def store(connection, request, data, start):
            starts.append(start)
            return Hub.send_from(connection, data, start, cut=min(start + size // 10, size))

        self.hub.store = store
        self.assert_pulled(self.pull())
        self.assertGreaterEqual(len(starts), 10)
        self.assertEqual(starts, sorted(set(starts)))

    def test_each_tenth_by_a_run_of_its_own(self):
        """Cut off for good, ten times; each run goes on where the one before it was."""
        self.start_hub()
        size = len(self.hub.repos[REPO][FILE])
        for tenth in range(1, 10):
            self.hub.store = lambda c, r, d, s, t=tenth: Hub.send_from(c, d, s, cut=max(s, size * t // 10))
            self.assert_one_line_error(self.pull("--max-retries=0"), 5, "network")
            self.assert_no_blob()
            incomplete = os.path.join(self.repo_folder(), "blobs", self.hub.etag(FILE) + ".incomplete")
            self.assertEqual(os.path.getsize(incomplete), size * tenth // 10)
        self.hub.store = lambda *_: False
        self.assert_pulled(self.pull())
        self.assertEqual(self.hub.requests("store")[-1][3]["range"], f"bytes={size * 9 // 10}-")

    def test_killed_in_the_middle(self):
        self.start_hub({FILE: content(4_000_000)})
        halfway, go_on = threading.Event(), threading.Event()

        def store(connection, request, data, start):
            if start:
                return False
            connection.head("200 OK", Content_Length=len(data))
            connection.send(data[:2_000_000])
            halfway.set()
            go_on.wait(support.HANG)
            return "close"

        self.hub.store = store
        process = self.start_pull()
        self.assertTrue(halfway.wait(support.HANG))
        incomplete = os.path.join(self.repo_folder(), "blobs", self.hub.etag(FILE) + ".incomplete")
        self.until(lambda: os.path.exists(incomplete) and os.path.getsize(incomplete) == 2_000_000)
        process.send_signal(signal.SIGKILL)
        self.assertEqual(support.finish(process).code, -signal.SIGKILL)
        go_on.set()
        self.assert_no_blob()
        self.assert_pulled(self.pull())  # its lock died with it
        self.assertEqual(self.ranges(), [None, "bytes=2000000-"])
        self.assertEqual(self.blobs(), [self.hub.etag(FILE)])

    def test_ctrl_c_keeps_what_has_come(self):
        self.start_hub()
        sent = threading.Event()

        def store(connection, request, data, start):
            connection.head("200 OK", Content_Length=len(data))
            connection.send(data[:1_000_000])
            sent.set()
            connection.wait_closed(support.HANG)
            return "close"

        self.hub.store = store
        process = self.start_pull()
        self.assertTrue(sent.wait(support.HANG))
        incomplete = os.path.join(self.repo_folder(), "blobs", self.hub.etag(FILE) + ".incomplete")
        self.until(lambda: os.path.exists(incomplete) and os.path.getsize(incomplete) == 1_000_000)
        process.send_signal(signal.SIGINT)
        self.assert_one_line_error(support.finish(process), 130, "cancelled")
        self.hub.store = lambda *_: False
        self.assert_pulled(self.pull())
        self.assertEqual(self.ranges(), [None, "bytes=1000000-"])

    def test_a_server_that_ignores_ranges(self):
        self.start_hub()
        self.leave_incomplete(self.hub.repos[REPO][FILE][:700_000])
        self.hub.store = lambda c, r, d, s: Hub.send_from(c, d, 0)
        self.assert_pulled(self.pull())
        self.assertEqual(self.ranges(), ["bytes=700000-"])

    def test_a_store_that_has_no_such_range_is_asked_from_the_beginning(self):
        self.start_hub()
        self.leave_incomplete(self.hub.repos[REPO][FILE][:700_000])
        refused = lambda c: c.answer("", "416 Range Not Satisfiable", Content_Range="bytes */5")
        self.hub.store = lambda c, r, d, s: refused(c) if s else False
        self.assert_pulled(self.pull("--max-retries=0"))
        self.assertEqual(self.ranges(), ["bytes=700000-", None])

    def test_a_store_that_refuses_everything_is_given_up(self):
        self.start_hub()
        self.leave_incomplete(self.hub.repos[REPO][FILE][:700_000])
        self.hub.store = lambda c, r, d, s: c.answer("", "416 Range Not Satisfiable", Content_Range="bytes */5")
        self.assert_one_line_error(self.pull("--max-retries=1"), 2, "invalid_argument", "416")
        self.assertLessEqual(len(self.hub.requests("store")), 3)

    def test_a_server_that_ignores_ranges_and_always_cuts_is_given_up(self):
        self.start_hub()
        self.hub.store = lambda c, r, d, s: Hub.send_from(c, d, 0, cut=len(d) // 2)
        self.assert_one_line_error(self.pull("--max-retries=1"), 5, "network", "cut")
        self.assertLessEqual(len(self.hub.requests("store")), 4)

    def test_another_range_than_was_asked_for(self):
        self.start_hub()
        self.hub.store = lambda c, r, d, s: Hub.send_from(c, d, 0, cut=len(d) // 2)
        self.pull("--max-retries=0")
        for said in ("bytes 5-99/100", "bytes 1000000-1999999/5", "nonsense"):
            self.hub.store = lambda c, r, d, s, text=said: c.answer(d[s:], "206 Partial Content", Content_Range=text)
            self.assert_one_line_error(self.pull(), 6, "protocol", FILE)
        self.assert_no_blob()
        self.hub.store = lambda *_: False
        self.assert_pulled(self.pull())

    def test_the_file_changes_between_two_tries(self):
        self.start_hub()
        self.hub.store = lambda c, r, d, s: Hub.send_from(c, d, s, cut=len(d) // 2)
        self.pull("--max-retries=0")
        self.hub.repos[REPO][FILE] = content(seed=2)
        self.hub.store = lambda *_: False
        self.assert_pulled(self.pull())
        self.assertNotIn("range", self.hub.requests("store")[-1][3])

    def test_the_etag_changes_within_one_run(self):
        self.start_hub()
        old, commit = content(), self.hub.commit()

        def resolve(connection, request, path):
            if self.hub.requests("store"):
                self.hub.repos[REPO][FILE] = content(seed=2)
                self.hub.commit = lambda repo=REPO: commit
            return False

        self.hub.resolve = resolve
        self.hub.store = lambda c, r, d, s: Hub.send_from(c, d, s, cut=len(old) // 2)
        self.assert_one_line_error(self.pull(), 6, "protocol", "changed on the hub")
        self.assert_no_blob()

    def test_too_few_bytes(self):
        self.start_hub()
        self.hub.store = lambda c, r, d, s: c.answer(d[s:-10] if not s else b"", "206 Partial Content" if s else "200 OK", **(
            {"Content_Range": f"bytes {s}-{len(d) - 1}/{len(d)}"} if s else {}))
        self.assert_one_line_error(self.pull("--max-retries=1"), 5, "network", "too early")
        self.assert_no_blob()

    def test_too_many_bytes(self):
        self.start_hub()
        self.hub.store = lambda c, r, d, s: c.answer(d + b"more")
        self.assert_one_line_error(self.pull(), 6, "protocol", "longer than")
        self.assert_no_blob()
        self.hub.store = lambda *_: False
        self.assert_pulled(self.pull())

    def test_wrong_bytes(self):
        self.start_hub()
        self.hub.store = lambda c, r, d, s: c.answer(d[:-1] + bytes([d[-1] ^ 1]))
        self.assert_one_line_error(self.pull(), 6, "protocol", "checksum")
        self.assert_no_blob()
        self.assertEqual(len(self.hub.requests("store")), 1)

    def test_what_an_earlier_run_left_may_be_wrong(self):
        self.start_hub()
        size = len(self.hub.repos[REPO][FILE])
        for left in (b"GGUF" + bytes(1000), bytes(size), bytes(size + 1)):
            self.leave_incomplete(left)
            self.assert_pulled(self.pull())
            self.assertEqual(self.blobs(), [self.hub.etag(FILE)])
            os.remove(os.path.join(self.repo_folder(), "blobs", self.hub.etag(FILE)))


class Busy(HubCase):
    def test_a_hub_that_is_busy_is_asked_again(self):
        self.start_hub()
        answers = ["429 Too Many Requests", "503 Service Unavailable", "408 Request Timeout"]

        def api(connection, request, path):
            if not answers:
                return False
            connection.answer("no", answers.pop(), Retry_After="0")

        self.hub.api = api
        self.assert_pulled(self.pull())
        answers += ["500 Internal Server Error", "502 Bad Gateway"]
        self.hub.store = lambda c, r, d, s: c.answer("no", answers.pop(), Retry_After="0") if answers else False
        self.hub.api = lambda *_: False
        self.hub.repos[REPO][FILE] = content(seed=3)
        self.assert_pulled(self.pull())

    def test_a_reset_is_tried_again(self):
        self.start_hub()
        resets = [1, 2]

        def store(connection, request, data, start):
            if not resets:
                return False
            resets.pop()
            connection.reset()
            return "close"

        self.hub.store = store
        self.assert_pulled(self.pull())

    def test_a_hub_that_stays_busy(self):
        self.start_hub()
        self.hub.api = lambda c, r, p: c.answer("no", "429 Too Many Requests", ratelimit='"api";r=0;t=0')
        self.assert_one_line_error(self.pull("--max-retries=2"), 4, "rate_limited", "429")
        self.assertEqual(len(self.hub.requests("hub")), 3)
        self.hub.api = lambda c, r, p: c.answer("no", "503 Service Unavailable", Retry_After="4000")
        error = self.pull("--json")
        self.assertEqual((error.code, error.error()["kind"], error.error()["http_status"]), (5, "unavailable", 503))

    def test_ctrl_c_while_it_waits_to_try_again(self):
        self.start_hub()
        asked = threading.Event()

        def api(connection, request, path):
            connection.answer("no", "503 Service Unavailable", Retry_After="50")
            asked.set()

        self.hub.api = api
        process = self.start_pull()
        self.assertTrue(asked.wait(support.HANG))
        process.send_signal(signal.SIGINT)
        self.assert_one_line_error(support.finish(process), 130, "cancelled")

    def test_a_silent_store(self):
        self.start_hub()
        self.hub.store = lambda c, r, d, s: c.wait_closed(support.HANG) and "close"
        silent = self.pull("--max-retries", "0", REPO, env={"HF_HUB_DOWNLOAD_TIMEOUT": "1"})
        self.assert_one_line_error(silent, 5, "timeout", "HF_HUB_DOWNLOAD_TIMEOUT")

    def test_no_hub_at_all(self):
        self.start_hub()
        self.assert_pulled(self.pull())
        nowhere = {"HF_ENDPOINT": "http://127.0.0.1:1"}
        self.assertEqual(self.pull(env=nowhere).code, 0)
        self.assert_one_line_error(self.pull("--max-retries=0", "org/other", env=nowhere), 5, "network", "127.0.0.1:1")
        offline = self.pull("org/other", env={"HF_HUB_OFFLINE": "1"})
        self.assert_one_line_error(offline, 3, "not_configured", "HF_HUB_OFFLINE", "org/other")


class Together(HubCase):
    def test_two_processes_download_one_file_once(self):
        self.start_hub({FILE: content(4_000_000)})
        waiting, sent = threading.Event(), threading.Event()

        def store(connection, request, data, start):
            connection.head("200 OK", Content_Length=len(data))
            connection.send(data[:1_000_000])
            sent.set()
            waiting.wait(support.HANG)
            connection.send(data[1_000_000:])

        self.hub.store = store
        first = self.start_pull()
        self.assertTrue(sent.wait(support.HANG))
        second = self.start_pull()
        told = second.stderr.readline().decode()
        self.assertEqual(told, f"abstractllm: waiting for another process that downloads {FILE}\n")
        waiting.set()
        one, two = support.finish(first), support.finish(second)
        self.assert_pulled(one)
        self.assertEqual((two.code, two.out), (0, one.out))
        self.assertEqual(len(self.hub.requests("store")), 1)

    def test_the_second_goes_on_where_the_first_was_killed(self):
        self.start_hub({FILE: content(4_000_000)})
        sent = threading.Event()

        def store(connection, request, data, start):
            if start:
                return False
            connection.head("200 OK", Content_Length=len(data))
            connection.send(data[:1_000_000])
            sent.set()
            connection.wait_closed(support.HANG)
            return "close"

        self.hub.store = store
        first = self.start_pull()
        self.assertTrue(sent.wait(support.HANG))
        second = self.start_pull()
        second.stderr.readline()
        first.kill()
        support.finish(first)
        outcome = support.finish(second)
        self.assertEqual((outcome.code, self.ranges()), (0, [None, "bytes=1000000-"]), outcome)
        with open(outcome.out.strip(), "rb") as got:
            self.assertEqual(got.read(), self.hub.repos[REPO][FILE])

    def test_a_lock_that_a_dead_process_left(self):
        self.start_hub()
        locks = os.path.join(self.folder, "hub", ".locks", "models--org--tiny-GGUF")
        os.makedirs(locks)
        with open(os.path.join(locks, self.hub.etag(FILE) + ".lock"), "w", encoding="utf-8") as lock:
            lock.write("12345")
        self.assert_pulled(self.pull())


class Disk(HubCase):
    def test_a_folder_that_cannot_be_written(self):
        self.start_hub()
        file = self.write("file", "no folder")
        self.assert_one_line_error(self.pull(env={"HF_HUB_CACHE": file}), 3, "not_configured", file, "HF_HUB_CACHE")
        if os.getuid() == 0:
            closed = "/sys"  # where even root may not
        else:
            closed = os.path.join(self.folder, "closed")
            os.mkdir(closed, 0o500)
        self.assert_one_line_error(self.pull(env={"HF_HUB_CACHE": closed + "/hub"}), 3, "not_configured", closed)

    def test_what_is_there_needs_no_writing(self):
        self.start_hub()
        self.assert_pulled(self.pull())
        self.permit(0o555)
        self.addCleanup(self.permit, 0o755)
        as_nobody = {"preexec_fn": lambda: os.setuid(65534)} if os.getuid() == 0 else {}
        self.assert_pulled(self.pull(**as_nobody))
        self.assertEqual(self.pull(env={"HF_HUB_OFFLINE": "1"}, **as_nobody).code, 0)
        self.hub.repos[REPO]["README.md"] = b"another commit, for which a link would be made"
        self.assert_one_line_error(self.pull(**as_nobody), 3, "not_configured", "Permission denied", "HF_HUB_CACHE")

    def permit(self, mode):
        os.chmod(self.folder, 0o755)
        for folder, _, _ in os.walk(os.path.join(self.folder, "hub")):
            os.chmod(folder, mode)

    def test_a_disk_without_room(self):
        folder = os.path.join(self.folder, "small")
        os.mkdir(folder)
        mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder]
        if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            self.skipTest("only root can make a small disk")
        self.addCleanup(subprocess.run, ["umount", folder], check=True)
        self.start_hub({FILE: content(30_000_000)})
        outcome = self.pull(env={"HF_HUB_CACHE": folder})
        self.assert_one_line_error(outcome, 3, "not_configured", "not enough disk space", "46 MB", folder, "HF_HUB_CACHE")
        self.assertEqual(self.hub.requests("store"), [])

    def test_a_disk_that_fills_up_while_we_write(self):
        self.start_hub()
        limit = {"preexec_fn": lambda: (signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
                                        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000)))}
        self.assert_one_line_error(self.pull(**limit), 3, "not_configured", "cannot write", ".incomplete")
        self.assert_no_blob()
        self.assert_pulled(self.pull())
        self.assertEqual(self.ranges(), [None, "bytes=1000000-"])

    def test_a_blob_that_lost_its_end_is_fetched_anew(self):
        self.start_hub()
        self.assert_pulled(self.pull())
        with open(os.path.join(self.repo_folder(), "blobs", self.blobs()[0]), "r+b") as blob:
            blob.truncate(1000)
        plan = self.pull("--dry-run", "--json").json()
        self.assertEqual([file["cached"] for file in plan["files"]], [False], plan)
        self.assert_pulled(self.pull())
        self.assertEqual(len(self.blobs()), 1)

    def test_dangling_links(self):
        self.start_hub()
        self.assert_pulled(self.pull())
        os.remove(os.path.join(self.repo_folder(), "blobs", self.hub.etag(FILE)))
        self.assertEqual(self.tool("models", "--json").json(), [])
        self.assert_one_line_error(self.pull(env={"HF_HUB_OFFLINE": "1"}), 3, "not_configured", "HF_HUB_OFFLINE")
        self.assert_pulled(self.pull())

    def test_a_link_to_another_place_is_replaced(self):
        self.start_hub()
        snapshot = os.path.join(self.repo_folder(), "snapshots", self.hub.commit())
        os.makedirs(snapshot)
        os.symlink("/nowhere/at/all", os.path.join(snapshot, FILE))
        self.assert_pulled(self.pull())
        self.assertEqual(os.readlink(os.path.join(snapshot, FILE)), "../../blobs/" + self.hub.etag(FILE))

    def test_a_blob_that_is_too_short_is_replaced(self):
        self.start_hub()
        os.makedirs(os.path.join(self.repo_folder(), "blobs"))
        with open(os.path.join(self.repo_folder(), "blobs", self.hub.etag(FILE)), "wb") as blob:
            blob.write(b"GGUF")
        self.assert_pulled(self.pull())
