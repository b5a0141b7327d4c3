# SPDX-License-Identifier: Apache-2.0
"""A Hugging Face hub on this machine that huggingface_hub itself accepts, and the store that it sends downloads to.

Both are loopback servers of their own, as they are two hosts out there. A test may take any answer over: `hub.api`,
`hub.resolve` and `hub.store` are called first, and what they return true for they have answered themselves.
"""

import hashlib
import json
import threading
import urllib.parse

from loopback import Server

REPO = "org/tiny-GGUF"


def nothing(*_):
    return False


class Hub:
    def __init__(self, files=None, repo=REPO, token=None):
        self.repos = {repo: dict(files or {})}
        self.token = token  # without it, everything is a repository that does not exist
        self.made_from = {}  # base repository -> GGUF repositories
        self.api = self.resolve = self.store = nothing
        self.lock = threading.Lock()
        self.stored = {}
        self.paths = []  # what was asked for: ("hub" or "store", method, path, headers)
        self.page_size = 1000

    def __enter__(self):
        self.hub_server = Server(self.answer_hub).__enter__()
        self.store_server = Server(self.answer_store).__enter__()
        self.url = self.hub_server.url
        return self

    def __exit__(self, *_):
        self.hub_server.__exit__()
        self.store_server.__exit__()

    # What it holds.

    def commit(self, repo=REPO):
        listing = sorted((path, hashlib.sha256(data).hexdigest()) for path, data in self.repos[repo].items())
        return hashlib.sha1(json.dumps(listing).encode()).hexdigest()

    def etag(self, path, repo=REPO):
        data = self.repos[repo][path]
        if path.endswith(".gguf"):
            return hashlib.sha256(data).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()

    def entry(self, repo, path):
        data, etag = self.repos[repo][path], self.etag(path, repo)
        if not path.endswith(".gguf"):
            return {"type": "file", "path": path, "size": len(data), "oid": etag}
        lfs = {"oid": etag, "size": len(data), "pointerSize": 134}
        return {"type": "file", "path": path, "size": len(data), "oid": hashlib.sha1(path.encode()).hexdigest(), "lfs": lfs}

    def requests(self, where):
        with self.lock:
            return [each for each in self.paths if each[0] == where]

    # How it answers.

    def note(self, where, request):
        method, path, _ = request.line.split(" ")
        with self.lock:
            self.paths.append((where, method, path, request.headers))
        return method, path

    def refuse(self, connection, method, status, code, message="no"):
        head = {"X-Error-Code": code, "X-Error-Message": message}
        body = json.dumps({"error": message})
        connection.head(status, "application/json", Content_Length=len(body), **head)
        if method != "HEAD":
            connection.send(body)

    def answer_hub(self, connection, request, _):
        method, path = self.note("hub", request)
        if "/resolve/" in path and not path.startswith("/api/"):
            return self.answer_resolve(connection, request, method, path)
        if (answered := self.api(connection, request, path)) is not False:
            return answered
        url = urllib.parse.urlsplit(path)
        if url.path == "/api/models":
            asked = urllib.parse.parse_qs(url.query).get("filter", [])
            base = next((each.split(":", 2)[2] for each in asked if each.startswith("base_model:quantized:")), "")
            return connection.answer(json.dumps([{"id": each} for each in self.made_from.get(base, [])]))
        parts = [urllib.parse.unquote(each) for each in url.path.split("/")][3:]
        repo = "/".join(parts[:2])
        if not self.may_read(request, repo):
            return self.refuse(connection, method, "401 Unauthorized", "RepoNotFound")
        if len(parts) > 2 and parts[2] in ("revision", "tree") and parts[3] not in ("main", self.commit(repo)):
            return self.refuse(connection, method, "404 Not Found", "RevisionNotFound")
        if len(parts) > 2 and parts[2] == "tree":
            return self.answer_tree(connection, repo, url)
        siblings = [{"rfilename": each} for each in self.repos[repo]]
        info = {"id": repo, "sha": self.commit(repo), "siblings": siblings, "private": False, "tags": []}
        return connection.answer(json.dumps(info))

    def answer_tree(self, connection, repo, url):
        at = int(urllib.parse.parse_qs(url.query).get("cursor", ["0"])[0])
        entries = [self.entry(repo, each) for each in sorted(self.repos[repo])]
        more = {}
        if at + self.page_size < len(entries):
            more["Link"] = f'<{self.url}{url.path}?recursive=true&cursor={at + self.page_size}>; rel="next"'
        connection.answer(json.dumps(entries[at:at + self.page_size]), **more)

    def may_read(self, request, repo):
        allowed = self.token is None or request.headers.get("authorization") == "Bearer " + self.token
        return allowed and repo in self.repos

    def answer_resolve(self, connection, request, method, path):
        if (answered := self.resolve(connection, request, path)) is not False:
            return answered
        repo, _, rest = urllib.parse.unquote(path).strip("/").partition("/resolve/")
        revision, _, file = rest.partition("/")
        if not self.may_read(request, repo):
            return self.refuse(connection, method, "401 Unauthorized", "RepoNotFound")
        if revision not in ("main", self.commit(repo)):
            return self.refuse(connection, method, "404 Not Found", "RevisionNotFound")
        if file not in self.repos[repo]:
            return self.refuse(connection, method, "404 Not Found", "EntryNotFound")
        data, etag = self.repos[repo][file], self.etag(file, repo)
        head = {"X-Repo-Commit": self.commit(repo)}
        if len(etag) == 40:
            connection.head("200 OK", "text/plain", ETag=f'"{etag}"', Content_Length=len(data), **head)
            return None if method == "HEAD" else connection.send(data)
        with self.lock:
            self.stored[etag] = data
        linked = {"X-Linked-Etag": f'"{etag}"', "X-Linked-Size": len(data)}
        connection.head("302 Found", "text/plain", Location=f"{self.store_server.url}/{etag}?signature=abc",
                        Content_Length=0, **linked, **head)

    def answer_store(self, connection, request, _):
        method, path = self.note("store", request)
        with self.lock:
            data = self.stored[path[1:].partition("?")[0]]
        start = int(request.headers.get("range", "bytes=0-")[6:].split("-")[0])
        if (answered := self.store(connection, request, data, start)) is not False:
            return answered
        self.send_from(connection, data, start)

    @staticmethod
    def send_from(connection, data, start, cut=None, **headers):
        """The answer to a download, perhaps cut behind so many bytes of the file; what to return to the server."""
        status = "200 OK"
        if start:
            status = "206 Partial Content"
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        connection.head(status, "application/octet-stream", Content_Length=len(data) - start, **headers)
        connection.send(data[start:] if cut is None else data[start:cut])
        return None if cut is None else "close"
