// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the folder of a checkpoint, or of an adapter and its base model.
//
// The input is text: a line "--- NAME" begins a file. Of a .safetensors file it is the header. Its length is put before
// it, and as many zeros behind it as it may need: what a header says is the interesting part.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <unordered_set>

#include "fuzzing.hpp"
#include "hub/import/import_adapter.hpp"
#include "hub/import/import_checkpoint.hpp"
#include "hub/import/safetensors.hpp"

namespace {

using namespace abstractllm;
using fuzzing::require;

constexpr std::size_t data_bytes = 1 << 18;
constexpr std::int64_t most_read_bytes = 1 << 22;
constexpr std::array<std::string_view, 22> names = {"config.json",
                                                    "generation_config.json",
                                                    "tokenizer.json",
                                                    "tokenizer_config.json",
                                                    "tokenizer.model",
                                                    "vocab.json",
                                                    "merges.txt",
                                                    "vocab.txt",
                                                    "added_tokens.json",
                                                    "special_tokens_map.json",
                                                    "chat_template.jinja",
                                                    "modules.json",
                                                    "1_Pooling/config.json",
                                                    "preprocessor_config.json",
                                                    "processor_config.json",
                                                    "model.safetensors",
                                                    "model.safetensors.index.json",
                                                    "model-00001-of-00002.safetensors",
                                                    "model-00002-of-00002.safetensors",
                                                    "adapter_config.json",
                                                    "adapter_model.safetensors",
                                                    "config_sentence_transformers.json"};

/// One folder for all inputs of this process.
const std::filesystem::path& folder() {
  static const std::filesystem::path made = [] {
    const auto path = std::filesystem::temp_directory_path() / ("abstractllm-fuzz-" + std::to_string(getpid()));
    std::filesystem::create_directories(path / "1_Pooling");
    return path;
  }();
  return made;
}

void write_file(std::string_view name, std::string_view content) {
  std::ofstream file(folder() / name, std::ios::binary);
  if (name.ends_with(".safetensors")) {
    const std::uint64_t size = content.size();
    file.write(reinterpret_cast<const char*>(&size), sizeof size);
  }
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!name.ends_with(".safetensors")) return;
  static const std::string zeros(data_bytes, '\0');
  // The last offset of the header, if it is a small one: the tensors must cover the data.
  const std::size_t end = content.find_last_of("0123456789");
  if (end == std::string_view::npos) return;
  std::size_t begin = end;
  while (begin > 0 && content[begin - 1] >= '0' && content[begin - 1] <= '9') --begin;
  const std::string digits(content.substr(begin, std::min<std::size_t>(end - begin + 1, 9)));
  file.write(zeros.data(),
             static_cast<std::streamsize>(std::min(data_bytes, static_cast<std::size_t>(std::stoul(digits)))));
}

void write_files(std::string_view input) {
  for (const std::string_view name : names) std::filesystem::remove(folder() / name);
  while (!input.empty()) {
    const std::size_t next = input.find("\n--- ", 1);
    std::string_view part = input.substr(0, next == std::string_view::npos ? input.size() : next);
    input.remove_prefix(next == std::string_view::npos ? input.size() : next + 1);
    const std::size_t line = part.find('\n');
    if (!part.starts_with("--- ") || line == std::string_view::npos) continue;
    const std::string_view name = part.substr(4, line - 4);
    if (std::find(names.begin(), names.end(), name) != names.end()) write_file(name, part.substr(line + 1));
  }
}

void check(const GgufModel& model) {
  std::unordered_set<std::string> seen;
  for (const GgufEntry& entry : model.entries) require(seen.insert(entry.key).second, "keys are unique");
  seen.clear();
  std::int64_t read = 0;
  for (const GgufTensor& tensor : model.tensors) {
    require(seen.insert(tensor.name).second, "tensors are unique");
    require(!tensor.sizes.empty() && tensor.sizes.size() <= 4, "a tensor has 1 to 4 sizes");
    for (const std::int64_t size : tensor.sizes) require(size > 0, "a tensor's sizes are positive");
    const std::int64_t bytes = size_bytes(tensor);
    require(bytes > 0, "a tensor's bytes fit");
    read += bytes;
    if (read > most_read_bytes) continue;
    std::int64_t given = 0;
    const Result<void> done = tensor.read([&given](std::span<const std::byte> piece) {
      given += static_cast<std::int64_t>(piece.size());
      return Result<void>();
    });
    require(!done || given == bytes, "a reader gives all of its tensor");
    require(done || !done.error().message.empty(), "an error says what is wrong");
    require(done || done.error().kind != ErrorKind::internal, "a reader fits its tensor");
  }
}

template <class Value>
void check_error(const Result<Value>& result) {
  if (result) return;
  const ErrorKind kind = result.error().kind;
  require(!result.error().message.empty(), "an error says what is wrong");
  require(kind == ErrorKind::unsupported || kind == ErrorKind::engine_failed || kind == ErrorKind::not_configured,
          "what is wrong with a checkpoint is one of three kinds");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzzing::text_of(data, size);
  check_error(parse_safetensors_header(input, 8 + static_cast<std::int64_t>(size), data_bytes, "x.safetensors"));
  write_files(input);
  const ModelFolder checkpoint(folder());
  const Result<ImportedCheckpoint> imported = import_checkpoint(checkpoint);
  check_error(imported);
  if (imported) {
    check(imported->model);
    if (imported->projector) check(*imported->projector);
    for (const NamedAdapter& adapter : imported->adapters) check(adapter.model);
  }
  if (!is_adapter(checkpoint)) return 0;
  const Result<GgufModel> adapter = import_adapter(checkpoint, checkpoint);
  check_error(adapter);
  if (adapter) check(*adapter);
  return 0;
}
