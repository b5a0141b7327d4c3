#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the reference of the projectors' tests: projectors.py LLAMA_CPP OUTPUT_FOLDER

Fabricates a small vision model of each form, converts it with the engine's own convert_hf_to_gguf.py --mmproj, and keeps
what came out: the keys, and a hash of each tensor. The test fabricates the same model (the values follow from the names)
and compares. Needs Python with torch, transformers, safetensors and gguf."""

import json
import hashlib
import json
import math
import pathlib
import re
import runpy
import subprocess
import sys
import tempfile
import types

import numpy

import fabricated

WIDTH, INNER, HEADS, LAYERS, TEXT_WIDTH = 16, 24, 2, 3, 32
IMAGE, PATCH = 32, 4


def linear(name, rows, columns):
    return {name + ".weight": [rows, columns], name + ".bias": [rows]}


def norm(name):
    return {name + ".weight": [WIDTH], name + ".bias": [WIDTH]}


def tower(prefix, layers=LAYERS, clip=False, head=False):
    patches = (IMAGE // PATCH) ** 2
    made = {prefix + "embeddings.patch_embedding.weight": [WIDTH, 3, PATCH, PATCH]}
    made[prefix + "embeddings.position_embedding.weight"] = [patches + (1 if clip else 0), WIDTH]
    if clip:
        made[prefix + "embeddings.class_embedding"] = [WIDTH]
        made.update(norm(prefix + "pre_layrnorm"))
    else:
        made[prefix + "embeddings.patch_embedding.bias"] = [WIDTH]
    for layer in range(layers):
        block = f"{prefix}encoder.layers.{layer}."
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            made.update(linear(f"{block}self_attn.{part}", WIDTH, WIDTH))
        made.update(norm(block + "layer_norm1"))
        made.update(norm(block + "layer_norm2"))
        made.update(linear(block + "mlp.fc1", INNER, WIDTH))
        made.update(linear(block + "mlp.fc2", WIDTH, INNER))
    made.update(norm(prefix + "post_layernorm"))
    if head:
        made[prefix + "head.probe"] = [1, 1, WIDTH]
        made.update(linear(prefix + "head.mlp.fc1", INNER, WIDTH))
    return made


def vision(model_type, activation, **more):
    return {"model_type": model_type, "hidden_size": WIDTH, "intermediate_size": INNER, "num_attention_heads": HEADS,
            "num_hidden_layers": LAYERS, "image_size": IMAGE, "patch_size": PATCH, "hidden_act": activation,
            "layer_norm_eps": 1e-6, **more}


def text(model_type):
    return {"model_type": model_type, "hidden_size": TEXT_WIDTH, "intermediate_size": 48, "num_hidden_layers": 1,
            "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 16, "vocab_size": 64,
            "max_position_embeddings": 256, "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "sliding_window": 64}


def pictures(mean, std, **more):
    return {"image_mean": mean, "image_std": std, **more}


HALVES = [0.5, 0.5, 0.5]
CLIP_MEAN, CLIP_STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
GEMMA3_PROJECTOR = {"multi_modal_projector.mm_input_projection_weight": [WIDTH, TEXT_WIDTH],
                    "multi_modal_projector.mm_soft_emb_norm.weight": [WIDTH]}
CONNECTOR = {"model.connector.modality_projection.proj.weight": [TEXT_WIDTH, WIDTH * 4]}


def model(architecture, dtype, config, preprocessor, tensors):
    return {"files": {"config.json": {"architectures": [architecture], **config}, "preprocessor_config.json": preprocessor},
            "dtype": dtype, "tensors": tensors}


MODELS = {
    "gemma3": model(
        "Gemma3ForConditionalGeneration", "BF16",
        {"model_type": "gemma3", "text_config": text("gemma3_text"),
         "vision_config": vision("siglip_vision_model", "gelu_pytorch_tanh")},
        pictures(HALVES, HALVES, image_seq_length=4),
        {**tower("vision_tower.vision_model."), **GEMMA3_PROJECTOR}),
    "gemma3_f16": model(
        "Gemma3ForConditionalGeneration", "F16",
        {"model_type": "gemma3", "text_config": text("gemma3_text"),
         "vision_config": vision("siglip_vision_model", "gelu_pytorch_tanh")},
        pictures(HALVES, HALVES, image_seq_length=16),
        {**tower("vision_tower.vision_model.", head=True), **GEMMA3_PROJECTOR}),
    "smolvlm": model(
        "SmolVLMForConditionalGeneration", "F32",
        {"model_type": "smolvlm", "scale_factor": 2, "text_config": text("llama"),
         "vision_config": vision("smolvlm_vision", "gelu_pytorch_tanh")},
        pictures(HALVES, HALVES, size={"longest_edge": 64}),
        {**tower("model.vision_model."), **CONNECTOR}),
    "idefics3": model(
        "Idefics3ForConditionalGeneration", "BF16",
        {"model_type": "idefics3", "scale_factor": 2, "text_config": text("llama"),
         "vision_config": vision("idefics3", "gelu_pytorch_tanh")},
        pictures(HALVES, HALVES, size={"longest_edge": 128}),
        {**tower("model.vision_model."), **CONNECTOR}),
}

LLAVA = {f"multi_modal_projector.linear_{at}.{part}": shape for at, columns in ((1, WIDTH), (2, TEXT_WIDTH))
         for part, shape in (("weight", [TEXT_WIDTH, columns]), ("bias", [TEXT_WIDTH]))}
# The engine's converter for these is an old script, which reads a tower and a projector of their own.
OLD_MODELS = {
    "llava_clip": model(
        "LlavaForConditionalGeneration", "F32",
        {"model_type": "llava", "text_config": text("llama"), "vision_feature_layer": -2,
         "vision_feature_select_strategy": "default", "projector_hidden_act": "gelu",
         "vision_config": vision("clip_vision_model", "quick_gelu", projection_dim=TEXT_WIDTH)},
        pictures(CLIP_MEAN, CLIP_STD),
        {**tower("vision_tower.vision_model.", clip=True), **LLAVA}),
    "llava_siglip": model(
        "LlavaForConditionalGeneration", "F32",
        {"model_type": "llava", "text_config": text("qwen2"), "vision_feature_layer": -1,
         "vision_feature_select_strategy": "full", "projector_hidden_act": "gelu",
         "vision_config": vision("siglip_vision_model", "gelu_pytorch_tanh", projection_dim=TEXT_WIDTH)},
        pictures(HALVES, HALVES),
        {**tower("model.vision_tower.vision_model.", head=True),
         **{"model." + name: shape for name, shape in LLAVA.items()}}),
}


class Tower:
    """What the old script asks of transformers' models, from the fabricated values."""

    def __init__(self, recipe):
        import torch
        self.tensors = {name[name.index("vision_model."):]: torch.from_numpy(
            fabricated.values(name, math.prod(shape)).reshape(shape)) for name, shape in recipe["tensors"].items()
            if "vision_model." in name and ".head." not in name}
        self.vision_model = types.SimpleNamespace(encoder=types.SimpleNamespace(layers=list(range(LAYERS))))

    def state_dict(self):
        kept = len(self.vision_model.encoder.layers)
        layers = "vision_model.encoder.layers."
        return {name: tensor for name, tensor in self.tensors.items()
                if not name.startswith(layers) or int(name[len(layers):].split(".")[0]) < kept}


def convert_old(llama_cpp, recipe, folder):
    import torch
    import transformers
    config = recipe["files"]["config.json"]
    (folder / "config.json").write_text(json.dumps({**config["vision_config"],
                                                    "vision_feature_layer": config["vision_feature_layer"]}))
    torch.save({name.removeprefix("model."): torch.from_numpy(fabricated.values(name, math.prod(shape)).reshape(shape))
                for name, shape in recipe["tensors"].items() if "multi_modal_projector" in name}, folder / "projector")
    for name in ("CLIPVisionModel", "SiglipVisionModel", "CLIPModel", "CLIPProcessor"):
        setattr(transformers, name, types.SimpleNamespace(from_pretrained=lambda _: Tower(recipe)))
    pictures_of = recipe["files"]["preprocessor_config.json"]
    sys.argv = ["convert", "-m", str(folder), "--use-f32", "--clip-model-is-vision", "--llava-projector",
                str(folder / "projector"), "-o", str(folder),
                "--image-mean", *map(str, pictures_of["image_mean"]), "--image-std", *map(str, pictures_of["image_std"])]
    runpy.run_path(str(llama_cpp / "tools/mtmd/legacy-models/convert_image_encoder_to_gguf.py"), run_name="__main__")
    made = fabricated.read_gguf(folder / "mmproj-model-f32.gguf", as_f32=True)
    return corrected(made, config["vision_config"]["hidden_act"])


def corrected(made, activation):
    """What the old script made, in the form that the engine's newer converter gives to projectors."""
    keys, tensors = made["keys"], made["tensors"]
    # Keys that the engine no longer reads, and those that its newer converter writes.
    for key in ("clip.has_text_encoder", "clip.has_llava_projector", "general.description"):
        del keys[key]
    keys["general.type"] = ["string", "mmproj"]
    keys["general.quantization_version"] = ["uint32", 2]
    # The script knows one name only of the function that the engine has.
    keys["clip.use_gelu"][1] = activation.startswith("gelu")
    # The script mixed up these names; the engine goes by the shapes.
    other = {"ffn_up": "ffn_down", "ffn_down": "ffn_up"}
    tensors = made["tensors"] = {re.sub("ffn_up|ffn_down", lambda found: other[found.group()], name): value
                                 for name, value in tensors.items()}
    if "v.class_embd" in tensors:
        # The engine puts the class embedding behind the patches, and CLIP before them.
        name = "vision_tower.vision_model.embeddings.position_embedding.weight"
        patches = (IMAGE // PATCH) ** 2
        rows = fabricated.values(name, (patches + 1) * WIDTH).reshape(patches + 1, WIDTH)
        rolled = numpy.ascontiguousarray(numpy.roll(rows, -1, axis=0))
        tensors["v.position_embd.weight"][2] = hashlib.sha256(rolled.tobytes()).hexdigest()
    return made


def main():
    llama_cpp, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    sys.path.insert(0, str(llama_cpp / "gguf-py"))
    for name, recipe in MODELS.items():
        with tempfile.TemporaryDirectory() as made:
            folder, result = pathlib.Path(made) / "tiny", pathlib.Path(made) / "mmproj.gguf"
            fabricated.write(recipe, folder)
            subprocess.run([sys.executable, llama_cpp / "convert_hf_to_gguf.py", folder, "--mmproj", "--outtype",
                            recipe["dtype"].lower(), "--outfile", result], check=True)
            # The converter writes mm.input_projection as F16 whatever it was; ours loses nothing.
            recipe["expected"] = fabricated.read_gguf(result, as_f32=("mm.input_projection.weight",))
        (output / f"{name}.json").write_text(fabricated.dump(recipe) + "\n")
    for name, recipe in OLD_MODELS.items():
        with tempfile.TemporaryDirectory() as made:
            recipe["expected"] = convert_old(llama_cpp, recipe, pathlib.Path(made))
        (output / f"{name}.json").write_text(fabricated.dump(recipe) + "\n")


if __name__ == "__main__":
    main()
