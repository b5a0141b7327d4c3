# SPDX-License-Identifier: Apache-2.0
"""Small tokenizers of every kind that an import reads, always the same ones. Each is a folder with the files of a
repository, and the tokenizer of Hugging Face's `tokenizers` that has to be equalled. Its trainer of BPE gives the same
vocabulary in each run. Those of WordPiece and Unigram do not, so their vocabularies are counted here."""

import collections
import json
import math
import random
import struct
import unicodedata

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CASED = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+%s|"
         r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*%s|\p{N}%s|"
         r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
# The pre-tokenizers of byte-level BPE: the expressions of Split, and what else is unusual.
SPLITS = {
    "llama-bpe": [CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|" + REST],
    "dbrx": [CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|" + REST],
    "qwen2": [CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|" + REST],
    "qwen35": [CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"],
    "tekken": [CASED % ("", "", "")],
    "gpt-4o": [CASED % (CONTRACTIONS + "?", CONTRACTIONS + "?", "{1,3}")],
    "minicpm5": [r"\p{N}{1,3}", CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+|" + REST],
    "ufakzeka": [r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|" + REST],
    "deepseek-v3": [r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+",
                    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|"""
                    r""" ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""],
}
WORD_POOL = (
    "the of and to in is it that was for on are as with his they at be this from I have or by one had not but what all "
    "were when we there can an your which their said if do will each about how up out them then she many some so these "
    "would other into has more her two like him see time could no make than first been its who now people my made over "
    "did down only way find use may water long little very after words called just where most know get through back "
    "I'm don't we'll they've it's you'd CAN'T HTTPServer iPhone snake_case camelCase 3.14 2026-11-27 100% $5.00 e.g. "
    "Straße naïve café Ελλάδα здравствуйте мир 你好 世界 こんにちは 世界 안녕하세요 สวัสดี नमस्ते مرحبا שלום ខ្មែរ አማርኛ "
    "int main() { return 0; } #include <vector> def f(x): return x**2 a==b && c!=d || !e // comment /* x */ <html>"
).split(" ")
CHARACTERS = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    "äöüßéèñçøåÀÉÎΩαβγДжщ你我他世界日本語한국어กขคงจฉअआइعربيةעברית∀∂∈ℝ∧∪≡∞↑↗↨⌂═╬░▒▓█▪▫●♥♫✓€£¥©®™…–—‘’“”•·«»¿¡")


def corpus():
    rng = random.Random(7)
    lines = []
    for _ in range(3000):
        lines.append(" ".join(rng.choice(WORD_POOL) for _ in range(rng.randint(3, 12))))
    lines += [" " * n + "x" for n in range(1, 9)] + ["\n" * n for n in range(1, 6)] + ["\t" * n + "y" for n in range(1, 5)]
    return lines


def special_bpe(tokens):
    return [AddedToken(token, special=True, normalized=False) for token in tokens]


def byte_level_rules(name):
    if name == "gpt-2":
        return pre_tokenizers.ByteLevel(add_prefix_space=False)
    if name == "smollm":
        return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    if name == "falcon":
        return pre_tokenizers.Sequence([pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.ByteLevel(add_prefix_space=False),
                                        pre_tokenizers.Digits(individual_digits=False), pre_tokenizers.Split(Regex("[0-9][0-9][0-9]"), "isolated")])
    if name == "deepseek-coder":
        splits = ["[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+"]
        return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(split), "isolated") for split in splits] +
                                       [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(False, use_regex=False)])
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(split), "isolated") for split in SPLITS[name]] +
                                   [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def byte_level(name):
    tokenizer = Tokenizer(models.BPE(ignore_merges=name in ("llama-bpe", "tekken", "minicpm5")))
    tokenizer.pre_tokenizer = byte_level_rules(name)
    tokenizer.decoder = decoders.ByteLevel()
    if name in ("qwen2", "qwen35"):
        tokenizer.normalizer = normalizers.NFC()
    trainer = trainers.BpeTrainer(vocab_size=2000, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.add_special_tokens(special_bpe(["<|endoftext|>", "<|im_start|>", "<|im_end|>"]))
    tokenizer.add_tokens([AddedToken("<think>", normalized=False), AddedToken("</think>", normalized=False)])
    settings = {"eos_token": "<|im_end|>", "tokenizer_class": "PreTrainedTokenizerFast"}
    if name == "llama-bpe":
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<|endoftext|> $A", pair="<|endoftext|> $A <|endoftext|> $B",
            special_tokens=[("<|endoftext|>", tokenizer.token_to_id("<|endoftext|>"))])
        settings["bos_token"] = "<|endoftext|>"
    return tokenizer, settings


def counted_pieces(normalizer, pre_tokenizer, continuing=""):
    """How often the pieces of the corpus's words occur, in a fixed order: first what saves most. Of the pieces with
    several characters every third one is left out, so that many words have no token of their own."""
    words = collections.Counter(word for line in corpus() for word, _ in pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(line)))
    counts = collections.Counter()
    for word, count in words.items():
        for first in range(len(word)):
            for last in range(first + 1, len(word) + 1):
                counts[(continuing if first else "") + word[first:last], last - first] += count
    ordered = sorted(counts.items(), key=lambda item: (-item[1] * item[0][1], item[0]))
    short = [(piece, count) for (piece, size), count in ordered if size == 1]
    longer = [(piece, count) for (piece, size), count in ordered if size > 1]
    return short, [pair for number, pair in enumerate(longer) if number % 3 != 2]


def wordpiece(lowercase):
    normalizer, pre_tokenizer = normalizers.BertNormalizer(lowercase=lowercase), pre_tokenizers.BertPreTokenizer()
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    short, longer = counted_pieces(normalizer, pre_tokenizer, "##")
    vocabulary = dict.fromkeys(names + sorted(set(CHARACTERS)) + [piece for piece, _ in short + longer[:350]])
    tokenizer = Tokenizer(models.WordPiece({piece: number for number, piece in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.add_special_tokens(names)
    ids = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ids)
    names = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}
    return tokenizer, {**names, "do_lower_case": lowercase}


def charsmap():
    """A map of SentencePiece's form: a double array of Darts, and texts. Of each character, its NFKC form."""
    blanks = "\t\n\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000"
    pairs = {**{blank: " " for blank in blanks}, "…": "...", "™": "TM", "ℝ": "R", "ﬁ": "fi",
             "①": "1", "e\u0301": "é", "\u1100\u1161": "가"}
    pairs.update({chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF01, 0xFF5F)})
    texts, offsets = b"", {}
    for text in sorted(set(pairs.values())):
        offsets[text] = len(texts)
        texts += text.encode() + b"\0"
    root = {}
    for key, text in pairs.items():
        node = root
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node[0] = offsets[text]
    units, used, bases = {0: 0}, {0}, set()

    def place(node, at):
        base = next(base for base in range(1, 1 << 20) if base not in bases and all((base ^ byte) not in used for byte in node))
        bases.add(base)
        used.update(base ^ byte for byte in node)
        units[at] |= (base ^ at) << 10 | ((1 << 8) if 0 in node else 0)
        for byte, child in node.items():
            units[base ^ byte] = (1 << 31 | child) if byte == 0 else byte
        for byte, child in node.items():
            if byte:
                place(child, base ^ byte)

    place(root, 0)
    size = (max(units) // 256 + 2) * 256
    array = struct.pack(f"<{size}I", *(units.get(at, 0) for at in range(size)))
    return struct.pack("<I", len(array)) + array + texts


def unigram_vocabulary(normalizer):
    """Pieces and scores. Those are multiples of 1/256, so that all sums are exact with any kind of number: two ways to
    cut a text have the same score or clearly another one."""
    short, longer = counted_pieces(normalizer, pre_tokenizers.Metaspace())
    counts = {**dict.fromkeys(sorted(set(CHARACTERS) - {" "}), 1), **dict(short + longer[:250])}
    total, score = sum(counts.values()), 0
    vocabulary = [(name, 0.0) for name in ("<s>", "<pad>", "</s>", "<unk>")]
    for piece, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        score = min(score - 1, round(256 * math.log(count / total)))
        vocabulary.append((piece, score / 256))
    return vocabulary


def unigram(form):
    """form: as older files of XLM-RoBERTa have it, as newer ones, or as T5 has it."""
    normalizer = normalizers.Precompiled(charsmap())
    tokenizer = Tokenizer(models.Unigram(unigram_vocabulary(normalizer), unk_id=3))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    if form == "older":
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    if form == "newer":
        tokenizer.normalizer = normalizers.Sequence([normalizer, normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.add_special_tokens(special_bpe(["<mask>"]))
    ids = [(token, tokenizer.token_to_id(token)) for token in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=ids)
    names = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>",
             "cls_token": "<s>", "mask_token": "<mask>"}
    return tokenizer, names


# The lengths of runs of blanks in the vocabularies of Llama and Mistral, in their order. Their score is the lowest.
RUNS = [2, 4, 8, 5, 16, 6, 12, 13, 10, 14, 3, 9, 7, 11]


def pieces_of_sentencepiece(crossing=False):
    """The pieces of a SentencePiece BPE model in the order of their merges, without the first ones: runs of blanks, which
    merge last of all, others, and characters. crossing: pieces may begin in one word and end in another."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    if not crossing:
        tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    trainer = trainers.BpeTrainer(vocab_size=1800, initial_alphabet=sorted(set(CHARACTERS) - {" "}) + ["▁", "\n"], show_progress=False)
    tokenizer.train_from_iterator(["▁" + line for line in corpus() if "\n" not in line], trainer)
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    characters = [piece for piece, _ in vocabulary if len(piece) == 1]
    longer = [piece for piece, _ in vocabulary if len(piece) > 1 and "\n" not in piece and not piece.strip("▁") == ""]
    return ["▁" * length for length in RUNS], longer, characters


FIRST_PIECES = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]


def sentencepiece_bpe(form):
    """form: "llama", "mistral" (Metaspace) or "gemma". All splits of a piece are merges, as transformers converts them."""
    runs, longer, characters = pieces_of_sentencepiece(form == "gemma")
    vocabulary = {piece: number for number, piece in enumerate(FIRST_PIECES + runs + longer + characters)}
    merges = []
    for piece in longer:
        splits = [(piece[:at], piece[at:]) for at in range(1, len(piece))]
        splits = [split for split in splits if split[0] in vocabulary and split[1] in vocabulary]
        merges += sorted(splits, key=lambda split: (vocabulary[split[0]], vocabulary[split[1]]))
    splits = [(left, right) for left in runs + ["▁"] for right in runs + ["▁"] if left + right in runs]
    merges += sorted(splits, key=lambda split: (len(split[0]), len(split[1])), reverse=True)
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    prepend = [normalizers.Prepend("▁")] if form == "llama" else []
    if form == "llama":
        tokenizer.normalizer = normalizers.Sequence(prepend + [normalizers.Replace(" ", "▁")])
    elif form == "gemma":
        tokenizer.normalizer = normalizers.Replace(" ", "▁")
        tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.add_special_tokens(special_bpe(["<unk>", "<s>", "</s>", "[INST]", "[/INST]"]))
    if form == "gemma":
        tokenizer.add_tokens([AddedToken("\n" * n, normalized=False) for n in range(2, 6)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    return tokenizer, {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "add_bos_token": True}


def protobuf_field(number, kind, value):
    def varint(n):
        out = b""
        while n > 127:
            out += bytes([n & 127 | 128])
            n >>= 7
        return out + bytes([n])
    if kind == "bytes":
        return varint(number << 3 | 2) + varint(len(value)) + value
    if kind == "float":
        return varint(number << 3 | 5) + struct.pack("<f", value)
    return varint(number << 3) + varint(value)


def sentencepiece_file():
    """A tokenizer.model with the same pieces as sentencepiece_bpe()."""
    runs, longer, characters = pieces_of_sentencepiece()
    model = b""
    for number, piece in enumerate(FIRST_PIECES + runs + longer + characters):
        kind = 2 if number == 0 else 3 if number < 3 else 6 if number < 259 else 1
        score = 0.0 if number < 259 else -1e9 if piece in runs else -float(number - 259)
        fields = protobuf_field(1, "bytes", piece.encode()) + protobuf_field(2, "float", score)
        model += protobuf_field(1, "bytes", fields + protobuf_field(3, "number", kind))
    model += protobuf_field(2, "bytes", protobuf_field(3, "number", 2) + protobuf_field(35, "number", 1))
    return model + protobuf_field(3, "bytes", protobuf_field(1, "bytes", b"identity") + protobuf_field(3, "number", 1) + protobuf_field(4, "number", 0))


BYTE_LEVEL = ["gpt-2", "smollm", "llama-bpe", "dbrx", "qwen2", "qwen35", "tekken", "gpt-4o", "minicpm5", "ufakzeka", "deepseek-v3",
              "deepseek-coder", "falcon"]


def write(folder, tokenizer, settings, files=("tokenizer.json",)):
    folder.mkdir(parents=True)
    if "tokenizer.json" in files:
        tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "config.json").write_text("{}", encoding="utf-8")
    return tokenizer


def make_all(folder):
    """Writes all kinds and yields their name, their folder, GGUF's architecture and the tokenizer."""
    for name in BYTE_LEVEL:
        yield name, folder / name, "llama", write(folder / name, *byte_level(name))
    for name, lowercase in (("wordpiece uncased", True), ("wordpiece cased", False)):
        yield name, folder / name, "bert", write(folder / name, *wordpiece(lowercase))
    for form in ("older", "newer", "t5"):
        yield f"unigram {form}", folder / f"unigram {form}", "bert", write(folder / f"unigram {form}", *unigram(form))
    for form in ("llama", "mistral", "gemma"):
        name = f"sentencepiece bpe {form}"
        yield name, folder / name, "llama", write(folder / name, *sentencepiece_bpe(form))
    name = "sentencepiece bpe mistral with a template"
    tokenizer, settings = sentencepiece_bpe("mistral")
    yield name, folder / name, "llama", write(folder / name, tokenizer, {**settings, "chat_template": "{{ bos_token }}"})
    yield from make_older_files(folder)


def make_older_files(folder):
    name = "tokenizer.model"
    tokenizer, settings = sentencepiece_bpe("llama")
    added = {str(tokenizer.token_to_id(token)): {"content": token, "special": True} for token in ("[INST]", "[/INST]")}
    write(folder / name, tokenizer, {**settings, "added_tokens_decoder": added}, ())
    (folder / name / "tokenizer.model").write_bytes(sentencepiece_file())
    yield name, folder / name, "llama", tokenizer
    name = "vocab.json and merges.txt"
    tokenizer, settings = byte_level("gpt-2")
    model = json.loads(tokenizer.to_str())["model"]
    write(folder / name, tokenizer, {**settings, "tokenizer_class": "GPT2Tokenizer"}, ())
    (folder / name / "vocab.json").write_text(json.dumps(model["vocab"]), encoding="utf-8")
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    (folder / name / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", encoding="utf-8")
    added = {str(number): {"content": token.content, "special": token.special} for number, token in sorted(tokenizer.get_added_tokens_decoder().items())}
    settings = {**settings, "tokenizer_class": "GPT2Tokenizer", "added_tokens_decoder": added}
    (folder / name / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    yield name, folder / name, "gpt2", tokenizer
    name = "vocab.txt"
    tokenizer, settings = wordpiece(True)
    write(folder / name, tokenizer, settings, ())
    lines = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    (folder / name / "vocab.txt").write_text("".join(token + "\n" for token, _ in lines), encoding="utf-8")
    yield name, folder / name, "bert", tokenizer


assert tokenizers.__version__.split(".")[0] == "0"
