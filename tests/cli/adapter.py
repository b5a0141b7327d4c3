# SPDX-License-Identifier: Apache-2.0
"""A LoRA adapter for the tiny Llama of checkpoint.py, as PEFT saves it and as the engine's own file."""

import array
import json
import os
import random
import struct

from checkpoint import FEED_FORWARD, HEAD, HEADS, HIDDEN, LAYERS, safetensors

RANK, ALPHA = 4, 64
# module -> (its tensor in a GGUF file, rows, columns)
MODULES = {"self_attn.q_proj": ("attn_q", HEADS * HEAD, HIDDEN), "mlp.down_proj": ("ffn_down", HIDDEN, FEED_FORWARD)}


def settings(**more):
    return {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "org/tiny", "r": RANK,
            "lora_alpha": ALPHA, "bias": "none", "fan_in_fan_out": False, "use_dora": False, "use_rslora": False,
            "modules_to_save": None, "target_modules": [name.split(".")[1] for name in MODULES], **more}


def matrices(seed, feed_forward=FEED_FORWARD):
    """(layer, module, "A" or "B") -> (shape, numbers)."""
    made = {}
    for layer in range(LAYERS):
        for module, (_, rows, columns) in MODULES.items():
            columns = feed_forward if columns == FEED_FORWARD else columns
            for half, shape in (("A", (RANK, columns)), ("B", (rows, RANK))):
                numbers = random.Random(repr((seed, layer, module, half)))
                values = array.array("f", [numbers.gauss(0, 0.3) for _ in range(shape[0] * shape[1])])
                made[layer, module, half] = (shape, values)
    return made


def peft(seed=1, feed_forward=FEED_FORWARD, **more):
    """The files that PEFT saves: name -> bytes."""
    tensors = {f"base_model.model.model.layers.{layer}.{module}.lora_{half}.weight": each
               for (layer, module, half), each in matrices(seed, feed_forward).items()}
    return {"adapter_config.json": json.dumps(settings(**more)).encode(),
            "adapter_model.safetensors": safetensors(tensors)}


def write_peft(folder, seed=1, **more):
    os.makedirs(folder, exist_ok=True)
    for name, data in peft(seed, **more).items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
    return folder


def text(value):
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def interleaved(shape, numbers):
    """The rows of each head in the order in which the engine rotates them: one of the first half, one of the second."""
    columns = shape[1]
    rows = [numbers[at:at + columns] for at in range(0, len(numbers), columns)]
    order = [head + half * HEAD // 2 + at for head in range(0, shape[0], HEAD) for at in range(HEAD // 2)
             for half in range(2)]
    made = array.array("f")
    for row in order:
        made.extend(rows[row])
    return made


def gguf(seed=1):
    """The same adapter as a file of the engine (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md)."""
    texts = {"general.architecture": "llama", "general.type": "adapter", "adapter.type": "lora"}
    keys = b"".join(text(key) + struct.pack("<I", 8) + text(value) for key, value in texts.items())
    keys += text("adapter.lora.alpha") + struct.pack("<If", 6, ALPHA)
    infos, data = b"", b""
    made = matrices(seed)
    for (layer, module, half), (shape, numbers) in made.items():
        if module == "self_attn.q_proj" and half == "B":
            numbers = interleaved(shape, numbers)
        name = f"blk.{layer}.{MODULES[module][0]}.weight.lora_{half.lower()}"
        infos += text(name) + struct.pack("<IQQIQ", 2, shape[1], shape[0], 0, len(data))
        data += numbers.tobytes()
        data += b"\0" * (-len(data) % 32)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(made), len(texts) + 1) + keys + infos
    return head + b"\0" * (-len(head) % 32) + data
