# SPDX-License-Identifier: Apache-2.0
"""Reads a GGUF file (version 3, little endian) with Python's standard library: its keys, and the hash of each tensor.
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, read 2026-11-27"""

import hashlib
import struct

SCALARS = {0: ("u8", "B"), 1: ("i8", "b"), 2: ("u16", "H"), 3: ("i16", "h"), 4: ("u32", "I"), 5: ("i32", "i"), 6: ("f32", "f"),
           7: ("bool", "?"), 10: ("u64", "Q"), 11: ("i64", "q"), 12: ("f64", "d")}
STRING, ARRAY = 8, 9
TENSOR_TYPES = {0: ("F32", 4), 1: ("F16", 2), 30: ("BF16", 2)}
LONG = 1000  # longer lists are kept as a length and a hash


class Reader:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        self.at = 0
        if self.take(4) != b"GGUF" or self.number("I") != 3:
            raise ValueError(f"{path} is not a GGUF file of version 3")
        tensors, keys = self.number("Q"), self.number("Q")
        self.keys = {}
        for _ in range(keys):
            key = self.string()
            if key in self.keys:
                raise ValueError(f"{path} has the key {key} twice")
            self.keys[key] = self.value(self.number("I"))
        rows = [(self.string(), [self.number("Q") for _ in range(self.number("I"))], self.number("I"), self.number("Q"))
                for _ in range(tensors)]
        alignment = self.keys.get("general.alignment", {"value": 32})["value"]
        self.at += -self.at % alignment
        self.tensors = {}
        for name, sizes, kind, offset in rows:
            if name in self.tensors or offset % alignment:
                raise ValueError(f"{path}: the tensor {name} is there twice, or not aligned")
            self.tensors[name] = self.tensor(sizes, kind, self.at + offset)

    def take(self, count):
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, code):
        return struct.unpack("<" + code, self.take(struct.calcsize("<" + code)))[0]

    def string(self):
        return self.take(self.number("Q")).decode("utf-8", "backslashreplace")

    def value(self, kind):
        if kind == STRING:
            return {"type": "string", "value": self.string()}
        if kind != ARRAY:
            return {"type": SCALARS[kind][0], "value": self.number(SCALARS[kind][1])}
        kind, count = self.number("I"), self.number("Q")
        start = self.at
        if kind == STRING:
            items, name = [self.string() for _ in range(count)], "string"
        else:
            name, code = SCALARS[kind]
            items = list(struct.unpack(f"<{count}{code}", self.take(count * struct.calcsize("<" + code))))
        if count > LONG:
            return {"type": name + "[]", "length": count, "sha256": hashlib.sha256(self.data[start:self.at]).hexdigest()}
        return {"type": name + "[]", "value": items}

    def tensor(self, sizes, kind, start):
        name, width = TENSOR_TYPES.get(kind, (f"type {kind}", 0))
        count = 1
        for size in sizes:
            count *= size
        data = self.data[start:start + count * width]
        if len(data) != count * width:
            raise ValueError("a tensor goes past the end of the file")
        found = {"type": name, "sizes": sizes, "sha256": hashlib.sha256(data).hexdigest()}
        if name == "F32" and count <= 64:
            found["values"] = list(struct.unpack(f"<{count}f", data))
        return found
