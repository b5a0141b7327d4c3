#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the recipes of whole models that see, for the engine's tests: seeing_models.py OUTPUT_FOLDER

They are the towers of projectors.py, with a text model and a tokenizer. Needs Python with numpy."""

import pathlib
import sys

import fabricated
import phi4mm
import projectors

VOCABULARY = 320
SPECIAL = ["<|endoftext|>", "<|user|>", "<|assistant|>", "<|end|>", "<image>", "<fake_token_around_image>", "<global-img>",
           *(f"<row_{row}_col_{column}>" for row in (1, 2) for column in (1, 2))]
MERGES = [["t", "h"], ["th", "e"], ["\u010a", "\u010a"]]
WIDTH, INNER, ROWS, KEY_ROWS = projectors.TEXT_WIDTH, 48, 32, 16


def text_tensors(prefix, head, gemma):
    made = {prefix + "embed_tokens.weight": [VOCABULARY, WIDTH], prefix + "norm.weight": [WIDTH]}
    block = prefix + "layers.0."
    shapes = {"self_attn.q_proj": [ROWS, WIDTH], "self_attn.k_proj": [KEY_ROWS, WIDTH],
              "self_attn.v_proj": [KEY_ROWS, WIDTH], "self_attn.o_proj": [WIDTH, ROWS], "mlp.gate_proj": [INNER, WIDTH],
              "mlp.up_proj": [INNER, WIDTH], "mlp.down_proj": [WIDTH, INNER], "input_layernorm": [WIDTH],
              "post_attention_layernorm": [WIDTH]}
    if gemma:
        shapes.update({"pre_feedforward_layernorm": [WIDTH], "post_feedforward_layernorm": [WIDTH],
                       "self_attn.q_norm": [16], "self_attn.k_norm": [16]})
    made.update({f"{block}{name}.weight": shape for name, shape in shapes.items()})
    if head:
        made[head] = [VOCABULARY, WIDTH]
    return made


def whole(tower, prefix, head, gemma=False):
    files = dict(tower["files"])
    config = files["config.json"]
    text = {**config["text_config"], "vocab_size": VOCABULARY, "tie_word_embeddings": head is None}
    if gemma:
        text["query_pre_attn_scalar"] = text["head_dim"]
    else:
        del text["sliding_window"]
    files["config.json"] = {**config, "text_config": text, "tie_word_embeddings": head is None}
    special, merges = phi4mm.SPECIAL, phi4mm.MERGES
    phi4mm.SPECIAL, phi4mm.MERGES = SPECIAL, MERGES
    files["tokenizer.json"] = phi4mm.tokenizer()
    phi4mm.SPECIAL, phi4mm.MERGES = special, merges
    files["tokenizer_config.json"] = {"tokenizer_class": "GPT2Tokenizer", "eos_token": "<|end|>", "add_bos_token": False,
                                      "bos_token": "<|endoftext|>", "chat_template": phi4mm.TEMPLATE}
    return {"files": files, "dtype": tower["dtype"], "tensors": {**tower["tensors"], **text_tensors(prefix, head, gemma)}}


def main():
    output = pathlib.Path(sys.argv[1])
    made = {
        "llava": whole(projectors.OLD_MODELS["llava_clip"], "language_model.model.", "language_model.lm_head.weight"),
        "gemma3": whole(projectors.MODELS["gemma3"], "language_model.model.", None, gemma=True),
        "smolvlm": whole(projectors.MODELS["smolvlm"], "model.text_model.", "lm_head.weight"),
    }
    for name, recipe in made.items():
        (output / f"{name}.json").write_text(fabricated.dump(recipe) + "\n")


if __name__ == "__main__":
    main()
