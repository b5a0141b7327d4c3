// SPDX-License-Identifier: Apache-2.0
#include "reader_watch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace abstractllm::cli {
namespace {

bool has_reader(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

}  // namespace

ReaderWatch::ReaderWatch(int descriptor, std::function<void()> on_gone) {
  if (!has_reader(descriptor) || pipe2(wake_, O_CLOEXEC) != 0) return;
  thread_ = std::thread([this, descriptor, on_gone = std::move(on_gone)] { watch(descriptor, on_gone); });
}

ReaderWatch::~ReaderWatch() {
  if (wake_[1] >= 0) close(wake_[1]);
  if (thread_.joinable()) thread_.join();
  if (wake_[0] >= 0) close(wake_[0]);
}

void ReaderWatch::watch(int descriptor, const std::function<void()>& on_gone) {
  // Without events poll() reports errors alone. The end of the other pipe says that nobody waits for this any more.
  std::array<pollfd, 2> waits = {pollfd{descriptor, 0, 0}, pollfd{wake_[0], 0, 0}};
  while (poll(waits.data(), waits.size(), -1) < 0)
    if (errno != EINTR && errno != EAGAIN) return;
  if ((waits[0].revents & (POLLERR | POLLHUP)) == 0) return;
  gone_ = true;
  on_gone();
}

}  // namespace abstractllm::cli
