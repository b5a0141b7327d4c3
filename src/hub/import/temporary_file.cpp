// SPDX-License-Identifier: Apache-2.0
#include "hub/import/temporary_file.hpp"

#include <atomic>
#include <string_view>
#include <system_error>

#include "base/process.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

constexpr const char* temporary_ending = ".tmp";

std::string unique_ending() {
  static std::atomic<int> count = 0;
  return "." + std::to_string(process_id()) + "-" + std::to_string(++count) + temporary_ending;
}

/// Whether the name ends in ".PID-N.tmp".
bool is_temporary_name(std::string_view name) {
  if (!name.ends_with(temporary_ending)) return false;
  name.remove_suffix(std::string_view(temporary_ending).size());
  const std::string_view numbers = name.substr(name.rfind('.') + 1);
  const std::size_t dash = numbers.find('-');
  const auto is_number = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  };
  return dash != numbers.npos && is_number(numbers.substr(0, dash)) && is_number(numbers.substr(dash + 1));
}

}  // namespace

Result<TemporaryFile> TemporaryFile::beside(const fs::path& final_path) {
  for (;;) {
    const fs::path path = final_path.string() + unique_ending();
    auto lock = FileLock::try_take(path);
    if (!lock) {
      Error error = std::move(lock).error();
      error.message = "cannot write '" + final_path.string() + "': " + error.message;
      return error;
    }
    // The name is taken if ids of processes are not unique on this disk.
    if (*lock) return TemporaryFile(final_path, path, **std::move(lock));
  }
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : final_path_(std::move(other.final_path_)),
      path_(std::exchange(other.path_, fs::path())),
      lock_(std::move(other.lock_)) {}

TemporaryFile::~TemporaryFile() {
  std::error_code failure;
  if (!path_.empty()) fs::remove(path_, failure);
}

Result<void> TemporaryFile::keep() {
  std::error_code failure;
  fs::rename(path_, final_path_, failure);
  if (failure)
    return Error(ErrorKind::not_configured, "cannot write '" + final_path_.string() + "': " + failure.message());
  path_.clear();
  return {};
}

void remove_abandoned(const fs::path& folder, const std::string& beginning) {
  std::error_code failure;
  for (fs::directory_iterator at(folder.empty() ? fs::path(".") : folder, failure), end; !failure && at != end;
       at.increment(failure)) {
    const std::string name = at->path().filename().string();
    if (!name.starts_with(beginning) || !is_temporary_name(name)) continue;
    const auto lock = FileLock::try_take(at->path());
    std::error_code refused;
    if (lock && *lock) fs::remove(at->path(), refused);
  }
}

}  // namespace abstractllm
