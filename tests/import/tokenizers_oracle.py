#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hugging Face's `tokenizers` and the local engine, which reads what an import makes of the same files, must give the same
tokens for 10,000 awkward texts for each kind of tokenizer, and for texts as chat templates write them.
Usage: tokenizers_oracle.py TOKENIZE_LINES [KIND...]. ABSTRACTLLM_TEST_ORACLES names a Python that has `tokenizers`;
without it the suite says so and is skipped (exit code 77)."""

import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest
import unicodedata

interpreter = os.environ.pop("ABSTRACTLLM_TEST_ORACLES", "")
if os.access(interpreter, os.X_OK):
    os.execv(interpreter, [interpreter, *sys.argv])

try:
    import tokenizer_kinds
except ImportError as missing:
    print(f"skipped: `tokenizers` is not installed ({missing.name})")
    sys.exit(77)

COUNT = int(os.environ.get("COUNT", 10_000))
SCRIPTS = [
    "Latin abc ABC ßæøÅĲǅŉſ ﬁﬂ", "Ελληνικά άέή ΑΒΓ", "кириллица ЁЖЩ їґ", "עברית שלום ‏‎", "العربية مرحبا ٠١٢٣ ﷺ", "हिन्दी नमस्ते क्ष ०१२",
    "বাংলা", "ไทยสวัสดี ๑๒๓", "ខ្មែរ ភាសា", "မြန်မာ", "አማርኛ", "ქართული", "Հայերեն", "汉字漢字 你好世界", "日本語 ひらがな カタカナ ｶﾅ", "한국어 안녕 각", "Tiếng Việt",
    "𝒜𝔅 𐍈 𝟘𝟙 𠀀𪜶", "①②Ⅷ½¾ ²³ ٣", "€£¥₿ ±×÷∑√∞≠≤ →⇒ ░█ ♥", "‘’“”„«»‹›…–—―‐‑ · ¿¡§¶†", "｟！＂＃（Ａ１～。、「」・",
]
EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "❤️", "☺︎", "1️⃣", "🧑🏿‍🚀", "🫠", "\U0001F3FB", "\u200d", "\ufe0f"]
BLANKS = [" ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\n\n", " \n ", "\u00a0", "\u2003", "\u3000", "\u200b", "\u2028", "\u2029", "\u0085", "\v", "\f", "\u1680", "\ufeff"]
CONTROLS = ["\x01", "\x07", "\x08", "\x1b[0m", "\x7f", "\u0080", "\u009f", "\u00ad", "\u200e", "\u202e", "\ufffd", "\ufffe", "\U0010ffff", "\ue000"]
MARKS = ["e\u0301", "a\u0308\u0323", "\u0301", "n\u0303\u0303", "\u0e31\u0e49", "\u093f", "\u05b0", "\u064b", "\u1100\u1161\u11a8", "\u0345"]
NUMBERS = ["0", "12", "123", "1234", "1234567", "3.14159", "1,000,000", "0x1F", "1e-9", "2026-11-27", "٠١٢", "१२३", "¼", "50%", "v1.2.3"]
WORDS = tokenizer_kinds.WORD_POOL + ["I'M", "we'LL", "it'S", "'tis", "o'clock", "don’t", "''''", "x'", "'re", "HELLO", "hELLO", "McDonald", "ÉCOLE", "éCOLE",
                                     "ǅungla", "supercalifragilistic", "aaaaaaaaaa", "----", "======", "....", "!!!", "`````", "<|im_start|", "</s", "<0x0A>", "▁", "Ġ", "##ing",
                                     "[CLS", "http://a.b/c?d=e&f=%20", "C:\\dir\\file", "\\n", "foo_bar", "a/b/c", "(x)[y]{z}"]


def awkward_texts(seed):
    """Valid UTF-8, otherwise without mercy; always the same."""
    rng = random.Random(seed)
    characters = [character for script in SCRIPTS for character in script]
    makers = [lambda: rng.choice(WORDS), lambda: rng.choice(WORDS), lambda: rng.choice(SCRIPTS), lambda: rng.choice(EMOJI), lambda: rng.choice(BLANKS),
              lambda: rng.choice(BLANKS), lambda: rng.choice(CONTROLS), lambda: rng.choice(MARKS), lambda: rng.choice(NUMBERS),
              lambda: " " * rng.randint(1, 20), lambda: "\n" * rng.randint(1, 6), lambda: "".join(rng.choice(characters) for _ in range(rng.randint(1, 8))),
              lambda: chr(rng.choice([rng.randint(0x20, 0x7e), rng.randint(0xa0, 0xd7ff), rng.randint(0xe000, 0xffff), rng.randint(0x10000, 0x1ffff)]))]
    texts = ["", " ", "\n", "\t", "a", " a", "a ", "  a  ", "\u00e9", "e\u0301"]
    while len(texts) < COUNT:
        parts = [rng.choice(makers)() for _ in range(rng.randint(1, 12))]
        texts.append(rng.choice(["", " "]).join(parts)[:400])
    return texts


def tokenise(program, folder, architecture, rows, lines):
    done = subprocess.run([program, str(folder), architecture, str(rows)], input="".join(json.dumps(line) + "\n" for line in lines),
                          capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise AssertionError(f"exit code {done.returncode}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def without(categories):
    return lambda text: "".join(c for c in text if unicodedata.category(c) not in categories)


def is_newer(character):
    """Characters since Unicode 15: the engine and `tokenizers` have tables of different years."""
    code = ord(character)
    blocks = [(0x105C0, 0x105FF), (0x10D40, 0x10D8F), (0x10EC0, 0x10EFF), (0x11380, 0x113FF), (0x116D0, 0x116FF), (0x11B00, 0x11BFF), (0x11DB0, 0x11FFF),
              (0x13430, 0x143FF), (0x16100, 0x1613F), (0x16D40, 0x16EDF), (0x187F8, 0x187FF), (0x18CD6, 0x18DFF), (0x1CC00, 0x1CEFF), (0x1D2C0, 0x1D2DF), (0x1DF25, 0x1DF2A),
              (0x1E030, 0x1E08F), (0x1E4D0, 0x1E5FF), (0x1E6C0, 0x1E6FF), (0x2EBF0, 0x2EE5F), (0x31350, 0x3347F)]
    return unicodedata.category(character) == "Cn" or any(first <= code <= last for first, last in blocks)


def clean(text):
    """What BertNormalizer removes: the engine keeps some of it, and takes \\v, \\f and U+0085 for blanks."""
    return "".join(c for c in text if c in "\t\n\r" or unicodedata.category(c)[0] != "C")


def first_of_graphemes(text):
    return re.sub("[\u1100-\u11ff]", "", without(("Mn", "Mc", "Me", "Cf"))(text)).replace("\r", "")


BLANK = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
SPECIAL = "<(?:s|/s|unk|pad|mask)>"
CASED = lambda text: "".join(c for c in text if ord(c) < 128 or unicodedata.category(c) not in ("Lu", "Ll", "Lt", "Lm"))  # noqa: E731
KOREAN = lambda text: re.sub("[\uac00-\ud7a3]", "", text)  # noqa: E731
# Where the engine is known to differ from `tokenizers`: the kind, why, and a change of a text after which they agree.
EVERYWHERE = ("newer", "a character that one of the Unicode tables does not know yet", lambda text: "".join(c for c in text if not is_newer(c)))
MARKED = ("marks of words", "the engine takes U+2581 in a text for the beginning of a word", lambda text: text.replace("▁", ""))
OLD = ("old tables", "BertNormalizer's tables of punctuation and marks are those of an old Unicode",
       lambda text: "".join(c for c in text if unicodedata.ucd_3_2_0.category(c) != "Cn"))
KNOWN = {
    "qwen2": [("nfc", "the engine does not compose characters (NFC)", lambda text: unicodedata.normalize("NFC", text))],
    "qwen35": [("nfc", "the engine does not compose characters (NFC)", lambda text: unicodedata.normalize("NFC", text))],
    "tekken": [("case", "the engine knows upper and lower case of ASCII letters only", CASED),
               ("marks", "the engine's words have no combining marks", without(("Mn", "Mc", "Me")))],
    "gpt-4o": [("case", "the engine knows upper and lower case of ASCII letters only", CASED)],
    "deepseek-coder": [("blanks", "blanks from U+1680 on are not between U+0800 and U+4E00 for the engine", lambda text: re.sub("[\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]", "", text))],
    "wordpiece cased": [("controls", "BertNormalizer removes control and private characters", clean), MARKED, OLD],
    "wordpiece uncased": [("controls", "BertNormalizer removes control and private characters", clean),
                          MARKED, OLD,
                          ("marks", "the engine strips all marks, and BertNormalizer those without width of Unicode 8", without(("Mn", "Mc", "Me"))),
                          ("hangul", "the engine keeps the first letter of a Korean syllable", KOREAN)],
    "unigram newer": [("trailing blanks", "the engine removes blanks at the end", lambda text: re.sub(f"[{BLANK}\u200b]+(?=$|{SPECIAL})", "", text))],
    "unigram t5": [("leading blanks", "the engine puts its blank before others, and Metaspace does not", lambda text: re.sub(f"(^|{SPECIAL})[{BLANK}\u200b]+", r"\1", text))],
    "sentencepiece bpe mistral": [("leading blanks", "the engine puts its blank before others, and Metaspace does not", lambda text: text.lstrip(" ▁"))],
}
KNOWN["vocab.txt"] = KNOWN["wordpiece uncased"]
for unigram in ("unigram older", "unigram newer", "unigram t5"):
    KNOWN[unigram] = [("marks of blanks", "Metaspace takes U+2581 in a text for a blank", lambda text: text.replace("▁", "")),
                      ("graphemes", "Precompiled drops what follows a replaced character in its grapheme", first_of_graphemes),
                      *KNOWN.get(unigram, [])]


def from_first_difference(a, b):
    same = next((at for at, pair in enumerate(zip(a, b)) if pair[0] != pair[1]), min(len(a), len(b)))
    return a[same:same + 6], b[same:same + 6]


def example(tokenizer, text, a, b):
    expected, got = ([tokenizer.id_to_token(number) for number in some] for some in from_first_difference(a, b))
    return f"  {ascii(text)[:200]} expected {ascii(expected)[:200]} got {ascii(got)[:200]}"


class Tokenizers(unittest.TestCase):
    """The kinds of sys.argv, or all."""

    def compare(self, kind, what, texts, adds_special):
        """What differs for no known reason, as lines to print."""
        name, folder, architecture, tokenizer = kind

        def both(some):
            expected = [encoding.ids for encoding in tokenizer.encode_batch(some, add_special_tokens=adds_special)]
            got = tokenise(PROGRAM, folder, architecture, tokenizer.get_vocab_size(), [[text, adds_special, True] for text in some])
            return [(text, a, b) for text, a, b in zip(some, expected, got, strict=True) if a != b]

        bad, report = both(texts), ""
        if not bad:
            return []
        for short, _, change in [EVERYWHERE, *KNOWN.get(name, [])]:
            if bad:
                before, bad = bad, both([change(text) for text, _, _ in bad])
                report = f"{report or f'{name}, {what}: {len(before)} of {len(texts)} texts differ'}; {short}: {len(before) - len(bad)}"
        print(report, flush=True)
        if not bad:
            return []
        shortest = sorted(bad, key=lambda item: len(item[0]))[:3]
        return [f"{name}, {what}: {len(bad)} of {len(texts)} texts differ for no known reason",
                *(example(tokenizer, *item) for item in shortest)]

    def compare_all(self, kind):
        name, texts = kind[0], awkward_texts(kind[0])
        try:
            if name.endswith("with a template"):
                # Of such a model only what templates write is the same: they begin with a special token.
                return [*self.compare(kind, "as templates write", ["<s>" + text for text in chat_texts(name, kind[3])], False),
                        *self.compare(kind, "texts of a conversation", ["<s>[INST]" + text + "[/INST]" for text in texts], False)]
            return [*self.compare(kind, "texts", texts, False), *self.compare(kind, "with special tokens", texts[:300], True),
                    *self.compare(kind, "as templates write", chat_texts(name, kind[3]), False)]
        except (AssertionError, OSError, ValueError) as failure:
            return [f"{name}: {str(failure).strip()[:500]}"]

    def test_each_kind_gives_the_same_tokens(self):
        with tempfile.TemporaryDirectory() as place:
            for kind in tokenizer_kinds.make_all(pathlib.Path(place)):
                if WANTED and kind[0] not in WANTED:
                    continue
                with self.subTest(kind[0]):
                    differences = self.compare_all(kind)
                    FAILED.extend(differences)
                    self.assertFalse(differences)


def chat_texts(name, tokenizer):
    """Special and added tokens between texts, as templates write them."""
    rng = random.Random(name)
    tokens = [token.content for _, token in sorted(tokenizer.get_added_tokens_decoder().items()) if token.content.strip()]
    texts = ["user\nHi", " Hi ", "\n\n", "assistant\n", "What is 12+34?", "système\n", "你好", "😀"]
    if name == "sentencepiece bpe mistral":
        return [rng.choice(texts).lstrip() + "".join(rng.choice(tokens) for _ in range(rng.randint(0, 3))) for _ in range(500)]
    return ["".join(rng.choice(tokens if rng.random() < 0.5 else texts) for _ in range(rng.randint(1, 9))) for _ in range(500)]


if __name__ == "__main__":
    PROGRAM, WANTED, FAILED = sys.argv[1], sys.argv[2:], []
    print(f"Python {sys.version.split()[0]}, its Unicode {unicodedata.unidata_version}, tokenizers {tokenizer_kinds.tokenizers.__version__}", flush=True)
    passed = unittest.main(argv=sys.argv[:1], exit=False).result.wasSuccessful()
    # Last of all, because a report of many lines is often shown without its middle.
    print("\n".join(FAILED), file=sys.stderr)
    sys.exit(not passed)
