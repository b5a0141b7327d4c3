# SPDX-License-Identifier: Apache-2.0
"""Fabricated decoders: what each architecture has of its own, at 32 or 64 dimensions and two layers."""

from vocabularies import GPT4O, LLAMA3, QWEN2, ByteBpe, Sentencepiece, save_json, save_text
from weights import Weights

TORCH = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}
PLAIN = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
CHATML = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
          "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
LLAMA3_CHAT = ("{{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + "
               "'<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}{% endfor %}"
               "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}")
GEMMA_CHAT = ("{{ bos_token }}{% for message in messages %}{% set role = 'model' if message['role'] == 'assistant' else "
              "message['role'] %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}"
              "{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}")
MISTRAL_CHAT = ("{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
                "{{ '[INST] ' + message['content'] + ' [/INST]' }}{% else %}{{ message['content'] + eos_token }}"
                "{% endif %}{% endfor %}")
PHI3_CHAT = ("{% for message in messages %}{{ '<|' + message['role'] + '|>\n' + message['content'] + '<|end|>\n' }}"
             "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}")


def row_scale(vocabulary, rows):
    """Full rows for tokens of printable ASCII, small ones for all others: greedy output is text then."""
    texts = vocabulary.text_of()
    special = {*vocabulary.specials.values(), *getattr(vocabulary, "added", {}).values(), *vocabulary.user_defined.values()}

    def is_text(token):
        text = texts.get(token, b"")
        return token not in special and text.strip() and all(0x20 <= byte < 0x7F for byte in text)
    return [1.0 if is_text(token) else 1 / 16 for token in range(rows)]


def llama_layers(weights, hidden, layers, heads, kv_heads, head_dim, inner, *, out=1.5, biases=False, qk_norms=False, mlp=True):
    """`out`: how much each layer adds. With tied embeddings that must be more than the last token's, which comes again else."""
    for layer in range(layers):
        at = f"model.layers.{layer}."
        weights.norm(at + "input_layernorm.weight", hidden)
        for name, rows in [("q", heads * head_dim), ("k", kv_heads * head_dim), ("v", kv_heads * head_dim)]:
            weights.matrix(f"{at}self_attn.{name}_proj.weight", rows, hidden, spread=1.5)
            if biases:
                weights.bias(f"{at}self_attn.{name}_proj.bias", rows)
        weights.matrix(at + "self_attn.o_proj.weight", hidden, heads * head_dim, spread=out)
        if qk_norms:
            weights.norm(at + "self_attn.q_norm.weight", head_dim)
            weights.norm(at + "self_attn.k_norm.weight", head_dim)
        weights.norm(at + "post_attention_layernorm.weight", hidden)
        if mlp:
            weights.matrix(at + "mlp.gate_proj.weight", inner, hidden, spread=1.5)
            weights.matrix(at + "mlp.up_proj.weight", inner, hidden, spread=1.5)
            weights.matrix(at + "mlp.down_proj.weight", hidden, inner, spread=out)


def llama(folder, seed, dtype, vocabulary, settings, *, hidden=32, heads=4, kv_heads=2, head_dim=8, inner=64, layers=2,
          tied=False, stored_head=False, shards=1, padding=0, architecture="LlamaForCausalLM", model_type="llama", **layer_options):
    """The body that Llama, Mistral and Qwen share, and its configuration. Returns the weights, which are saved."""
    rows, weights = vocabulary.size + padding, Weights(seed, dtype)
    scale = row_scale(vocabulary, rows)
    weights.matrix("model.embed_tokens.weight", rows, hidden, spread=4.0, row_scale=scale)
    llama_layers(weights, hidden, layers, heads, kv_heads, head_dim, inner, out=6.0 if tied else 1.5, **layer_options)
    weights.norm("model.norm.weight", hidden)
    if not tied:
        weights.matrix("lm_head.weight", rows, hidden, spread=4.0, row_scale=scale)
    elif stored_head:
        weights.tensors["lm_head.weight"] = weights.tensors["model.embed_tokens.weight"]
    save_json(folder, "config.json", {
        "architectures": [architecture], "model_type": model_type, "hidden_act": "silu", "hidden_size": hidden,
        "initializer_range": 0.02, "intermediate_size": inner, "num_attention_heads": heads, "num_hidden_layers": layers,
        "num_key_value_heads": kv_heads, "rms_norm_eps": 1e-05, "tie_word_embeddings": tied, "use_cache": True,
        "vocab_size": rows, "torch_dtype": TORCH[dtype], "max_position_embeddings": 512, "rope_theta": 10000.0, **settings})
    return weights, shards


def save_tokenizer_config(folder, vocabulary, names, chat=None, **more):
    """tokenizer_config.json and special_tokens_map.json. `names`: role -> token."""
    ids = vocabulary.ids()
    special = {**vocabulary.specials, **getattr(vocabulary, "added", {})}
    decoder = {str(ids[t]): {"content": t, "lstrip": False, "normalized": False, "rstrip": t in getattr(vocabulary, "rstrip", ()), "single_word": False,
                             "special": t in special} for t in {**special, **vocabulary.user_defined}}
    value = {"added_tokens_decoder": dict(sorted(decoder.items(), key=lambda row: int(row[0]))), **names,
             "clean_up_tokenization_spaces": False, "model_max_length": 512, **more}
    if chat:
        value["chat_template"] = chat
    save_json(folder, "tokenizer_config.json", value)
    save_json(folder, "special_tokens_map.json", {role: token for role, token in names.items() if token})


def llama3_vocabulary():
    return ByteBpe(["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"], LLAMA3,
                   bos="<|begin_of_text|>", ignore_merges=True)


def llama3(folder, seed, dtype):
    """As Llama 3.2: rope scaling llama3, grouped queries, a head of its own, a list of end tokens, chat_template.jinja."""
    vocabulary = llama3_vocabulary()
    begin, end, eot = (vocabulary.specials[t] for t in ("<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"))
    weights, shards = llama(folder, seed, dtype, vocabulary, {
        "bos_token_id": begin, "eos_token_id": [end, eot], "attention_bias": False, "mlp_bias": False, "head_dim": 8,
        "rope_theta": 10000.0, "rope_scaling": {
            "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64,
            "rope_type": "llama3"}})
    vocabulary.save(folder)
    save_tokenizer_config(folder, vocabulary, {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"},
                          tokenizer_class="PreTrainedTokenizerFast")
    save_text(folder, "chat_template.jinja", LLAMA3_CHAT)
    save_json(folder, "generation_config.json", {"bos_token_id": begin, "do_sample": True, "eos_token_id": [end, eot],
                                                 "temperature": 0.6, "top_p": 0.9, "transformers_version": "4.45.0"})
    weights.save(folder, shards)


def llama_tied(folder, seed, dtype):
    """As SmolLM2: tied embeddings, three shards, digits one by one, a special token in the middle of the vocabulary."""
    vocabulary = ByteBpe(["<|im_start|>", "<|im_end|>"], "digits", middle=["<|endoftext|>"], user_defined=["<think>"])
    weights, _ = llama(folder, seed, dtype, vocabulary, {"bos_token_id": vocabulary.specials["<|im_start|>"],
                                                         "eos_token_id": vocabulary.specials["<|im_end|>"], "pad_token_id": 2},
                       hidden=64, head_dim=16, tied=True, padding=7)
    vocabulary.save(folder)
    save_tokenizer_config(folder, vocabulary, {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "unk_token": "<|endoftext|>"},
                          chat=CHATML, tokenizer_class="GPT2Tokenizer", add_prefix_space=False)
    weights.save(folder, shards=3)


def scaled_llama(rope_settings, stored_head=False):
    """As Llama 2, from tokenizer.json alone, with a way to stretch positions. `stored_head`: tied, and yet stored twice."""
    def build(folder, seed, dtype):
        vocabulary = Sentencepiece(["<unk>", "<s>", "</s>"])
        weights, shards = llama(folder, seed, dtype, vocabulary, {"bos_token_id": 1, "eos_token_id": 2, "rope_theta": 500.0,
                                                                  **rope_settings}, tied=stored_head, stored_head=stored_head)
        vocabulary.save(folder)
        save_tokenizer_config(folder, vocabulary, {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"},
                              tokenizer_class="LlamaTokenizer", add_bos_token=True, add_eos_token=False, legacy=False)
        weights.save(folder, shards)
    return build


def mistral(folder, seed, dtype):
    """As Mistral 7B v0.1: tokenizer.model alone, a sliding window."""
    vocabulary = Sentencepiece(["<unk>", "<s>", "</s>"])
    weights, shards = llama(folder, seed, dtype, vocabulary, {"bos_token_id": 1, "eos_token_id": 2, "sliding_window": 256},
                            architecture="MistralForCausalLM", model_type="mistral")
    vocabulary.save_model(folder)
    save_tokenizer_config(folder, vocabulary, {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"},
                          chat=[{"name": "default", "template": MISTRAL_CHAT}, {"name": "plain", "template": PLAIN}],
                          tokenizer_class="LlamaTokenizer", add_bos_token=True, add_eos_token=False, legacy=True)
    save_json(folder, "generation_config.json", {"bos_token_id": 1, "eos_token_id": 2, "transformers_version": "4.34.0"})
    weights.save(folder, shards)


def mixtral(folder, seed, dtype):
    """As Mixtral 8x7B: four experts, of which two compute."""
    vocabulary = Sentencepiece(["<unk>", "<s>", "</s>"])
    weights, _ = llama(folder, seed, dtype, vocabulary, {
        "bos_token_id": 1, "eos_token_id": 2, "num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": None,
        "output_router_logits": False, "router_aux_loss_coef": 0.02, "rope_theta": 1000000.0},
        architecture="MixtralForCausalLM", model_type="mixtral", mlp=False)
    for layer in range(2):
        at = f"model.layers.{layer}.block_sparse_moe."
        weights.matrix(at + "gate.weight", 4, 32, spread=4.0)
        for expert in range(4):
            for name, rows, columns in [("w1", 64, 32), ("w2", 32, 64), ("w3", 64, 32)]:
                weights.matrix(f"{at}experts.{expert}.{name}.weight", rows, columns, spread=1.5)
    vocabulary.save(folder)
    save_tokenizer_config(folder, vocabulary, {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}, chat=MISTRAL_CHAT,
                          tokenizer_class="LlamaTokenizer", add_bos_token=True, add_eos_token=False, legacy=True)
    weights.save(folder)


def qwen_vocabulary():
    return ByteBpe(["<|endoftext|>", "<|im_start|>", "<|im_end|>"], QWEN2, normalizer={"type": "NFC"}, user_defined=["<tool_call>"])


def save_qwen_tokenizer(folder, vocabulary):
    vocabulary.save(folder)
    save_tokenizer_config(folder, vocabulary, {"bos_token": None, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>",
                                               "unk_token": None}, chat=CHATML, tokenizer_class="Qwen2Tokenizer",
                          add_prefix_space=False, add_bos_token=False, errors="replace", split_special_tokens=False)
    end = [vocabulary.specials["<|im_end|>"], vocabulary.specials["<|endoftext|>"]]
    save_json(folder, "generation_config.json", {
        "bos_token_id": end[1], "do_sample": True, "eos_token_id": end, "pad_token_id": end[1], "repetition_penalty": 1.1,
        "temperature": 0.7, "top_k": 20, "top_p": 0.8, "transformers_version": "4.37.0"})


def qwen2(folder, seed, dtype):
    """As Qwen2.5: biases, tied, a vocabulary smaller than the matrix, sampling defaults."""
    vocabulary = qwen_vocabulary()
    weights, _ = llama(folder, seed, dtype, vocabulary, {
        "bos_token_id": vocabulary.specials["<|endoftext|>"], "eos_token_id": vocabulary.specials["<|im_end|>"],
        "rope_theta": 1000000.0, "rms_norm_eps": 1e-06, "sliding_window": 512, "max_window_layers": 2, "use_sliding_window": False},
        hidden=64, head_dim=16, tied=True, padding=5, biases=True, architecture="Qwen2ForCausalLM", model_type="qwen2")
    save_qwen_tokenizer(folder, vocabulary)
    weights.save(folder)


def qwen3(folder, seed, dtype):
    """As Qwen3: norms of queries and keys, a head size of its own, rope settings as transformers 5 writes them."""
    vocabulary = qwen_vocabulary()
    weights, _ = llama(folder, seed, dtype, vocabulary, {
        "bos_token_id": vocabulary.specials["<|endoftext|>"], "eos_token_id": vocabulary.specials["<|im_end|>"], "head_dim": 16,
        "rms_norm_eps": 1e-06, "attention_bias": False, "rope_parameters": {"rope_theta": 1000000.0, "rope_type": "default"}},
        head_dim=16, tied=True, qk_norms=True, architecture="Qwen3ForCausalLM", model_type="qwen3")
    save_qwen_tokenizer(folder, vocabulary)
    weights.save(folder)


def gemma_vocabulary():
    return Sentencepiece(["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>"], prefix=False,
                         bos="<bos>", user_defined=["\n\n", "\t\t"])


def gemma_weights(seed, dtype, vocabulary, rows, hidden, layers, heads, kv_heads, head_dim, inner, qk_norms):
    weights = Weights(seed, dtype)
    weights.matrix("model.embed_tokens.weight", rows, hidden, spread=2.0, row_scale=row_scale(vocabulary, rows))
    for layer in range(layers):
        at = f"model.layers.{layer}."
        for name in ("input", "post_attention", "pre_feedforward", "post_feedforward"):
            weights.norm(f"{at}{name}_layernorm.weight", hidden, around=2.0 if name.startswith("post") else 0.0)
        for name, rows_ in [("q", heads * head_dim), ("k", kv_heads * head_dim), ("v", kv_heads * head_dim)]:
            weights.matrix(f"{at}self_attn.{name}_proj.weight", rows_, hidden, spread=1.5)
        weights.matrix(at + "self_attn.o_proj.weight", hidden, heads * head_dim, spread=1.5)
        if qk_norms:
            weights.norm(at + "self_attn.q_norm.weight", head_dim, around=0.0)
            weights.norm(at + "self_attn.k_norm.weight", head_dim, around=0.0)
        weights.matrix(at + "mlp.gate_proj.weight", inner, hidden, spread=1.5)
        weights.matrix(at + "mlp.up_proj.weight", inner, hidden, spread=1.5)
        weights.matrix(at + "mlp.down_proj.weight", hidden, inner, spread=1.5)
    weights.norm("model.norm.weight", hidden, around=0.0)
    return weights


def gemma(folder, seed, dtype, architecture, model_type, settings, layers=2, qk_norms=False, also_json=False):
    vocabulary = gemma_vocabulary()
    weights = gemma_weights(seed, dtype, vocabulary, vocabulary.size, 32, layers, 4, 2, 16, 64, qk_norms)
    save_json(folder, "config.json", {
        "architectures": [architecture], "model_type": model_type, "bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0,
        "attention_bias": False, "attention_dropout": 0.0, "head_dim": 16, "hidden_activation": "gelu_pytorch_tanh",
        "hidden_size": 32, "initializer_range": 0.02, "intermediate_size": 64, "max_position_embeddings": 512,
        "num_attention_heads": 4, "num_hidden_layers": layers, "num_key_value_heads": 2, "query_pre_attn_scalar": 16,
        "rms_norm_eps": 1e-06, "sliding_window": 16, "torch_dtype": TORCH[dtype], "use_cache": True,
        "vocab_size": vocabulary.size, **settings})
    vocabulary.save_model(folder)
    if also_json:
        vocabulary.save(folder)
    save_tokenizer_config(folder, vocabulary, {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>"},
                          chat=GEMMA_CHAT, tokenizer_class="GemmaTokenizer", add_bos_token=True, add_eos_token=False,
                          spaces_between_special_tokens=False)
    save_json(folder, "generation_config.json", {"bos_token_id": 2, "do_sample": True, "eos_token_id": [1, 6], "pad_token_id": 0,
                                                 "top_k": 64, "top_p": 0.95})
    weights.save(folder)


def gemma2(folder, seed, dtype):
    """As Gemma 2: soft caps, every second layer with a window, norms that add 1, tokenizer.model alone."""
    gemma(folder, seed, dtype, "Gemma2ForCausalLM", "gemma2", {
        "hidden_act": "gelu_pytorch_tanh", "attn_logit_softcapping": 5.0, "final_logit_softcapping": 10.0, "cache_implementation": "hybrid",
        "rope_theta": 10000.0})


def gemma3(folder, seed, dtype):
    """As Gemma 3, text: norms of queries and keys, a global layer after five with a window, two rope bases."""
    gemma(folder, seed, dtype, "Gemma3ForCausalLM", "gemma3_text", {
        "attn_logit_softcapping": None, "final_logit_softcapping": None, "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0,
        "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "sliding_window_pattern": 6}, layers=6, qk_norms=True, also_json=True)


def phi_layers(weights, hidden, heads, kv_heads, head_dim, inner, out):
    for layer in range(2):
        at = f"model.layers.{layer}."
        weights.norm(at + "input_layernorm.weight", hidden)
        weights.matrix(at + "self_attn.qkv_proj.weight", (heads + 2 * kv_heads) * head_dim, hidden, spread=1.5)
        weights.matrix(at + "self_attn.o_proj.weight", hidden, heads * head_dim, spread=out)
        weights.norm(at + "post_attention_layernorm.weight", hidden)
        weights.matrix(at + "mlp.gate_up_proj.weight", 2 * inner, hidden, spread=1.5)
        weights.matrix(at + "mlp.down_proj.weight", hidden, inner, spread=out)
    weights.norm("model.norm.weight", hidden)


def phi(folder, seed, dtype, vocabulary, settings, *, padding, tied, factors, hidden=64, kv_heads=2):
    rows, weights = vocabulary.size + padding, Weights(seed, dtype)
    scale = row_scale(vocabulary, rows)
    weights.matrix("model.embed_tokens.weight", rows, hidden, spread=4.0, row_scale=scale)
    phi_layers(weights, hidden, 4, kv_heads, hidden // 4, 64, out=6.0 if tied else 1.5)
    if not tied:
        weights.matrix("lm_head.weight", rows, hidden, spread=4.0, row_scale=scale)
    save_json(folder, "config.json", {
        "architectures": ["Phi3ForCausalLM"], "model_type": "phi3", "attention_bias": False, "attention_dropout": 0.0,
        "embd_pdrop": 0.0, "hidden_act": "silu", "hidden_size": hidden, "initializer_range": 0.02, "intermediate_size": 64,
        "max_position_embeddings": 1024, "num_attention_heads": 4, "num_hidden_layers": 2, "num_key_value_heads": kv_heads,
        "original_max_position_embeddings": 256, "resid_pdrop": 0.0, "rms_norm_eps": 1e-05, "rope_theta": 10000.0,
        "rope_scaling": {"long_factor": [1.0 + 0.5 * i for i in range(factors)],
                         "short_factor": [1.0 + 0.0625 * i for i in range(factors)], "type": "longrope"},
        "sliding_window": 512, "tie_word_embeddings": tied, "torch_dtype": TORCH[dtype], "use_cache": True, "vocab_size": rows,
        **settings})
    weights.save(folder)


def phi3(folder, seed, dtype):
    """As Phi-3-mini-128k: fused projections, longrope, SentencePiece with added tokens behind it."""
    vocabulary = Sentencepiece(["<unk>", "<s>", "</s>"], added_tokens=["<|endoftext|>", "<|assistant|>", "<|end|>", "<|user|>", "<|system|>"],
                               add_bos=False, rstrip=["</s>", "<|assistant|>", "<|end|>", "<|user|>", "<|system|>"])
    ids = vocabulary.ids()
    phi(folder, seed, dtype, vocabulary, {"bos_token_id": 1, "eos_token_id": ids["<|endoftext|>"], "pad_token_id": ids["<|endoftext|>"]},
        padding=8, tied=False, factors=8, kv_heads=4)
    vocabulary.save_model(folder)
    vocabulary.save(folder)
    save_json(folder, "added_tokens.json", vocabulary.added)
    save_tokenizer_config(folder, vocabulary, {"bos_token": "<s>", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>",
                                               "unk_token": "<unk>"}, chat=PHI3_CHAT, tokenizer_class="LlamaTokenizer",
                          add_bos_token=False, add_eos_token=False, legacy=False)
    save_json(folder, "generation_config.json", {"bos_token_id": 1, "eos_token_id": [ids["<|endoftext|>"], ids["<|assistant|>"], ids["<|end|>"]],
                                                 "pad_token_id": ids["<|endoftext|>"]})


def phi4_mini(folder, seed, dtype):
    """As Phi-4-mini: three quarters of a head rotate, tied, byte-level BPE by the rules of GPT-4o."""
    vocabulary = ByteBpe(["<|endoftext|>", "<|assistant|>", "<|end|>", "<|user|>", "<|system|>"], GPT4O)
    end = vocabulary.specials["<|endoftext|>"]
    phi(folder, seed, dtype, vocabulary, {"bos_token_id": end, "eos_token_id": end, "pad_token_id": end, "partial_rotary_factor": 0.75},
        padding=3, tied=True, factors=6)
    vocabulary.save(folder)
    save_tokenizer_config(folder, vocabulary, {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>",
                                               "unk_token": "<|endoftext|>"}, chat=PHI3_CHAT.replace("\\n", ""),
                          tokenizer_class="GPT2Tokenizer", add_bos_token=False, add_prefix_space=False)
    save_json(folder, "generation_config.json", {"bos_token_id": end, "eos_token_id": [vocabulary.specials["<|end|>"], end], "pad_token_id": end})


def gpt2(folder, seed, dtype):
    """As openai-community/gpt2: transposed matrices, learned positions, no chat template; vocab.json and merges.txt alone."""
    vocabulary, weights, hidden = ByteBpe(["<|endoftext|>"], None), Weights(seed, dtype), 32
    weights.matrix("wte.weight", vocabulary.size, hidden, spread=3.0, row_scale=row_scale(vocabulary, vocabulary.size))
    weights.matrix("wpe.weight", 96, hidden, spread=3.0)
    for layer in range(2):
        at = f"h.{layer}."
        for name in ("ln_1", "ln_2"):
            weights.norm(f"{at}{name}.weight", hidden)
            weights.bias(f"{at}{name}.bias", hidden)
        weights.add(f"{at}attn.bias", [1, 1, 96, 96], [float(column <= row) for row in range(96) for column in range(96)])
        for name, rows, columns in [("attn.c_attn", hidden, 3 * hidden), ("attn.c_proj", hidden, hidden),
                                    ("mlp.c_fc", hidden, 4 * hidden), ("mlp.c_proj", 4 * hidden, hidden)]:
            spread = 6.0 if name.endswith("c_proj") else 1.5
            weights.matrix(f"{at}{name}.weight", rows, columns, spread=spread * (columns / rows) ** 0.5)
            weights.bias(f"{at}{name}.bias", columns)
    weights.norm("ln_f.weight", hidden)
    weights.bias("ln_f.bias", hidden)
    end = vocabulary.specials["<|endoftext|>"]
    save_json(folder, "config.json", {
        "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1, "bos_token_id": end,
        "embd_pdrop": 0.1, "eos_token_id": end, "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "model_type": "gpt2",
        "n_ctx": 96, "n_embd": hidden, "n_head": 4, "n_layer": 2, "n_positions": 96, "resid_pdrop": 0.1, "vocab_size": vocabulary.size})
    vocabulary.save_vocab_and_merges(folder)
    save_json(folder, "tokenizer_config.json", {"model_max_length": 96, "tokenizer_class": "GPT2Tokenizer"})
    weights.save(folder)


DECODERS = {
    "llama3": (llama3, 2, "F32", {"pre": "llama-bpe"}),
    "llama-tied": (llama_tied, 4, "BF16", {"pre": "smollm"}),
    "llama-linear": (scaled_llama({"rope_scaling": {"type": "linear", "factor": 4.0}}, stored_head=True), 1, "F32"),
    "llama-dynamic": (scaled_llama({"rope_scaling": {"type": "dynamic", "factor": 2.0}}), 1, "F16"),
    "llama-yarn": (scaled_llama({"rope_parameters": {"rope_type": "yarn", "factor": 4.0, "rope_theta": 500.0, "beta_fast": 32.0,
                                                     "beta_slow": 1.0, "original_max_position_embeddings": 128}}), 3, "F32"),
    "mistral": (mistral, 3, "BF16"),
    "mixtral": (mixtral, 1, "F16"),
    "qwen2": (qwen2, 7, "BF16", {"pre": "qwen2"}),
    "qwen3": (qwen3, 3, "F16", {"pre": "qwen2"}),
    "gemma2": (gemma2, 2, "F32"),
    "gemma3": (gemma3, 56, "BF16"),
    # No more tokens than original_max_position_embeddings, so that the short factors hold, as in transformers.
    "phi3": (phi3, 1, "F16", {"flags": ["--context-size", "256"]}),
    "phi4-mini": (phi4_mini, 19, "BF16", {"pre": "gpt-4o", "flags": ["--context-size", "256"]}),
    "gpt2": (gpt2, 2, "F32", {"pre": "gpt-2"}),
}
