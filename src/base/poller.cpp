// SPDX-License-Identifier: Apache-2.0
#include "base/poller.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#ifdef __linux__
#include <sys/epoll.h>
#else
#include <poll.h>
#endif

namespace abstractllm {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

/// A pipe whose reading end is ready after wake().
class WakePipe {
 public:
  WakePipe() {
    if (pipe(ends_.data()) != 0) fail("no pipe to wake the event loop");
    for (const int end : ends_) {
      fcntl(end, F_SETFL, O_NONBLOCK);
      fcntl(end, F_SETFD, FD_CLOEXEC);
    }
  }
  ~WakePipe() {
    for (const int end : ends_) close(end);
  }
  WakePipe(const WakePipe&) = delete;
  WakePipe& operator=(const WakePipe&) = delete;

  int socket() const { return ends_[0]; }
  void wake() const {
    const char byte = 0;
    // A full pipe wakes as well as one more byte in it.
    [[maybe_unused]] const ssize_t written = write(ends_[1], &byte, 1);
  }
  void drain() const {
    std::array<char, 64> bytes{};
    while (read(ends_[0], bytes.data(), bytes.size()) > 0) {
    }
  }

 private:
  std::array<int, 2> ends_{};
};

int timeout_of(std::optional<std::chrono::milliseconds> at_most) {
  constexpr std::chrono::milliseconds longest = std::chrono::hours(1);
  return at_most ? static_cast<int>(std::clamp(*at_most, std::chrono::milliseconds(0), longest).count()) : -1;
}

}  // namespace

#ifdef __linux__

class Poller::Impl {
 public:
  Impl() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) fail("no descriptor for the event loop");
    watch(pipe_.socket(), true, false);
  }
  ~Impl() { close(epoll_); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void watch(int socket, bool read, bool write) const {
    epoll_event event{};
    event.events =
        (read ? static_cast<std::uint32_t>(EPOLLIN) : 0U) | (write ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
    event.data.fd = socket;
    if (epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event) != 0) epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
  }
  // A socket that connects when its transfer ends is closed by libcurl 7.88 before this is called, without a word: then
  // the system has forgotten it already, and whoever has its number now is not watched here.
  void forget(int socket) const { epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr); }

  std::span<const Ready> wait(std::optional<std::chrono::milliseconds> at_most) {
    ready_.clear();
    const int count = epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), timeout_of(at_most));
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events_[static_cast<std::size_t>(i)];
      if (event.data.fd == pipe_.socket()) {
        pipe_.drain();
        continue;
      }
      const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
      ready_.push_back({event.data.fd, broken || (event.events & EPOLLIN) != 0, (event.events & EPOLLOUT) != 0});
    }
    return ready_;
  }
  void wake() const { pipe_.wake(); }

 private:
  WakePipe pipe_;
  int epoll_;
  std::array<epoll_event, 256> events_{};
  std::vector<Ready> ready_;
};

#else

class Poller::Impl {
 public:
  Impl() { watch(pipe_.socket(), true, false); }

  void watch(int socket, bool read, bool write) {
    const auto events = static_cast<short>((read ? POLLIN : 0) | (write ? POLLOUT : 0));
    const auto known = find(socket);
    if (known == sockets_.end()) sockets_.push_back({socket, events, 0});
    else known->events = events;
  }
  void forget(int socket) {
    if (const auto known = find(socket); known != sockets_.end()) sockets_.erase(known);
  }

  std::span<const Ready> wait(std::optional<std::chrono::milliseconds> at_most) {
    ready_.clear();
    if (poll(sockets_.data(), static_cast<nfds_t>(sockets_.size()), timeout_of(at_most)) <= 0) return ready_;
    for (const pollfd& each : sockets_) {
      if (each.revents == 0) continue;
      if (each.fd == pipe_.socket()) {
        pipe_.drain();
        continue;
      }
      const bool broken = (each.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
      ready_.push_back({each.fd, broken || (each.revents & POLLIN) != 0, (each.revents & POLLOUT) != 0});
    }
    return ready_;
  }
  void wake() const { pipe_.wake(); }

 private:
  std::vector<pollfd>::iterator find(int socket) {
    return std::find_if(sockets_.begin(), sockets_.end(), [&](const pollfd& each) { return each.fd == socket; });
  }

  WakePipe pipe_;
  std::vector<pollfd> sockets_;
  std::vector<Ready> ready_;
};

#endif

Poller::Poller() : impl_(std::make_unique<Impl>()) {}
Poller::~Poller() = default;
void Poller::watch(int socket, bool read, bool write) { impl_->watch(socket, read, write); }
void Poller::forget(int socket) { impl_->forget(socket); }
std::span<const Poller::Ready> Poller::wait(std::optional<std::chrono::milliseconds> at_most) {
  return impl_->wait(at_most);
}
void Poller::wake() { impl_->wake(); }

}  // namespace abstractllm
