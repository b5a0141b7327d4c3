#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the reference of the adapters' tests: adapters.py LLAMA_CPP OUTPUT_FOLDER

Fabricates small PEFT adapters, converts them with the engine's own convert_lora_to_gguf.py, and keeps what came out: the
keys, and a hash of each tensor. The test fabricates the same adapters (the values follow from the names) and compares.
Needs Python with torch, transformers, safetensors and gguf."""

import pathlib
import subprocess
import sys
import tempfile

import fabricated

WIDTH, INNER, HEADS, KV_HEADS, HEAD, VOCABULARY, LAYERS = 64, 96, 4, 2, 16, 320, 2

SHAPES = {
    "self_attn.q_proj": (HEADS * HEAD, WIDTH), "self_attn.k_proj": (KV_HEADS * HEAD, WIDTH),
    "self_attn.v_proj": (KV_HEADS * HEAD, WIDTH), "self_attn.o_proj": (WIDTH, HEADS * HEAD),
    "mlp.gate_proj": (INNER, WIDTH), "mlp.up_proj": (INNER, WIDTH), "mlp.down_proj": (WIDTH, INNER),
    "self_attn.qkv_proj": ((HEADS + 2 * KV_HEADS) * HEAD, WIDTH), "mlp.gate_up_proj": (2 * INNER, WIDTH),
}
ALL = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj",
       "mlp.down_proj"]


def config(architecture, model_type, **more):
    return {"architectures": [architecture], "model_type": model_type, "hidden_size": WIDTH, "intermediate_size": INNER,
            "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS,
            "head_dim": HEAD, "vocab_size": VOCABULARY, "max_position_embeddings": 512, "rms_norm_eps": 1e-5,
            "rope_theta": 10000.0, "tie_word_embeddings": False, **more}


def adapter(modules, rank, alpha, dtype, base, more_tensors=None, **settings):
    tensors = {}
    for layer in range(LAYERS):
        for module in modules:
            rows, columns = SHAPES[module]
            name = f"base_model.model.model.layers.{layer}.{module}"
            tensors[name + ".lora_A.weight"] = [rank, columns]
            tensors[name + ".lora_B.weight"] = [rows, rank]
    tensors.update(more_tensors or {})
    targets = sorted({module.split(".")[-1] for module in modules})
    return {"files": {"adapter_config.json": {
                "base_model_name_or_path": "tiny/base", "bias": "none", "fan_in_fan_out": False, "lora_alpha": alpha,
                "lora_dropout": 0.05, "modules_to_save": None, "peft_type": "LORA", "r": rank,
                "target_modules": targets, "task_type": "CAUSAL_LM", "use_dora": False, "use_rslora": False, **settings}},
            "base": base, "dtype": dtype, "tensors": tensors}


ADAPTERS = {
    "llama": adapter(ALL, 4, 16, "F32", config("LlamaForCausalLM", "llama")),
    "llama_embeddings": adapter(
        ["self_attn.q_proj"], 4, 8, "F32", config("LlamaForCausalLM", "llama"),
        {"base_model.model.model.embed_tokens.lora_embedding_A": [4, VOCABULARY],
         "base_model.model.model.embed_tokens.lora_embedding_B": [WIDTH, 4],
         "base_model.model.lm_head.lora_A.weight": [4, WIDTH],
         "base_model.model.lm_head.lora_B.weight": [VOCABULARY, 4]}),
    "mistral": adapter(["self_attn.q_proj", "self_attn.k_proj"], 8, 32, "F16", config("MistralForCausalLM", "mistral")),
    "qwen2": adapter(["self_attn.q_proj", "self_attn.v_proj"], 8, 16, "BF16", config("Qwen2ForCausalLM", "qwen2")),
    "qwen3": adapter(ALL, 2, 2, "BF16", config("Qwen3ForCausalLM", "qwen3")),
    "gemma3": adapter(ALL, 4, 4, "F32", config("Gemma3ForCausalLM", "gemma3_text", sliding_window=64)),
    "phi3": adapter(["self_attn.qkv_proj", "self_attn.o_proj", "mlp.gate_up_proj", "mlp.down_proj"], 4, 8, "F16",
                    config("Phi3ForCausalLM", "phi3", original_max_position_embeddings=512)),
}


def main():
    llama_cpp, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    sys.path.insert(0, str(llama_cpp / "gguf-py"))
    for name, recipe in ADAPTERS.items():
        with tempfile.TemporaryDirectory() as made:
            folder, base, result = (pathlib.Path(made) / each for each in ("tiny", "base", "adapter.gguf"))
            fabricated.write(recipe, folder, "adapter_model.safetensors")
            base.mkdir()
            (base / "config.json").write_text(fabricated.dump(recipe["base"]))
            subprocess.run([sys.executable, llama_cpp / "convert_lora_to_gguf.py", folder, "--base", base, "--outtype",
                            recipe["dtype"].lower(), "--outfile", result], check=True)
            recipe["expected"] = fabricated.read_gguf(result)
        (output / f"{name}.json").write_text(fabricated.dump(recipe) + "\n")


if __name__ == "__main__":
    main()
