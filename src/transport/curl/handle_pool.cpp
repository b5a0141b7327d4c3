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

// Each may hold connections, which servers close after a while. Threads that call again and again need no more: one
// takes what another has just given back.
constexpr std::size_t most_idle_handles = 16;
constexpr std::chrono::seconds longest_idle{60};

using Handles = std::pair<CURLM*, CURL*>;

void close(const Handles& handles) {
  curl_easy_cleanup(handles.second);
  curl_multi_cleanup(handles.first);
}

class HandlePool {
 public:
  HandlePool() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  Handles take() {
    std::vector<Handles> expired;
    const auto idle = [&] {
      const std::lock_guard lock(mutex_);
      return idle_.take(Clock::system().now(), expired);
    }();
    for (const Handles& old : expired) close(old);
    if (idle) return *idle;
    const Handles handles{curl_multi_init(), make_easy_handle()};
    // Nothing is bound to one thread or one transfer here: HTTP/2 streams come with asynchronous calls.
    if (handles.first != nullptr) curl_multi_setopt(handles.first, CURLMOPT_MAXCONNECTS, 8L);
    return handles;
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
};

HandlePool& pool() {
  // Never destroyed: a program may exit while a thread of its own is still in a call.
  static HandlePool& instance = *new HandlePool;
  return instance;
}

}  // namespace

CurlLease::CurlLease() { std::tie(multi_, easy_) = pool().take(); }
CurlLease::~CurlLease() { give_back(); }

void CurlLease::give_back() {
  if (multi_ != nullptr || easy_ != nullptr)
    pool().give_back({std::exchange(multi_, nullptr), std::exchange(easy_, nullptr)});
}

}  // namespace abstractllm
