// SPDX-License-Identifier: Apache-2.0
#include "transport/curl/handle_pool.hpp"

#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

#include "base/idle_list.hpp"
#include "transport/curl/curl_transfer.hpp"

namespace abstractllm {
namespace {

// Each may have connections, which servers close after a while. More are not needed for threads that call repeatedly,
// because one thread takes the handles that another has just returned.
constexpr std::size_t most_idle_handles = 16;
constexpr std::chrono::seconds longest_idle{60};

using Handles = std::pair<CURLM*, CURL*>;

void close(const Handles& handles) {
  curl_easy_cleanup(handles.second);
  curl_multi_cleanup(handles.first);
}

class HandlePool {
 public:
  HandlePool() { start_libcurl(); }

  Handles take() {
    std::vector<Handles> expired;
    const auto idle = [&] {
      const std::lock_guard lock(mutex_);
      return idle_.take(Clock::system().now(), expired);
    }();
    for (const Handles& old : expired) close(old);
    if (idle) return *idle;
    const Handles handles{curl_multi_init(), make_easy_handle()};
    // Nothing here belongs to one thread or one transfer. HTTP/2 streams are for asynchronous calls.
    if (handles.first != nullptr) curl_multi_setopt(handles.first, CURLMOPT_MAXCONNECTS, 8L);
    return handles;
  }

  /// Handles of the parent. Closing them would end its connections with a TLS shutdown message. Their locks may be held
  /// by threads that do not exist here.
  void abandon(const Handles& handles) {
    const std::lock_guard lock(mutex_);
    abandoned_.push_back(handles);
  }

  void give_back(const Handles& handles) {
    if (handles.first == nullptr || handles.second == nullptr) return close(handles);
    std::vector<Handles> expired;
    {
      const std::lock_guard lock(mutex_);
      idle_.put(handles, Clock::system().now(), expired);
    }
    for (const Handles& old : expired) close(old);
  }

 private:
  std::mutex mutex_;
  IdleList<Handles> idle_{most_idle_handles, longest_idle};
  std::vector<Handles> abandoned_;  // kept only to distinguish them from leaks
};

// A forked child makes its own pool, because two processes on one connection would get each other's answers.
constinit PerProcess<HandlePool> pool;

}  // namespace

CurlLease::CurlLease() { std::tie(multi_, easy_) = pool.get().take(); }
CurlLease::~CurlLease() { give_back(); }

void CurlLease::give_back() {
  const Handles handles{std::exchange(multi_, nullptr), std::exchange(easy_, nullptr)};
  if (handles.first == nullptr && handles.second == nullptr) return;
  if (is_inherited()) pool.get().abandon(handles);
  else pool.get().give_back(handles);
}

}  // namespace abstractllm
