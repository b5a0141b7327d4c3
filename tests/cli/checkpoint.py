# SPDX-License-Identifier: Apache-2.0
"""A tiny Llama as transformers saves it, made of random numbers: config.json, tokenizer.json, model.safetensors."""

import array
import json
import os
import random
import struct

HIDDEN, FEED_FORWARD, LAYERS, HEADS, KEY_HEADS, HEAD = 64, 128, 2, 4, 2, 16
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TEMPLATE = ("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
            "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")


def byte_letters():
    """The letter for each byte in a byte-level vocabulary."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte) if byte in plain else chr(next(others)) for byte in range(256)]


def tokenizer():
    words = byte_letters() + ["th", "the", "in", "an"]
    added = [{"id": len(words) + at, "content": text, "single_word": False, "lstrip": False, "rstrip": False,
              "normalized": False, "special": True} for at, text in enumerate(SPECIAL)]
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
            "pre_tokenizer": level, "post_processor": None, "decoder": level,
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                      "vocab": {word: at for at, word in enumerate(words)},
                      "merges": ["t h", "th e", "i n", "a n"]}}


def config(rows, feed_forward=FEED_FORWARD):
    return {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": HIDDEN, "hidden_act": "silu",
            "intermediate_size": feed_forward, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
            "num_key_value_heads": KEY_HEADS, "head_dim": HEAD, "vocab_size": rows, "rms_norm_eps": 1e-5,
            "rope_theta": 10000.0, "max_position_embeddings": 512, "torch_dtype": "float32",
            "tie_word_embeddings": False, "bos_token_id": rows - 3, "eos_token_id": rows - 1}


def shapes(rows, feed_forward=FEED_FORWARD):
    yield "model.embed_tokens.weight", (rows, HIDDEN)
    for layer in range(LAYERS):
        name = f"model.layers.{layer}."
        yield name + "input_layernorm.weight", (HIDDEN,)
        yield name + "self_attn.q_proj.weight", (HEADS * HEAD, HIDDEN)
        yield name + "self_attn.k_proj.weight", (KEY_HEADS * HEAD, HIDDEN)
        yield name + "self_attn.v_proj.weight", (KEY_HEADS * HEAD, HIDDEN)
        yield name + "self_attn.o_proj.weight", (HIDDEN, HEADS * HEAD)
        yield name + "post_attention_layernorm.weight", (HIDDEN,)
        yield name + "mlp.gate_proj.weight", (feed_forward, HIDDEN)
        yield name + "mlp.up_proj.weight", (feed_forward, HIDDEN)
        yield name + "mlp.down_proj.weight", (HIDDEN, feed_forward)
    yield "model.norm.weight", (HIDDEN,)
    yield "lm_head.weight", (rows, HIDDEN)


def values(shape, seed):
    count = 1
    for size in shape:
        count *= size
    if len(shape) == 1:
        return array.array("f", [1.0]) * count
    numbers = random.Random(seed)
    few = array.array("f", [numbers.gauss(0, 0.05) for _ in range(min(count, 9973))])
    return (few * (count // len(few) + 1))[:count]


def safetensors(tensors):
    header, data = {"__metadata__": {"format": "pt"}}, []
    at = 0
    for name, (shape, numbers) in tensors.items():
        raw = numbers.tobytes()
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + len(raw)]}
        data.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(data)


def checkpoint(seed=1, shards=1, feed_forward=FEED_FORWARD):
    """The files of the checkpoint: name -> bytes."""
    words = tokenizer()
    rows = len(words["model"]["vocab"]) + len(SPECIAL)
    tensors = {name: (shape, values(shape, repr((seed, name)))) for name, shape in shapes(rows, feed_forward)}
    for row in range(rows):  # it says only letters
        if not 97 <= row <= 122:
            tensors["lm_head.weight"][1][row * HIDDEN:(row + 1) * HIDDEN] = array.array("f", [0.0]) * HIDDEN
    files = {"config.json": json.dumps(config(rows, feed_forward)).encode(),
             "tokenizer.json": json.dumps(words).encode(),
             "tokenizer_config.json": json.dumps({
                 "tokenizer_class": "GPT2Tokenizer", "bos_token": SPECIAL[0], "eos_token": SPECIAL[2],
                 "pad_token": SPECIAL[0], "add_bos_token": False, "chat_template": TEMPLATE}).encode()}
    if shards == 1:
        return {**files, "model.safetensors": safetensors(tensors)}
    names = list(tensors)
    parts = {f"model-{at + 1:05d}-of-{shards:05d}.safetensors": names[at::shards] for at in range(shards)}
    index = {"metadata": {"total_size": 0}, "weight_map": {name: part for part, all_ in parts.items() for name in all_}}
    files["model.safetensors.index.json"] = json.dumps(index).encode()
    for part, chosen in parts.items():
        files[part] = safetensors({name: tensors[name] for name in chosen})
    return files


def write_checkpoint(folder, **more):
    os.makedirs(folder, exist_ok=True)
    for name, data in checkpoint(**more).items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
    return folder
