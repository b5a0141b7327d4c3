# SPDX-License-Identifier: Apache-2.0
"""Weights of fabricated checkpoints: small numbers from a hash, and the safetensors files that hold them.

Each tensor's values come from SHAKE-256 of the checkpoint's seed and the tensor's name, so that they depend on nothing
else. They are integers times a power of two, which the file's type holds exactly. F32 has 16 bits of them and F16 11,
so that a detour through a smaller type shows."""

import array
import hashlib
import json
import os
import struct
import sys

WIDTH = {"F32": 4, "F16": 2, "BF16": 2}
BITS = {"F32": 16, "F16": 11, "BF16": 8}


def integers(seed, name, count, bits):
    """`count` integers of `bits` bits with a sign, evenly spread."""
    size = 1 if bits <= 8 else 2
    values = array.array("b" if size == 1 else "h")
    values.frombytes(hashlib.shake_256(f"{seed}/{name}".encode()).digest(count * size))
    if size == 2 and sys.byteorder == "big":
        values.byteswap()
    return [value >> (8 * size - bits) for value in values]


def pack(values, dtype):
    if dtype == "F32":
        return struct.pack(f"<{len(values)}f", *values)
    if dtype == "F16":
        return struct.pack(f"<{len(values)}e", *values)
    # The upper half of a float: exact, because the values have few bits.
    return b"".join(struct.pack("<f", value)[2:] for value in values)


class Weights:
    """The tensors of a checkpoint, in order: name -> (dtype, shape, bytes)."""

    def __init__(self, seed, dtype):
        self.seed, self.dtype, self.tensors = seed, dtype, {}

    def matrix(self, name, rows, columns, spread=1.0, row_scale=None):
        """Values within ±spread/sqrt(columns) or so. `row_scale`: a power of two for each row (an embedding's tokens)."""
        bits = BITS[self.dtype]
        scale = 2.0 ** (1 - bits)
        while scale * 2 ** (bits - 1) > 2.0 * spread / columns ** 0.5:
            scale /= 2
        values = [value * scale for value in integers(self.seed, name, rows * columns, bits)]
        if row_scale:
            values = [value * row_scale[i // columns] for i, value in enumerate(values)]
        self.add(name, [rows, columns], values)

    def norm(self, name, count, around=1.0):
        """Values in [around - 1/4, around + 1/4)."""
        self.add(name, [count], [around + (value >> 2) / 128 for value in integers(self.seed, name, count, 8)])

    def bias(self, name, count):
        self.add(name, [count], [value / 512 for value in integers(self.seed, name, count, 8)])

    def add(self, name, shape, values, dtype=None):
        dtype = dtype or self.dtype
        self.tensors[name] = (dtype, shape, pack(values, dtype))

    def save(self, folder, shards=1):
        if shards == 1:
            write_safetensors(os.path.join(folder, "model.safetensors"), self.tensors)
            return
        names, weight_map = list(self.tensors), {}
        for shard in range(shards):
            file = f"model-{shard + 1:05d}-of-{shards:05d}.safetensors"
            part = names[shard * len(names) // shards:(shard + 1) * len(names) // shards]
            write_safetensors(os.path.join(folder, file), {name: self.tensors[name] for name in part})
            weight_map.update({name: file for name in part})
        total = sum(len(data) for _, _, data in self.tensors.values())
        with open(os.path.join(folder, "model.safetensors.index.json"), "w", encoding="utf-8") as index:
            json.dump({"metadata": {"total_size": total}, "weight_map": weight_map}, index, indent=2)


def write_safetensors(path, tensors):
    """https://huggingface.co/docs/safetensors: the length of a JSON header, the header, the values."""
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data for _, _, data in tensors.values()))
