// SPDX-License-Identifier: Apache-2.0
#include "base/poller.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <new>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "base/process.hpp"

#ifdef __linux__
#include <sys/epoll.h>
#else
#include <poll.h>
#endif

namespace abstractllm {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void keep(int descriptor) {
  if (!keep_from_children(descriptor)) throw std::bad_alloc();
}

/// A pipe whose reading end is ready after wake().
class WakePipe {
 public:
  WakePipe() {
    const ForkHold hold;
    if (pipe(ends_.data()) != 0) fail("no pipe to wake the event loop");
    for (const int end : ends_) {
      fcntl(end, F_SETFL, O_NONBLOCK);
      fcntl(end, F_SETFD, FD_CLOEXEC);
      keep(end);
    }
  }
  ~WakePipe() {
    for (const int end : ends_) close_private(end);
  }
  WakePipe(const WakePipe&) = delete;
  WakePipe& operator=(const WakePipe&) = delete;

  int socket() const { return ends_[0]; }
  void wake() const {
    const char byte = 0;
    // A full pipe already wakes the reader.
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

namespace {

/// An epoll instance, which a forked child does not share.
class Epoll {
 public:
  Epoll() {
    const ForkHold hold;
    descriptor_ = epoll_create1(EPOLL_CLOEXEC);
    if (descriptor_ < 0) fail("no descriptor for the event loop");
    keep(descriptor_);
  }
  ~Epoll() { close_private(descriptor_); }
  Epoll(const Epoll&) = delete;
  Epoll& operator=(const Epoll&) = delete;

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

}  // namespace

class Poller::Impl {
 public:
  Impl() { watch(pipe_.socket(), true, false); }

  void watch(int socket, bool read, bool write) {
    Watched& watched = watched_[socket];
    watched.events = (read ? std::uint32_t{EPOLLIN} : 0U) | (write ? std::uint32_t{EPOLLOUT} : 0U);
    if (watched.serial != 0 && control(EPOLL_CTL_MOD, socket, watched)) return;
    watched.serial = ++serials_;  // a new socket, or another one with the number of a closed one
    control(EPOLL_CTL_ADD, socket, watched);
  }
  // libcurl 7.88 closes a connecting socket before this is called. Then the system has already removed it, unless a
  // child process has a copy.
  void forget(int socket) {
    watched_.erase(socket);
    epoll_ctl(epoll_->descriptor(), EPOLL_CTL_DEL, socket, nullptr);
  }

  std::span<const Ready> wait(std::optional<std::chrono::milliseconds> at_most) {
    ready_.clear();
    const int count =
        epoll_wait(epoll_->descriptor(), events_.data(), static_cast<int>(events_.size()), timeout_of(at_most));
    bool haunted = false;
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events_[static_cast<std::size_t>(i)];
      const int socket = static_cast<int>(event.data.u64 & 0xFFFFFFFFU);
      const auto watched = watched_.find(socket);
      if (watched == watched_.end() || watched->second.serial != event.data.u64 >> 32U) {
        haunted = true;
        continue;
      }
      if (socket == pipe_.socket()) {
        pipe_.drain();
        continue;
      }
      const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
      ready_.push_back({socket, broken || (event.events & EPOLLIN) != 0, (event.events & EPOLLOUT) != 0});
    }
    if (haunted) start_anew();
    return ready_;
  }
  void wake() const { pipe_.wake(); }

 private:
  struct Watched {
    std::uint32_t events = 0;
    std::uint32_t serial = 0;  // distinguishes a socket from a later one with the same number
  };

  bool control(int what, int socket, const Watched& watched) const {
    epoll_event event{};
    event.events = watched.events;
    event.data.u64 = std::uint64_t{watched.serial} << 32U | static_cast<std::uint32_t>(socket);
    return epoll_ctl(epoll_->descriptor(), what, socket, &event) == 0;
  }
  /// A socket that was closed here but is still open in a child process stays ready for ever and cannot be removed.
  /// Only a new instance gets rid of it.
  void start_anew() {
    try {
      epoll_ = std::make_unique<Epoll>();
    } catch (const std::exception&) {
      return;  // no descriptor is left now; the next wait tries again
    }
    for (const auto& [socket, watched] : watched_) control(EPOLL_CTL_ADD, socket, watched);
  }

  WakePipe pipe_;
  std::unique_ptr<Epoll> epoll_ = std::make_unique<Epoll>();
  std::unordered_map<int, Watched> watched_;
  std::uint32_t serials_ = 0;
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
