// SPDX-License-Identifier: Apache-2.0
#include "hub/import/import_lock.hpp"

#include <chrono>
#include <system_error>

namespace abstractllm {
namespace {

constexpr std::chrono::milliseconds between_tries{100};

Error cannot_use_folder(Error error) {
  error.message += "; XDG_CACHE_HOME names another cache folder, and `abstractllm import` with -o writes anywhere";
  return error;
}

}  // namespace

Error import_stopped() { return {ErrorKind::cancelled, "the import was stopped"}; }

Result<FileLock> lock_of_import(const ImportPlace& place, const std::stop_token& stop, Clock& clock,
                                const std::function<void()>& on_waiting) {
  const std::filesystem::path path = place.lock();
  for (const std::filesystem::path& folder : {place.folder, path.parent_path()}) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure)
      return cannot_use_folder(
          {ErrorKind::not_configured, "cannot make the folder '" + folder.string() + "': " + failure.message()});
  }
  for (;;) {
    auto lock = FileLock::try_take(path);
    if (!lock) return cannot_use_folder(std::move(lock).error());
    if (*lock) return **std::move(lock);
    if (stop.stop_requested()) return import_stopped();
    on_waiting();
    clock.sleep_until(clock.now() + between_tries, stop);
  }
}

}  // namespace abstractllm
