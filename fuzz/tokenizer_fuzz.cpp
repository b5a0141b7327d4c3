// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the files of a tokenizer. The first byte says which file gets the rest; the others are small and valid.
// The result is entries that the engine can load, or an error that says why not.
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <unordered_set>

#include "base/utf8.hpp"
#include "fuzzing.hpp"
#include "hub/import/tokenizer.hpp"

namespace {

using abstractllm::ErrorKind;
using abstractllm::GgufEntry;
using abstractllm::fuzzing::require;

constexpr std::int64_t rows = 600;

/// The files that make sense together; the bytes become the first one.
struct Folder {
  const char* fuzzed;
  std::array<std::pair<const char*, const char*>, 2> others;
};

constexpr const char* bpe =
    R"({"added_tokens": [{"id": 3, "content": "<s>", "special": true}], "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
        "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}})";
constexpr std::array folders = {
    Folder{"tokenizer.json",
           {{{"tokenizer_config.json", R"({"eos_token": "<s>", "cls_token": "<s>", "sep_token": "<s>"})"},
             {nullptr, nullptr}}}},
    Folder{"tokenizer.model", {{{nullptr, nullptr}, {nullptr, nullptr}}}},
    Folder{"tokenizer_config.json", {{{"tokenizer.json", bpe}, {"config.json", R"({"eos_token_id": [1, 2]})"}}}},
    Folder{"merges.txt", {{{"vocab.json", R"({"a": 0, "b": 1, "ab": 2})"}, {nullptr, nullptr}}}},
    Folder{"vocab.txt",
           {{{"tokenizer_config.json", R"({"cls_token": "[CLS]", "sep_token": "[SEP]"})"}, {nullptr, nullptr}}}},
    Folder{"generation_config.json", {{{"tokenizer.json", bpe}, {nullptr, nullptr}}}},
};

void write(const std::filesystem::path& folder, const char* name, std::string_view text) {
  std::ofstream(folder / name, std::ios::binary) << text;
}

/// What the engine asserts: the process ends where this does not hold.
void check(const std::vector<GgufEntry>& entries) {
  std::unordered_set<std::string> keys;
  for (const GgufEntry& entry : entries) {
    require(keys.insert(entry.key).second, "a key is written once");
    if (entry.key == "tokenizer.ggml.tokens") {
      const auto& tokens = std::get<std::vector<std::string>>(entry.value);
      require(tokens.size() == rows, "each row has a token");
      std::unordered_set<std::string> read;
      for (const std::string& token : tokens) read.insert(token.c_str());
      require(read.size() + 1 >= tokens.size(), "the engine can tell tokens apart");
      for (const std::string& token : tokens) require(!abstractllm::find_invalid_utf8(token), "a token is UTF-8");
    }
    const bool is_id = entry.key.size() > 3 && entry.key.substr(entry.key.size() - 3) == "_id";
    if (is_id) require(std::get<std::uint32_t>(entry.value) < rows, "a special token is a row");
  }
  require(keys.count("tokenizer.ggml.model") == 1 && keys.count("tokenizer.ggml.tokens") == 1, "there is a tokenizer");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("tokenizer-fuzz-" + std::to_string(getpid()));
  const Folder& folder = folders[data[0] % folders.size()];
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  write(path, folder.fuzzed, abstractllm::fuzzing::text_of(data + 1, size - 1));
  for (const auto& [name, text] : folder.others) {
    if (name) write(path, name, text);
  }
  const auto entries =
      abstractllm::read_tokenizer(abstractllm::ModelFolder(path), {abstractllm::Json::object(), "gpt2", rows});
  if (entries) {
    check(*entries);
  } else {
    const ErrorKind kind = entries.error().kind;
    require(kind == ErrorKind::unsupported || kind == ErrorKind::engine_failed || kind == ErrorKind::not_configured,
            "an error is about the files");
    require(!entries.error().message.empty(), "an error says what is wrong");
  }
  std::filesystem::remove_all(path);
  return 0;
}
