# SPDX-License-Identifier: Apache-2.0
"""Where an import differs from what the upstream converter wrote into tests/import/reference, and why that is right."""

MODEL_CARD = "from the model card, which is no part of the import"
FOLDER = "the converter makes it from the folder's name"
# Beginnings of keys that say where a file comes from, and keys without a meaning here. The engine reads none of them.
IGNORED = {
    "general.name": FOLDER, "general.basename": FOLDER, "general.finetune": FOLDER, "general.version": FOLDER,
    "general.organization": FOLDER, "general.size_label": "the converter makes it from the number of weights",
    "general.license": MODEL_CARD, "general.tags": MODEL_CARD, "general.languages": MODEL_CARD, "general.dataset.": MODEL_CARD,
    "general.base_model.": MODEL_CARD,
    "general.quantization_version": "of the quantised types, of which the file has none",
    "general.alignment": "its absence means 32, which is what the file has",
}

RANKS = (4, "the engine then ranks without being told to; the converter leaves that to a flag")
END_TOKENS = "an end token of generation_config.json, which has several; the converter reads one of them"
UNKNOWN = "the converter finds no token's id where there is no tokenizer.json"
SAME_FOR_WORDPIECE = "the converter names it by a hash of the vocabulary; the engine does not read it for WordPiece"
ONLY_ELSEWHERE = "the engine reads it for other architectures only, and the value is the one that it has built in"
# CHECKPOINT -> key -> (the right value, or None where the key must be absent; reason)
OTHER_VALUES = {
    "bert-reranker": {"bert.pooling_type": RANKS},
    "xlm-roberta-reranker": {"bert.pooling_type": RANKS},
    "gemma2": {"tokenizer.ggml.unknown_token_id": (3, UNKNOWN)},
    "mistral": {"tokenizer.ggml.unknown_token_id": (0, UNKNOWN)},
    "llama-yarn": {"llama.rope.scaling.yarn_beta_fast": (None, ONLY_ELSEWHERE), "llama.rope.scaling.yarn_beta_slow": (None, ONLY_ELSEWHERE)},
    "phi3": {"tokenizer.ggml.eot_token_id": (382, END_TOKENS), "tokenizer.ggml.eom_token_id": (383, END_TOKENS)},
    "phi4-mini": {"tokenizer.ggml.eot_token_id": (282, END_TOKENS),
                  "tokenizer.ggml.pre": ("granite-embed-multi-97m", "the engine's expression of this name keeps combining marks "
                                         "in words, as the file's does, and that of gpt-4o does not")},
    "minilm": {"tokenizer.ggml.pre": ("bert-bge", SAME_FOR_WORDPIECE)},
}

# Checkpoints whose scores of tokens the converter writes as -1000 ("placeholder" in LlamaHfVocab): the engine cannot tell then
# which pair to merge first. The order of the merges is tested instead.
SCORES_FROM_MERGES = ("llama-linear", "llama-dynamic", "llama-yarn", "mixtral")

# CHECKPOINT -> tensor -> (tensor of the checkpoint, or None where it must be absent; reason)
OTHER_TENSORS = {
    "llama-linear": {"output.weight": (None, "the head is tied to the embeddings, and the stored one is the same")},
    "bert-reranker": {
        "cls.weight": ("bert.pooler.dense.weight", "the head of BertForSequenceClassification begins with the pooler, which the "
                                                   "converter drops; its scores are wrong"),
        "cls.bias": ("bert.pooler.dense.bias", "as cls.weight"),
    },
}
