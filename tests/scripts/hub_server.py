#!/usr/bin/env python3
"""Hubs on this machine for quickstart_test.sh: hub_server.py MODEL LOG URLS

Each has MODEL as the default model. Their addresses come into URLS, one `NAME=URL` a line: `ok`; `refuses` takes another
token; `cuts` ends each download from the start half way; `huge` says that the model has a petabyte.
"""

import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "cli"))
import fake_hub

REPO = "Qwen/Qwen3-0.6B-GGUF"
FILE = "Qwen3-0.6B-Q8_0.gguf"


class LoggingHub(fake_hub.Hub):
    def note(self, where, request):
        log.write(f"{request.line} range={request.headers.get('range', '-')} auth={request.headers.get('authorization', '-')}\n")
        log.flush()
        return super().note(where, request)


class HugeHub(LoggingHub):
    def entry(self, repo, path):
        entry = super().entry(repo, path)
        entry["size"] = entry["lfs"]["size"] = 10**15
        return entry


def cut(connection, request, data, start):
    return False if start else fake_hub.Hub.send_from(connection, data, start, cut=len(data) // 2)


model = pathlib.Path(sys.argv[1]).read_bytes()
log = open(sys.argv[2], "a", encoding="utf-8")
hubs = {"ok": LoggingHub, "refuses": LoggingHub, "cuts": LoggingHub, "huge": HugeHub}
hubs = {name: kind({FILE: model}, REPO).__enter__() for name, kind in hubs.items()}
hubs["refuses"].token = "hf_another"
hubs["cuts"].store = cut
with open(sys.argv[3], "w", encoding="utf-8") as urls:
    urls.writelines(f"{name}={hub.url}\n" for name, hub in hubs.items())
threading.Event().wait()
