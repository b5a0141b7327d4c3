# SPDX-License-Identifier: Apache-2.0
"""Vocabularies of fabricated checkpoints, in the forms that repositories have: tokenizer.json with byte-level BPE, with
BPE of SentencePiece, WordPiece or Unigram; tokenizer.model; vocab.json with merges.txt; vocab.txt."""

import json
import os
import struct

PRINTABLE = [chr(code) for code in range(0x21, 0x7F)]
SPACE = "\u2581"  # how SentencePiece writes a space
WORDS = ["the", "and", "ing", "ion", "for", "you", "not", "with", "this", "that"]

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
GPT4O = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def save_json(folder, name, value):
    os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)


def save_text(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def added(content, token_id, special=True, **flags):
    return {"id": token_id, "content": content, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, "special": special, **flags}


def sequence(*items):
    return {"type": "Sequence", "normalizers": list(items)}


def template(first, last, ids, between=()):
    """Special tokens before and after one text, and around two of them."""
    def token(content):
        return {"SpecialToken": {"id": content, "type_id": 0}}

    def text(name, type_id):
        return {"Sequence": {"id": name, "type_id": type_id}}
    before, after = [token(t) for t in first], [token(t) for t in last]
    second = 1 if between or last else 0
    return {"type": "TemplateProcessing", "single": before + [text("A", 0)] + after,
            "pair": before + [text("A", 0)] + [token(t) for t in between] + [text("B", second)] + after,
            "special_tokens": {t: {"id": t, "ids": [ids[t]], "tokens": [t]} for t in dict.fromkeys([*first, *between, *last])}}


# --- byte-level BPE

BYTE_MERGES = [("t", "h"), ("th", "e"), ("i", "n"), ("Ġ", "the"), ("e", "r"), ("Ġ", "a"), ("o", "n"), ("r", "e"),
               ("Ġa", "n"), ("Ġan", "d"), ("in", "g"), ("1", "2"), ("12", "3"), ("Ċ", "Ċ"), ("Ġ", "Ġ"), ("ĠĠ", "ĠĠ"),
               ("o", "u"), ("'", "s"), ("Ã", "©"), ("Ġ", "w"), ("Ġw", "h"), ("a", "t"), ("Ġwh", "at"), (".", "Ċ")]


def byte_characters():
    """The character that stands for each byte, as GPT-2's vocabulary has them, in the order of their ids."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return {**{byte: chr(byte) for byte in visible}, **{byte: chr(256 + i) for i, byte in enumerate(hidden)}}


class ByteBpe:
    """Bytes, merges, then the special tokens; `middle` special tokens come before the merges."""

    def __init__(self, specials, rules, bos=None, normalizer=None, ignore_merges=False, middle=(), user_defined=()):
        self.rules, self.bos, self.normalizer, self.ignore_merges = rules, bos, normalizer, ignore_merges
        tokens = list(byte_characters().values()) + list(middle) + ["".join(pair) for pair in BYTE_MERGES]
        self.vocab = {token: i for i, token in enumerate(tokens)}
        after = {token: len(tokens) + i for i, token in enumerate([*specials, *user_defined])}
        self.specials = {token: i for token, i in {**self.vocab, **after}.items() if token in (*middle, *specials)}
        self.user_defined = {token: after[token] for token in user_defined}
        self.size = len(tokens) + len(after)

    def ids(self):
        return {**self.vocab, **self.specials, **self.user_defined}

    def text_of(self):
        """The bytes of each token."""
        back = {character: bytes([byte]) for byte, character in byte_characters().items()}
        texts = {i: b"".join(back[c] for c in t) for t, i in self.vocab.items() if t not in self.specials}
        return {**texts, **{i: t.encode() for t, i in {**self.specials, **self.user_defined}.items()}}

    def save(self, folder):
        byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": not self.rules}
        steps = [byte_level]
        if self.rules == "digits":
            steps = [{"type": "Digits", "individual_digits": True}, {**byte_level, "use_regex": True}]
        elif self.rules:
            steps.insert(0, {"type": "Split", "pattern": {"Regex": self.rules}, "behavior": "Isolated", "invert": False})
        post = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}
        if self.bos:
            post = {"type": "Sequence", "processors": [post, template([self.bos], [], self.specials)]}
        tokens = [added(t, i) for t, i in self.specials.items()] + [added(t, i, special=False) for t, i in self.user_defined.items()]
        save_json(folder, "tokenizer.json", {
            "version": "1.0", "truncation": None, "padding": None,
            "added_tokens": sorted(tokens, key=lambda token: token["id"]),
            "normalizer": self.normalizer,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps} if len(steps) > 1 else steps[0],
            "post_processor": post,
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                      "ignore_merges": self.ignore_merges, "vocab": self.vocab,
                      "merges": [" ".join(pair) for pair in BYTE_MERGES] if not self.ignore_merges else [list(p) for p in BYTE_MERGES]}})

    def save_vocab_and_merges(self, folder):
        save_json(folder, "vocab.json", self.ids())
        save_text(folder, "merges.txt", "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in BYTE_MERGES))


# --- BPE of SentencePiece

PIECES = ["th", "in", "er", SPACE + "t", SPACE + "a", "on", "re", "the", SPACE + "the", "an", "and", SPACE + "and", "ing",
          "ou", SPACE + "w", SPACE + SPACE, "at", "wh", SPACE + "wh", "what", SPACE + "what", "12", "is"]
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6


class Sentencepiece:
    """Special tokens, 256 bytes, pieces and characters, each a little less likely than the one before; `added_tokens` come
    last and are in tokenizer.json and the configuration only, as Phi-3 has its own. `rstrip`: tokens that take the white
    space after them away."""

    def __init__(self, specials, added_tokens=(), user_defined=(), prefix=True, bos="<s>", add_bos=True, rstrip=()):
        self.prefix, self.bos, self.add_bos, self.rstrip = prefix, bos, add_bos, rstrip
        self.rows = [(t, 0.0, UNKNOWN if t == "<unk>" else CONTROL) for t in specials]
        self.rows += [(t, 0.0, USER_DEFINED) for t in user_defined]
        self.rows += [(f"<0x{byte:02X}>", 0.0, BYTE) for byte in range(256)]
        pieces = PIECES + [SPACE] + PRINTABLE + ["é", "ü", "日", "本"]
        self.rows += [(piece, -float(i), NORMAL) for i, piece in enumerate(pieces)]
        self.vocab = {piece: i for i, (piece, _, _) in enumerate(self.rows)}
        self.specials = {t: self.vocab[t] for t in specials}
        self.user_defined = {t: self.vocab[t] for t in user_defined}
        self.added = {t: len(self.rows) + i for i, t in enumerate(added_tokens)}
        self.size = len(self.rows) + len(self.added)

    def ids(self):
        return {**self.vocab, **self.added}

    def text_of(self):
        texts = {i: piece.replace(SPACE, " ").encode() for piece, i in self.ids().items()}
        texts.update({self.vocab[f"<0x{byte:02X}>"]: bytes([byte]) for byte in range(256)})
        return texts

    def merges(self):
        """All pairs that make up a piece, the most likely piece first."""
        normal = {piece: i for piece, i in self.vocab.items() if self.rows[i][2] in (NORMAL, USER_DEFINED)}
        pairs = []
        for piece in PIECES:
            halves = [(piece[:cut], piece[cut:]) for cut in range(1, len(piece))]
            pairs += sorted((p for p in halves if p[0] in normal and p[1] in normal), key=lambda p: (normal[p[0]], normal[p[1]]))
        return pairs

    def save(self, folder):
        if self.prefix:
            normalizer = sequence({"type": "Prepend", "prepend": SPACE},
                                  {"type": "Replace", "pattern": {"String": " "}, "content": SPACE})
            before = None
            strip = [{"type": "Strip", "content": " ", "start": 1, "stop": 0}]
        else:
            normalizer = {"type": "Replace", "pattern": {"String": " "}, "content": SPACE}
            before = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False}
            strip = []
        tokens = [added(t, i, rstrip=t in self.rstrip) for t, i in {**self.specials, **self.added}.items()]
        tokens += [added(t, i, special=False) for t, i in self.user_defined.items()]
        save_json(folder, "tokenizer.json", {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": sorted(tokens, key=lambda t: t["id"]),
            "normalizer": normalizer, "pre_tokenizer": before,
            "post_processor": template([self.bos] if self.add_bos else [], [], self.specials),
            "decoder": {"type": "Sequence", "decoders": [
                {"type": "Replace", "pattern": {"String": SPACE}, "content": " "}, {"type": "ByteFallback"},
                {"type": "Fuse"}, *strip]},
            "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": True, "ignore_merges": False,
                      "vocab": self.vocab, "merges": [" ".join(pair) for pair in self.merges()]}})

    def save_model(self, folder):
        """tokenizer.model: sentencepiece_model.proto of github.com/google/sentencepiece."""
        pieces = b"".join(field(1, field(1, piece.encode()) + tag(2, 5) + struct.pack("<f", score) + number(3, kind))
                          for piece, score, kind in self.rows)
        identity = {name: self.specials.get(token, -1) for name, token in
                    [("unk", "<unk>"), ("bos", self.bos), ("eos", "</s>" if "</s>" in self.specials else "<eos>"), ("pad", "<pad>")]}
        trainer = number(3, 2) + number(4, len(self.rows)) + number(35, 1) + number(40, identity["unk"])
        trainer += number(41, identity["bos"]) + number(42, identity["eos"]) + number(43, identity["pad"])
        normalizer = field(1, b"identity") + number(3, int(self.prefix)) + number(4, 0) + number(5, 1)
        with open(os.path.join(folder, "tokenizer.model"), "wb") as file:
            file.write(pieces + field(2, trainer) + field(3, normalizer))


def varint(value):
    value &= 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def tag(key, wire):
    return varint(key << 3 | wire)


def number(key, value):
    return tag(key, 0) + varint(value)


def field(key, data):
    return tag(key, 2) + varint(len(data)) + data
