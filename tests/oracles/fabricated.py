# SPDX-License-Identifier: Apache-2.0
"""Fabricated checkpoints whose values follow from the tensors' names, and what a GGUF file holds.

tests/support/fabricated_checkpoint.cpp makes the same values. All of them are exact in BF16, F16 and F32."""

import hashlib
import json
import math
import pathlib

import numpy


def values(name, count):
    seed = 2166136261
    for byte in name.encode():
        seed = (seed ^ byte) * 16777619 % 2**32
    mixed = (numpy.arange(count, dtype=numpy.uint64) * 2654435761 + seed) % 2**32
    mixed = (mixed ^ (mixed >> 16)) * 0x45D9F3B % 2**32
    mixed = mixed ^ (mixed >> 16)
    if "norm" in name and name.endswith(".weight"):
        return (1 + (mixed % 17).astype(numpy.float32) / 128 - 8 / 128).astype(numpy.float32)
    return ((mixed % 256).astype(numpy.float32) - 128) / 256


def encoded(name, dtype, count):
    exact = values(name, count)
    if dtype == "F32":
        return exact.tobytes()
    if dtype == "F16":
        return exact.astype(numpy.float16).tobytes()
    return (exact.view(numpy.uint32) >> 16).astype(numpy.uint16).tobytes()


def write_safetensors(path, tensors, dtype):
    header, at, parts = {}, 0, []
    for name, shape in tensors.items():
        parts.append(encoded(name, dtype, math.prod(shape)))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(parts[-1])]}
        at += len(parts[-1])
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(parts))


def write(recipe, folder, weights="model.safetensors"):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in recipe["files"].items():
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    write_safetensors(folder / weights, recipe["tensors"], recipe["dtype"])


def plain(value):
    return value.tolist() if hasattr(value, "tolist") else value


def read_gguf(path, as_f32=()):
    """The keys, and of each tensor the type, the sizes and a hash. `as_f32` names tensors whose values are hashed as
    F32; True: all."""
    import gguf
    reader = gguf.GGUFReader(path)
    keys = {key: [field.types[0].name.lower() if field.types[0] != gguf.GGUFValueType.ARRAY else
                  "array of " + field.types[-1].name.lower(), plain(field.contents())]
            for key, field in reader.fields.items() if not key.startswith("GGUF.")}
    tensors = {}
    for tensor in reader.tensors:
        is_widened = as_f32 is True or tensor.name in as_f32
        values = tensor.data.astype(numpy.float32) if is_widened else tensor.data
        tensors[tensor.name] = ["F32" if is_widened else tensor.tensor_type.name, [int(size) for size in tensor.shape],
                                hashlib.sha256(values.tobytes()).hexdigest()]
    return {"keys": keys, "tensors": tensors}


def dump(value):
    """JSON with one line for each small value."""
    def lines(each, indent):
        if isinstance(each, dict) and len(json.dumps(each)) > 100:
            inside = ",\n".join(f'{indent} {json.dumps(key)}: {lines(part, indent + " ")}' for key, part in each.items())
            return "{\n" + inside + "\n" + indent + "}"
        return json.dumps(each, ensure_ascii=False)
    return lines(value, "")
