# SPDX-License-Identifier: Apache-2.0
"""Where an import may, or has to, differ from what the upstream converter wrote into tests/import/reference."""

# Keys that say where a file comes from. The engine reads none of them.
PROVENANCE = {
    "general.name": "the converter makes it from the folder's name",
    "general.size_label": "the converter makes it from the number of weights",
    "general.basename": "the converter makes it from the folder's name",
    "general.finetune": "the converter makes it from the folder's name",
    "general.version": "the converter makes it from the folder's name",
    "general.organization": "the converter makes it from the folder's name",
    "general.license": "from the model card, which is no part of the import",
    "general.tags": "from the model card, which is no part of the import",
    "general.languages": "from the model card, which is no part of the import",
    "general.quantization_version": "of the quantised types; the file has none of them",
    "general.alignment": "its absence means 32, which is what the file has",
}

# Keys that an import may have beyond the converter's.
MORE = {
    "tokenizer.ggml.eot_token_id": "one of the end tokens in the list of generation_config.json, which the converter does not read",
    "tokenizer.ggml.eom_token_id": "one of the end tokens in the list of generation_config.json, which the converter does not read",
}

# Keys whose absence, or whose presence with this value, means the same to the engine: it is the default there.
# CHECKPOINT or "*" -> key -> value
DEFAULTS = {}

JSON_ONLY = ("the converter writes -1000 for every token, with which the engine cannot tell which pair to merge first "
             "(\"placeholder\" in LlamaHfVocab); the order of the merges is tested instead")
# CHECKPOINT -> key -> reason. What is tested instead is in run.py.
WRONG_KEYS = {name: {"tokenizer.ggml.scores": JSON_ONLY} for name in ("llama-linear", "llama-dynamic", "llama-yarn", "mixtral")}

# CHECKPOINT -> tensor -> (tensor of the checkpoint, or None where it must not be there; reason)
WRONG_TENSORS = {
    "llama-linear": {"output.weight": (None, "the configuration ties the head to the embeddings, and it wins over a stored one, "
                                             "as in transformers; the converter takes the stored one")},
    "bert-reranker": {
        "cls.weight": ("bert.pooler.dense.weight", "the head of BertForSequenceClassification begins with the pooler, which the "
                                                   "converter drops; the scores are wrong then"),
        "cls.bias": ("bert.pooler.dense.bias", "as cls.weight"),
    },
}
