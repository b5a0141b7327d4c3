// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hub/import/architecture.hpp"

/// Each file has a namespace of its own, because many files are compiled as one and their tables have the same names.
namespace abstractllm {

namespace bert_import {
extern const Architecture bert;
extern const Architecture roberta;
extern const Architecture bert_classifier;
extern const Architecture roberta_classifier;
}  // namespace bert_import

namespace gemma_import {
extern const Architecture gemma;
extern const Architecture gemma2;
extern const Architecture gemma3;
}  // namespace gemma_import

namespace gpt2_import {
extern const Architecture gpt2;
}  // namespace gpt2_import

namespace llama_import {
extern const Architecture llama;
extern const Architecture mixtral;
}  // namespace llama_import

namespace phi3_import {
extern const Architecture phi3;
}  // namespace phi3_import

namespace phi4mm_import {
extern const Architecture phi4mm;
}  // namespace phi4mm_import

namespace qwen_import {
extern const Architecture qwen2;
extern const Architecture qwen3;
}  // namespace qwen_import

}  // namespace abstractllm
