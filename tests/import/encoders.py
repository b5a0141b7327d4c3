# SPDX-License-Identifier: Apache-2.0
"""Fabricated encoders: Bert and XLM-Roberta, for embeddings and as rerankers."""

from encoder_vocabularies import Unigram, WordPiece, save_pooling
from vocabularies import save_json
from weights import Weights

HIDDEN, LAYERS, HEADS, INNER = 32, 2, 4, 64


def encoder_weights(weights, prefix, tokens, positions, types):
    for name, rows in [("word", tokens), ("position", positions), ("token_type", types)]:
        weights.matrix(f"{prefix}embeddings.{name}_embeddings.weight", rows, HIDDEN, spread=3.0)
    normalised(weights, f"{prefix}embeddings.LayerNorm", HIDDEN)
    for layer in range(LAYERS):
        at = f"{prefix}encoder.layer.{layer}."
        for part in ("query", "key", "value"):
            linear(weights, f"{at}attention.self.{part}", HIDDEN, HIDDEN)
        linear(weights, f"{at}attention.output.dense", HIDDEN, HIDDEN)
        normalised(weights, f"{at}attention.output.LayerNorm", HIDDEN)
        linear(weights, f"{at}intermediate.dense", INNER, HIDDEN)
        linear(weights, f"{at}output.dense", HIDDEN, INNER)
        normalised(weights, f"{at}output.LayerNorm", HIDDEN)


def linear(weights, name, rows, columns):
    weights.matrix(f"{name}.weight", rows, columns, spread=1.5)
    weights.bias(f"{name}.bias", rows)


def normalised(weights, name, count):
    weights.norm(f"{name}.weight", count)
    weights.bias(f"{name}.bias", count)


def config(architecture, model_type, tokens, positions, types, dtype, **more):
    return {"architectures": [architecture], "model_type": model_type, "attention_probs_dropout_prob": 0.1,
            "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": HIDDEN, "initializer_range": 0.02,
            "intermediate_size": INNER, "num_attention_heads": HEADS, "num_hidden_layers": LAYERS,
            "max_position_embeddings": positions, "type_vocab_size": types, "vocab_size": tokens,
            "position_embedding_type": "absolute", "use_cache": True,
            "torch_dtype": {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}[dtype], **more}


def bert(folder, seed, dtype):
    """As sentence-transformers/all-MiniLM-L6-v2: mean pooling."""
    vocabulary, weights = WordPiece(), Weights(seed, dtype)
    encoder_weights(weights, "", vocabulary.size, 64, 2)
    linear(weights, "pooler.dense", HIDDEN, HIDDEN)
    weights.add("embeddings.position_ids", [1, 64], range(64), dtype="F32")
    vocabulary.save(folder)
    vocabulary.save_config(folder, 64)
    save_pooling(folder, "mean", HIDDEN, 64)
    save_json(folder, "config.json", config("BertModel", "bert", vocabulary.size, 64, 2, dtype, layer_norm_eps=1e-12,
                                            pad_token_id=0))
    weights.save(folder)


def xlm_roberta(folder, seed, dtype):
    """As BAAI/bge-m3: the vector of the first token. Positions begin behind the padding token's."""
    vocabulary, weights = Unigram(), Weights(seed, dtype)
    encoder_weights(weights, "", vocabulary.size + 2, 66, 1)
    linear(weights, "pooler.dense", HIDDEN, HIDDEN)
    vocabulary.save(folder)
    vocabulary.save_config(folder, 64)
    save_pooling(folder, "cls", HIDDEN, 64)
    save_json(folder, "config.json", config("XLMRobertaModel", "xlm-roberta", vocabulary.size + 2, 66, 1, dtype,
                                            layer_norm_eps=1e-5, pad_token_id=1, bos_token_id=0, eos_token_id=2))
    weights.save(folder)


def xlm_roberta_reranker(folder, seed, dtype):
    """As BAAI/bge-reranker-v2-m3: one label, a dense layer with tanh before it."""
    vocabulary, weights = Unigram(), Weights(seed, dtype)
    encoder_weights(weights, "roberta.", vocabulary.size, 66, 1)
    linear(weights, "classifier.dense", HIDDEN, HIDDEN)
    linear(weights, "classifier.out_proj", 1, HIDDEN)
    vocabulary.save(folder)
    vocabulary.save_config(folder, 64)
    save_json(folder, "config.json", config("XLMRobertaForSequenceClassification", "xlm-roberta", vocabulary.size, 66, 1, dtype,
                                            layer_norm_eps=1e-5, pad_token_id=1, bos_token_id=0, eos_token_id=2,
                                            id2label={"0": "LABEL_0"}, label2id={"LABEL_0": 0}))
    weights.save(folder)


def bert_reranker(folder, seed, dtype):
    """As cross-encoder/ms-marco-MiniLM-L6-v2: the pooler's dense layer with tanh, then one label."""
    vocabulary, weights = WordPiece(), Weights(seed, dtype)
    encoder_weights(weights, "bert.", vocabulary.size, 64, 2)
    linear(weights, "bert.pooler.dense", HIDDEN, HIDDEN)
    linear(weights, "classifier", 1, HIDDEN)
    vocabulary.save(folder)
    vocabulary.save_config(folder, 64)
    save_json(folder, "config.json", config("BertForSequenceClassification", "bert", vocabulary.size, 64, 2, dtype,
                                            layer_norm_eps=1e-12, pad_token_id=0, id2label={"0": "LABEL_0"},
                                            label2id={"LABEL_0": 0}))
    weights.save(folder)


ENCODERS = {
    "bert": (bert, 1, "F32", {"kind": "encoder", "pre": "bert-bge"}),
    "xlm-roberta": (xlm_roberta, 1, "F16", {"kind": "encoder"}),
    "xlm-roberta-reranker": (xlm_roberta_reranker, 1, "F32", {"kind": "reranker"}),
    "bert-reranker": (bert_reranker, 1, "F32", {"kind": "reranker", "pre": "bert-bge"}),
}
