#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the reference of Phi-4-multimodal's tests: phi4mm.py LLAMA_CPP OUTPUT_FOLDER

Fabricates a small checkpoint of the layout of microsoft/Phi-4-multimodal-instruct. The engine's converter does not know
its class, so the same weights are also written as a plain Phi-3 and two PEFT adapters, which the engine's converters do
know, and which transformers runs: it gives the greedy answers of the base model, and of the base model with each adapter
merged into it. Needs Python with torch, transformers, tokenizers, safetensors and gguf."""

import json
import pathlib
import runpy
import sys
import tempfile

import fabricated

WIDTH, INNER, HEADS, KV_HEADS, HEAD, LAYERS = 64, 96, 4, 2, 16, 2
ROTARY = int(0.75 * HEAD)
SPECIAL = ["<|endoftext|>", "<|endoftext10|>", "<|endoftext11|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
MERGES = [["t", "h"], ["th", "e"], ["i", "n"], ["a", "n"]]
VOCABULARY = 320
LAYER = r"layers.*((self_attn\.(qkv_proj|o_proj))|(mlp\.(gate_up|down)_proj))"
ADAPTERS = {"vision": (8, 16), "speech": (10, 20)}
MODULES = {"self_attn.qkv_proj": ((HEADS + 2 * KV_HEADS) * HEAD, WIDTH), "self_attn.o_proj": (WIDTH, HEADS * HEAD),
           "mlp.gate_up_proj": (2 * INNER, WIDTH), "mlp.down_proj": (WIDTH, INNER)}
O200K = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])
TEMPLATE = "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}" \
           "{% if add_generation_prompt %}<|assistant|>{% endif %}"

CONFIG = {
    "architectures": ["Phi4MMForCausalLM"], "model_type": "phi4mm", "hidden_size": WIDTH, "intermediate_size": INNER,
    "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS,
    "vocab_size": VOCABULARY, "max_position_embeddings": 512, "original_max_position_embeddings": 256,
    "partial_rotary_factor": 0.75, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu",
    "rope_scaling": {"type": "longrope", "short_factor": [1.0] * (ROTARY // 2),
                     "long_factor": [1.0 + 0.25 * each for each in range(ROTARY // 2)]},
    "sliding_window": 262144, "tie_word_embeddings": True, "attention_bias": False, "torch_dtype": "float32",
    "bos_token_id": 260, "eos_token_id": 260, "pad_token_id": 260, "lm_head_bias": False, "mlp_bias": False,
    "embd_layer": {"embedding_cls": "image_audio",
                   "image_embd_layer": {"crop_size": 448, "hd_transform_order": "sub_glb", "projection_cls": "mlp",
                                        "image_token_compression_cls": "avg_pool_2d", "use_hd_transform": True,
                                        "with_learnable_separator": True},
                   "audio_embd_layer": {"downsample_rate": 8, "projection_cls": "mlp"}},
    "img_processor": None, "audio_processor": {"name": "cascades", "config": {"attention_dim": 16}},
    **{f"{name}_lora": {"dp": 0.0, "layer": LAYER, "lora_alpha": alpha, "r": rank}
       for name, (rank, alpha) in ADAPTERS.items()}}


def characters_of_bytes():
    """The printable characters that stand for bytes in byte-level BPE."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {**{byte: chr(byte) for byte in printable}, **{byte: chr(256 + at) for at, byte in enumerate(others)}}


def tokenizer():
    vocabulary = {character: byte for byte, character in sorted(characters_of_bytes().items())}
    vocabulary.update({left + right: 256 + at for at, (left, right) in enumerate(MERGES)})
    added = [{"id": 256 + len(MERGES) + at, "content": text, "single_word": False, "lstrip": False, "rstrip": False,
              "normalized": False, "special": True} for at, text in enumerate(SPECIAL)]
    split = {"type": "Split", "pattern": {"Regex": O200K}, "behavior": "Removed", "invert": True}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, level]}, "post_processor": None,
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
                      "end_of_word_suffix": "", "fuse_unk": False, "byte_fallback": False, "vocab": vocabulary,
                      "merges": MERGES}}


def tensors():
    made = {"model.embed_tokens.weight": [VOCABULARY, WIDTH], "model.norm.weight": [WIDTH]}
    for layer in range(LAYERS):
        block = f"model.layers.{layer}."
        made[block + "input_layernorm.weight"] = [WIDTH]
        made[block + "post_attention_layernorm.weight"] = [WIDTH]
        for module, (rows, columns) in MODULES.items():
            made[f"{block}{module}.base_layer.weight"] = [rows, columns]
            for name, (rank, _) in ADAPTERS.items():
                made[f"{block}{module}.lora_A.{name}.weight"] = [rank, columns]
                made[f"{block}{module}.lora_B.{name}.weight"] = [rows, rank]
    image, audio = "model.embed_tokens_extend.image_embed.", "model.embed_tokens_extend.audio_embed."
    made[image + "glb_GN"] = [1, 1, 16]
    made[image + "sub_GN"] = [1, 1, 1, 16]
    made[image + "img_projection.0.weight"] = [WIDTH, 16]
    made[image + "img_processor.embeddings.patch_embedding.weight"] = [16, 3, 4, 4]
    made[audio + "encoder.encoders.0.self_attn.linear_q.weight"] = [16, 16]
    made[audio + "audio_projection.speech.0.weight"] = [WIDTH, 16]
    return made


RECIPE = {
    "files": {"config.json": CONFIG, "tokenizer.json": tokenizer(),
              "tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer", "bos_token": SPECIAL[0],
                                        "eos_token": SPECIAL[0], "pad_token": SPECIAL[0], "add_bos_token": False,
                                        "chat_template": TEMPLATE},
              "generation_config.json": {"eos_token_id": [266, 260], "bos_token_id": 260, "pad_token_id": 260}},
    "dtype": "F32", "tensors": tensors()}


def plain_name(name):
    return name.replace(".base_layer", "")


def phi3_config():
    # Its own rope_scaling.type, because transformers' own Phi-3 has no "phi4mm".
    kept = {key: value for key, value in CONFIG.items()
            if not key.endswith(("_lora", "_processor")) and key not in ("embd_layer",)}
    return {**kept, "architectures": ["Phi3ForCausalLM"], "model_type": "phi3"}


def write_phi3(folder):
    """The base weights, under the names of a plain Phi-3."""
    import numpy
    from safetensors.numpy import save_file
    fabricated.write({**RECIPE, "tensors": {}}, folder)
    (folder / "config.json").write_text(json.dumps(phi3_config()))
    save_file({plain_name(name): fabricated.values(name, int(numpy.prod(shape))).reshape(shape)
               for name, shape in RECIPE["tensors"].items() if ".lora_" not in name and "_extend" not in name},
              folder / "model.safetensors", {"format": "pt"})


def write_peft(folder, adapter):
    """One adapter, as PEFT would save it."""
    import numpy
    from safetensors.numpy import save_file
    folder.mkdir()
    rank, alpha = ADAPTERS[adapter]
    (folder / "adapter_config.json").write_text(json.dumps({
        "peft_type": "LORA", "r": rank, "lora_alpha": alpha, "target_modules": "all-linear", "bias": "none"}))
    save_file({"base_model.model." + name.replace(f".{adapter}.", "."):
               fabricated.values(name, int(numpy.prod(shape))).reshape(shape)
               for name, shape in RECIPE["tensors"].items() if f".{adapter}." in name},
              folder / "adapter_model.safetensors", {"format": "pt"})


def run(script, *arguments):
    sys.argv = [str(script), *map(str, arguments)]
    runpy.run_path(str(script), run_name="__main__")


def answers(folder, prompts, count=12):
    """What transformers' Phi-3 says at temperature 0, if it may write small letters only."""
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoConfig, Phi3ForCausalLM
    words = Tokenizer.from_file(str(folder / "tokenizer.json"))
    letters = [at for text, at in words.get_vocab().items() if text.isascii() and text.isalpha() and text.islower()]
    said = {}
    for name in ["base", *ADAPTERS]:
        model = Phi3ForCausalLM.from_pretrained(folder, config=AutoConfig.from_pretrained(folder), dtype=torch.float32)
        if name != "base":
            merge(model, name)
        for prompt in prompts:
            ids = words.encode(f"<|user|>{prompt}<|end|><|assistant|>").ids
            text, margin = "", 1e9
            for _ in range(count):
                with torch.no_grad():
                    logits = model(torch.tensor([ids])).logits[0, -1]
                best = torch.topk(logits[letters], 2)
                margin = min(margin, float(best.values[0] - best.values[1]))
                ids.append(letters[int(best.indices[0])])
                text += words.id_to_token(ids[-1])
            # Where two tokens are equally likely, rounding decides.
            if margin > 0.05:
                said.setdefault(name, {})[prompt] = text
    return said


def merge(model, adapter):
    import torch
    rank, alpha = ADAPTERS[adapter]
    for layer in range(LAYERS):
        for module, (rows, columns) in MODULES.items():
            name = f"model.layers.{layer}.{module}"
            a = fabricated.values(f"{name}.lora_A.{adapter}.weight", rank * columns).reshape(rank, columns)
            b = fabricated.values(f"{name}.lora_B.{adapter}.weight", rows * rank).reshape(rows, rank)
            with torch.no_grad():
                model.get_submodule(name).weight += torch.from_numpy(alpha / rank * (b @ a))


def main():
    llama_cpp, output = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    sys.path.insert(0, str(llama_cpp))
    sys.path.insert(0, str(llama_cpp / "gguf-py"))
    from conversion.base import TextModel
    # It knows tokenizers by a hash of what they make of a text; this one is our own, with the rules of GPT-4o's.
    TextModel.get_vocab_base_pre = lambda *_: "gpt-4o"
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        write_phi3(folder / "tiny")
        expected = {"answers": answers(folder / "tiny", ["the thin man", "hello", "one two"])}
        run(llama_cpp / "convert_hf_to_gguf.py", folder / "tiny", "--outtype", "f32", "--outfile", folder / "base.gguf")
        expected["base"] = fabricated.read_gguf(folder / "base.gguf")
        for name in ADAPTERS:
            write_peft(folder / name, name)
            run(llama_cpp / "convert_lora_to_gguf.py", folder / name, "--base", folder / "tiny", "--outtype", "f32",
                "--outfile", folder / f"{name}.gguf")
            expected[name] = fabricated.read_gguf(folder / f"{name}.gguf")
    (output / "phi4mm.json").write_text(fabricated.dump({**RECIPE, "expected": expected}) + "\n")


if __name__ == "__main__":
    main()
