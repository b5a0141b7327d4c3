// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/model_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

Error not_configured(std::string message) { return {ErrorKind::not_configured, std::move(message)}; }

std::string reason_of(int error_number) { return std::generic_category().message(error_number); }

Error missing(const std::string& model) {
  return not_configured("model file '" + model +
                        "' does not exist: give the path of a .gguf file, or ORG/NAME[:QUANT]" +
                        " of the Hugging Face hub");
}

/// The content of a folder decides the advice in the message.
Error is_folder(const std::string& model) {
  std::string gguf;
  bool has_safetensors = false;
  std::error_code unreadable;  // the same as empty
  for (fs::directory_iterator at(model, unreadable), end; !unreadable && at != end; at.increment(unreadable)) {
    const std::string name = at->path().filename().string();
    has_safetensors = has_safetensors || name.ends_with(".safetensors");
    if (name.ends_with(".gguf") && (gguf.empty() || name < gguf)) gguf = name;
  }
  if (!gguf.empty())
    return not_configured("model '" + model + "' is a folder: give the path of a .gguf file in it, for example '" +
                          (fs::path(model) / gguf).string() + "'");
  std::error_code absent;
  if (fs::exists(fs::path(model) / "adapter_config.json", absent))
    return not_configured("model '" + model + "' is a folder with a LoRA adapter: give its base model as the model, " +
                          "and this folder with --adapter");
  if (has_safetensors)
    return not_configured("model '" + model + "' is a folder of safetensors without config.json, so it cannot be " +
                          "imported: give a folder as save_pretrained() writes it, or the path of a .gguf file");
  return not_configured("model '" + model + "' is a folder without .gguf files: give the path of a .gguf file");
}

Result<void> check_bytes(const std::string& model) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(model.c_str(), "rb"), &std::fclose);
  if (!file) return not_configured("model file '" + model + "' cannot be read: " + reason_of(errno));
  std::array<char, 4> magic{};
  errno = 0;
  const std::size_t count = std::fread(magic.data(), 1, magic.size(), file.get());
  if (count == 0 && std::ferror(file.get()) != 0)
    return not_configured("model file '" + model + "' cannot be read: " + reason_of(errno));
  if (count == 0) return Error{ErrorKind::engine_failed, "model file '" + model + "' is empty: fetch it again"};
  if (model.ends_with(".safetensors"))
    return Error{ErrorKind::engine_failed, "model file '" + model + "' has the format safetensors: give its folder, " +
                                               "which must also have config.json and a tokenizer; it is then imported"};
  if (count < magic.size() || magic != std::array<char, 4>{'G', 'G', 'U', 'F'})
    return Error{ErrorKind::engine_failed,
                 "model file '" + model + "' is not a GGUF file: its first four bytes are not GGUF"};
  return {};
}

}  // namespace

Result<void> check_model_file(const std::string& model) {
  if (model.empty()) return not_configured("no model: give the path of a .gguf file with Options::model or -m");
  std::error_code failure;
  const fs::file_status status = fs::status(model, failure);
  if (status.type() == fs::file_type::not_found) return missing(model);
  if (status.type() == fs::file_type::none)
    return not_configured("model file '" + model + "' cannot be read: " + failure.message());
  if (status.type() == fs::file_type::directory) return is_folder(model);
  if (status.type() != fs::file_type::regular) return not_configured("model '" + model + "' is not a regular file");
  return check_bytes(model);
}

std::vector<std::string> parts_of_model(const std::string& path) {
  std::vector<std::string> parts = {path};
  constexpr std::string_view first = "-00001-of-";
  const std::size_t at = path.rfind(first);
  if (at == std::string::npos) return parts;
  std::array<char, 16> number{};
  for (int part = 2; part < 100'000; ++part) {
    std::snprintf(number.data(), number.size(), "-%05d-of-", part);
    std::string next = path.substr(0, at) + number.data() + path.substr(at + first.size());
    std::error_code failure;
    if (!fs::exists(next, failure)) break;
    parts.push_back(std::move(next));
  }
  return parts;
}

std::int64_t bytes_of_model(const std::string& path) {
  std::int64_t sum = 0;
  for (const std::string& part : parts_of_model(path)) {
    std::error_code missing;
    const auto size = fs::file_size(part, missing);
    if (missing) break;
    sum += static_cast<std::int64_t>(size);
  }
  return sum;
}

}  // namespace abstractllm
