// SPDX-License-Identifier: Apache-2.0
// Reads the tokenizer of a checkpoint's folder as an import does, gives it to the engine, and lets the engine tokenise.
// Usage: tokenize_lines FOLDER ARCHITECTURE ROWS [--entries]
// Standard input has a JSON array per line, [text, whether to add special tokens, whether to find special tokens];
// standard output gets a JSON array of ids for each. With --entries it gets the entries instead, and the ids that end a
// generation. Exit code 1: the tokenizer was refused, and standard error has the error as JSON.
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <variant>

#include "gguf.h"
#include "hub/import/tokenizer.hpp"
#include "llama.h"

namespace {

using abstractllm::GgufEntry;
using abstractllm::Json;

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

using File = std::unique_ptr<gguf_context, decltype(&gguf_free)>;

template <class Number>
void set_numbers(gguf_context* file, const char* key, gguf_type type, const std::vector<Number>& values) {
  gguf_set_arr_data(file, key, type, values.data(), values.size());
}

void set(gguf_context* file, const GgufEntry& entry) {
  const char* key = entry.key.c_str();
  std::visit(Overloaded{
                 [&](const std::string& value) { gguf_set_val_str(file, key, value.c_str()); },
                 [&](std::uint32_t value) { gguf_set_val_u32(file, key, value); },
                 [&](std::int32_t value) { gguf_set_val_i32(file, key, value); },
                 [&](std::uint64_t value) { gguf_set_val_u64(file, key, value); },
                 [&](float value) { gguf_set_val_f32(file, key, value); },
                 [&](bool value) { gguf_set_val_bool(file, key, value); },
                 [&](const std::vector<std::string>& values) {
                   std::vector<const char*> pointers;
                   for (const std::string& value : values) pointers.push_back(value.c_str());
                   gguf_set_arr_str(file, key, pointers.data(), pointers.size());
                 },
                 [&](const std::vector<std::int32_t>& values) { set_numbers(file, key, GGUF_TYPE_INT32, values); },
                 [&](const std::vector<std::uint32_t>& values) { set_numbers(file, key, GGUF_TYPE_UINT32, values); },
                 [&](const std::vector<float>& values) { set_numbers(file, key, GGUF_TYPE_FLOAT32, values); },
                 [&](const std::vector<std::uint8_t>& values) { set_numbers(file, key, GGUF_TYPE_UINT8, values); },
                 [&](const std::vector<bool>&) { std::abort(); },
             },
             entry.value);
}

using Model = std::unique_ptr<llama_model, decltype(&llama_model_free)>;

Model load(const std::vector<GgufEntry>& entries, const std::string& architecture) {
  const File file(gguf_init_empty(), &gguf_free);
  gguf_set_val_str(file.get(), "general.architecture", architecture.c_str());
  for (const GgufEntry& entry : entries) set(file.get(), entry);
  std::FILE* opened = std::tmpfile();
  if (!opened) std::abort();
  const std::string path = "/proc/self/fd/" + std::to_string(fileno(opened));
  gguf_write_to_file(file.get(), path.c_str(), true);
  llama_model_params parameters = llama_model_default_params();
  parameters.vocab_only = true;
  Model model(llama_model_load_from_file(path.c_str(), parameters), &llama_model_free);
  std::fclose(opened);
  return model;
}

Json tokenise(const llama_vocab* vocabulary, const Json& line) {
  const std::string text = line.at(0).get<std::string>();
  std::vector<llama_token> ids(text.size() + 8);
  const auto count =
      llama_tokenize(vocabulary, text.data(), static_cast<std::int32_t>(text.size()), ids.data(),
                     static_cast<std::int32_t>(ids.size()), line.at(1).get<bool>(), line.at(2).get<bool>());
  if (count < 0) std::abort();
  ids.resize(static_cast<std::size_t>(count));
  return ids;
}

Json entries_as_json(const std::vector<GgufEntry>& entries, const llama_vocab* vocabulary) {
  Json all = Json::object();
  for (const GgufEntry& entry : entries)
    std::visit([&](const auto& value) { all["entries"][entry.key] = value; }, entry.value);
  all["ends"] = Json::array();
  for (llama_token id = 0; id < llama_vocab_n_tokens(vocabulary); ++id)
    if (llama_vocab_is_eog(vocabulary, id)) all["ends"].push_back(id);
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return std::cerr << "usage: tokenize_lines FOLDER ARCHITECTURE ROWS [--entries]\n", 2;
  const abstractllm::ModelFolder folder(argv[1]);
  const abstractllm::TokenizerContext context{Json::object(), argv[2], std::stoll(argv[3])};
  const auto entries = abstractllm::read_tokenizer(folder, context);
  if (!entries) return std::cerr << abstractllm::to_json(entries.error()) << "\n", 1;
  llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
  const Model model = load(*entries, argv[2]);
  if (!model) return std::cerr << "the engine does not load the vocabulary\n", 3;
  const llama_vocab* vocabulary = llama_model_get_vocab(model.get());
  if (argc > 4) return std::cout << abstractllm::dump_json(entries_as_json(*entries, vocabulary)) << "\n", 0;
  for (std::string line; std::getline(std::cin, line);)
    std::cout << tokenise(vocabulary, Json::parse(line)).dump() << "\n";
}
