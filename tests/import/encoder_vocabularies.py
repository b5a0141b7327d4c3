# SPDX-License-Identifier: Apache-2.0
"""Vocabularies of fabricated encoders: WordPiece as Bert has it, and Unigram as XLM-Roberta has it."""

import base64
import os
import zlib

from vocabularies import PRINTABLE, SPACE, WORDS, added, save_json, save_text, template

# Rules of a normaliser, compiled once by SentencePieceTrainer (normalization_rule_tsv) and compressed: ﬁ -> fi, Ａ -> A,
# ｂ -> b, ideographic and no-break space -> space, １ -> 1, Ⅳ -> IV, e + U+0301 -> é.
CHARSMAP = zlib.decompress(base64.b64decode(
    "eNod03e0l3MYAPDHr3Rykr9k5EihgVJXQ+M6VpqE0pWiNO5t0zQSfvfqnlOnHS1p0+m2NGldLe1CqIyiHWVUyGp93t5zPud53v2+z/N8o2hEjLoi"
    "sjOLxI5IRe7NEddEpKeVjGRLz6wTkb8wFcXk6aKpSNeMmJdc53wJx0a/HvYi7THpvCsjrhJLufFaruc6buQGbqI0q4unorBGKm6Rl6EcZbmNWynP"
    "7VSkAndQibu4kypUpip3k0E1qnMPPjFqcC+18AtRm3rU5T4yuZ/pKyIeFB/gYR7iEerTkAY0phFNacJjPMrjNONJnqAFzWnJUzxNFs/Qija05jme"
    "pR1tac/zdKQD2XSiMzl0pQvd6UZPevAiL9CbXvSlD/3px8u8xKu8wmsMQMtiIG/yBrlJo3mLPPIZxCFFPqyQQ+SDGcrv8yKGi8MYyQhGJyPE24xh"
    "LO8wnnFMZAKTeJfJvMdUpiQ9YBozmcEHvM/6qyNmiQXMZi5zmB/JDEZ8yAIWsZAlLGYZS/mYj9DiWM4qVlKYzCBr+IR1rGVD8k428imb2cRWtrCd"
    "bexkB5/zGbv4gq/4kt18zV728C3f8D3fsZ99/MgPHOQAh5Oac5QjHOcYP/MTJznBr/yS9ILfOM0p/uAMf/Enf3OWf/mH//mP85zjIhcur70Ma6Bx"
    "luHL6RobCuISFWCUnA=="))


class WordPiece:
    def __init__(self):
        letters = [chr(code) for code in range(ord("a"), ord("z") + 1)] + [str(digit) for digit in range(10)]
        tokens = ["[PAD]", "[unused0]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        tokens += [c for c in PRINTABLE if not c.isalpha()] + letters[:26] + ["日", "本", "語", "ж", "и"]
        tokens += ["##" + letter for letter in letters] + WORDS
        tokens += ["cat", "dog", "house", "sat", "on", "mat", "rain", "##s", "##ed", "##er", "##ing", "##ly", "##ж", "##и"]
        self.vocab = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
        self.size = len(self.vocab)
        self.specials = {t: self.vocab[t] for t in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")}

    def save(self, folder):
        post = template(["[CLS]"], ["[SEP]"], self.specials, between=["[SEP]"])
        post["pair"][-2]["Sequence"]["type_id"] = post["pair"][-1]["SpecialToken"]["type_id"] = 1
        save_json(folder, "tokenizer.json", {
            "version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [added(t, i) for t, i in self.specials.items()],
            "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                           "strip_accents": None, "lowercase": True},
            "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": post,
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": 100, "vocab": self.vocab}})
        save_text(folder, "vocab.txt", "".join(token + "\n" for token in self.vocab))

    def save_config(self, folder, longest):
        save_json(folder, "tokenizer_config.json", {
            "tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": longest, "unk_token": "[UNK]",
            "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
            "tokenize_chinese_chars": True, "strip_accents": None})
        save_json(folder, "special_tokens_map.json", {
            "cls_token": "[CLS]", "mask_token": "[MASK]", "pad_token": "[PAD]", "sep_token": "[SEP]", "unk_token": "[UNK]"})


class Unigram:
    def __init__(self):
        pieces = [SPACE] + [SPACE + word for word in WORDS] + ["cat", "dog", "s", "ing", "er", "ed", SPACE + "a", "日本"]
        pieces += PRINTABLE + ["é", "日", "本", "ж", "и", "к", "о", "т"]
        pieces = list(dict.fromkeys(pieces))
        self.rows = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
        self.rows += [(piece, -(2.5 + i * 0.0625)) for i, piece in enumerate(pieces)] + [("<mask>", 0.0)]
        ids = {piece: i for i, (piece, _) in enumerate(self.rows)}
        self.specials = {t: ids[t] for t in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")}
        self.size = len(self.rows)

    def save(self, folder):
        metaspace = {"type": "Metaspace", "replacement": SPACE, "add_prefix_space": True, "prepend_scheme": "always"}
        save_json(folder, "tokenizer.json", {
            "version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [added(t, i, lstrip=t == "<mask>") for t, i in self.specials.items()],
            "normalizer": {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(CHARSMAP).decode()},
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]},
            "post_processor": template(["<s>"], ["</s>"], self.specials, between=["</s>", "</s>"]),
            "decoder": metaspace,
            "model": {"type": "Unigram", "unk_id": 3, "vocab": [list(row) for row in self.rows], "byte_fallback": False}})

    def save_config(self, folder, longest):
        names = {"bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>", "unk_token": "<unk>",
                 "pad_token": "<pad>"}
        mask = {"content": "<mask>", "lstrip": True, "normalized": False, "rstrip": False, "single_word": False}
        save_json(folder, "tokenizer_config.json", {
            **names, "mask_token": "<mask>", "model_max_length": longest, "tokenizer_class": "XLMRobertaTokenizer",
            "clean_up_tokenization_spaces": True})
        save_json(folder, "special_tokens_map.json", {**names, "mask_token": mask})


def save_pooling(folder, mode, dimensions, longest):
    """The files of sentence-transformers beside a model: pooling, then vectors of length 1."""
    def module(index, path, kind):
        return {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{kind}"}
    save_json(folder, "modules.json", [module(0, "", "Transformer"), module(1, "1_Pooling", "Pooling"),
                                       module(2, "2_Normalize", "Normalize")])
    save_json(folder, "1_Pooling/config.json", {
        "word_embedding_dimension": dimensions, "pooling_mode_cls_token": mode == "cls",
        "pooling_mode_mean_tokens": mode == "mean", "pooling_mode_max_tokens": False,
        "pooling_mode_mean_sqrt_len_tokens": False})
    os.makedirs(os.path.join(folder, "2_Normalize"), exist_ok=True)
    save_json(folder, "sentence_bert_config.json", {"max_seq_length": longest, "do_lower_case": False})
