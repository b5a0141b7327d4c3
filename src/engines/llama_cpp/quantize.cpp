// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <exception>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string_view>
#include <system_error>

#include "base/disk_file.hpp"
#include "engines/llama_cpp/backends.hpp"
#include "engines/llama_cpp/engine_log.hpp"
#include "engines/llama_cpp/gguf_writer.hpp"
#include "engines/llama_cpp/model_metadata.hpp"
#include "gguf.h"
#include "llama.h"

namespace abstractllm {
namespace {

struct QuantisationRow {
  const char* name;
  llama_ftype type;
  double bits_per_value;
};

constexpr QuantisationRow quantisation_rows[] = {
#define QUANTISATION(name, type, bits) {name, type, bits},
#include "engines/llama_cpp/quantisations.def"
#undef QUANTISATION
};

constexpr std::size_t most_buffer_bytes = std::size_t{512} << 20;

/// Thrown out of the engine's quantiser between two tensors. It is not a std::exception, which the engine would catch.
struct QuantizingStopped {};

/// Follows the quantiser by the line that it logs before each tensor: "[  12/ 291] blk.1.attn_q.weight …".
class Follower {
 public:
  Follower(const GgufWatch& watch, std::int64_t total_bytes) : watch_(watch), total_bytes_(total_bytes) {}

  void take(std::string_view text) const {
    if (!text.starts_with('[')) return;
    if (watch_.stop.stop_requested()) throw QuantizingStopped();
    const std::int64_t number = number_after(text, 1);
    const std::size_t slash = text.find('/');
    const std::int64_t all = slash == text.npos ? 0 : number_after(text, slash + 1);
    if (all > 0 && number > 0 && watch_.on_bytes) watch_.on_bytes(total_bytes_ * (number - 1) / all, total_bytes_);
  }

 private:
  static std::int64_t number_after(std::string_view text, std::size_t at) {
    while (at < text.size() && text[at] == ' ') ++at;
    std::int64_t value = 0;
    std::from_chars(text.data() + at, text.data() + text.size(), value);
    return value;
  }

  const GgufWatch& watch_;
  std::int64_t total_bytes_;
};

/// The engine does not notice every failed write.
bool is_whole(const std::string& path) {
  const std::unique_ptr<gguf_context, decltype(&gguf_free)> file(
      gguf_init_from_file(path.c_str(), {/*no_alloc=*/true, /*ctx=*/nullptr}), &gguf_free);
  if (!file) return false;
  auto end = static_cast<std::int64_t>(gguf_get_data_offset(file.get()));
  const std::int64_t count = gguf_get_n_tensors(file.get());
  if (count > 0)
    end += static_cast<std::int64_t>(gguf_get_tensor_offset(file.get(), count - 1) +
                                     gguf_get_tensor_size(file.get(), count - 1));
  return bytes_of_file(path) >= end;
}

Error not_written(const std::string& path, const std::string& reason) {
  std::error_code failure;
  const auto space = std::filesystem::space(std::filesystem::path(path).parent_path(), failure);
  std::string message = "cannot write '" + path + "': " + reason;
  if (!failure) message += "; the disk has " + std::to_string(space.available / 1'000'000) + " MB left";
  return {ErrorKind::not_configured, message};
}

Result<void> run_quantiser(const std::string& from, const std::string& to, const llama_model_quantize_params& params,
                           const GgufWatch& watch) {
  const Follower follower(watch, bytes_of_file(from));
  EngineLogCapture capture([&](std::string_view text) { follower.take(text); });
  try {
    if (llama_model_quantize(from.c_str(), to.c_str(), &params) == 0) {
      if (is_whole(to)) return {};
      return not_written(to, "the file is not complete");
    }
  } catch (const QuantizingStopped&) {
    return Error(ErrorKind::cancelled, "the import was stopped");
  } catch (const std::exception& failure) {
    return Error(ErrorKind::engine_failed, "cannot quantise '" + from + "': " + failure.what());
  }
  const std::string reason = capture.first_error();
  // The text of std::ios_base::failure.
  if (reason.find("iostream") != reason.npos || reason.find("basic_ios") != reason.npos)
    return not_written(to, "the system refused to write");
  return Error(ErrorKind::engine_failed, "cannot quantise '" + from + "': " + reason);
}

Result<void> sync_file(const std::string& path) {
  auto file = DiskFile::open(path);
  if (!file) return std::move(file).error();
  return file->sync();
}

}  // namespace

std::vector<Quantisation> gguf_quantisations() {
  std::vector<Quantisation> made;
  for (const QuantisationRow& row : quantisation_rows) made.push_back({row.name, row.bits_per_value});
  return made;
}

Result<void> quantize_gguf(const std::string& from, const std::string& to, const Quantisation& type,
                           const GgufWatch& watch) {
  const QuantisationRow* row = nullptr;
  for (const QuantisationRow& each : quantisation_rows)
    if (type.name == each.name) row = &each;
  if (row == nullptr) return Error(ErrorKind::invalid_argument, "there is no quantisation '" + type.name + "'");
  if (auto checked = check_model_metadata(from); !checked) return checked;
  start_backends();
  llama_model_quantize_params params = llama_model_quantize_default_params();
  params.ftype = row->type;
  params.max_buf_size = most_buffer_bytes;
  auto done = run_quantiser(from, to, params, watch);
  if (done) done = sync_file(to);
  std::error_code failure;
  if (!done) std::filesystem::remove(to, failure);
  return done;
}

}  // namespace abstractllm
