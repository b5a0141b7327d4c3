// SPDX-License-Identifier: Apache-2.0
#include "support/tiny_adapter.hpp"

#include <limits>

#include "support/gguf_file.hpp"

namespace abstractllm::testing_support {

void write_tiny_adapter(const std::filesystem::path& file, const TinyAdapter& adapter) {
  GgufFile made(adapter.seed);
  made.text("general.type", adapter.general_type);
  made.text("general.architecture", adapter.architecture);
  made.text("adapter.type", adapter.adapter_type);
  made.real("adapter.lora.alpha", 4000);  // the weights are small
  if (adapter.is_activated) made.numbers("adapter.alora.invocation_tokens", {1, 2});
  made.random(adapter.tensor + ".lora_a", {adapter.columns, adapter.rank_of_a});
  if (adapter.broken)
    made.constant(adapter.tensor + ".lora_b", adapter.rank_of_b, std::numeric_limits<float>::quiet_NaN());
  else if (adapter.has_b) made.random(adapter.tensor + ".lora_b", {adapter.rank_of_b, adapter.rows});
  made.write(file);
}

}  // namespace abstractllm::testing_support
