#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a small checkpoint as a repository of the Hugging Face hub holds it: configuration, tokenizer, safetensors.

    fabricate.py NAME FOLDER      fabricate.py --list

The same name gives the same bytes everywhere; Python's standard library is enough. The weights are small random numbers
(weights.py). The rows of tokens that are not printable ASCII are small, so that greedy output is text. Seeds are chosen
by make_reference.py so that the best token of each step is clearly ahead of the second."""

import os
import sys
from dataclasses import dataclass, field

from decoders import DECODERS
from encoders import ENCODERS


@dataclass
class Checkpoint:
    """`build(folder, seed, dtype)` writes the folder. `pre`: the engine's name of the pre-tokenizer, where it has one."""
    build: object
    seed: int
    dtype: str
    kind: str = "decoder"  # decoder, encoder, reranker
    pre: str = ""
    flags: list = field(default_factory=list)  # for abstractllm generate
    prompts: tuple = ("The cat sat on the mat.", "What is 12 and 345?")


CHECKPOINTS = {name: Checkpoint(*row[:3], **(row[3] if len(row) > 3 else {})) for name, row in {**DECODERS, **ENCODERS}.items()}


def fabricate(name, folder, seed=None):
    checkpoint = CHECKPOINTS[name]
    os.makedirs(folder, exist_ok=True)
    checkpoint.build(folder, checkpoint.seed if seed is None else seed, checkpoint.dtype)
    return checkpoint


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print("\n".join(CHECKPOINTS))
    elif len(sys.argv) == 3 and sys.argv[1] in CHECKPOINTS:
        fabricate(sys.argv[1], sys.argv[2])
    else:
        sys.exit(__doc__)
