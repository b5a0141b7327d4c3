// SPDX-License-Identifier: Apache-2.0
#include "transport/curl/handle_pool.hpp"

#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

#include "transport/curl/curl_transfer.hpp"

namespace abstractllm {
namespace {

// Enough for the blocking calls of a program with many threads; more are closed when they are given back.
constexpr std::size_t most_idle_handles = 64;

using Handles = std::pair<CURLM*, CURL*>;

void close(const Handles& handles) {
  curl_easy_cleanup(handles.second);
  curl_multi_cleanup(handles.first);
}

class HandlePool {
 public:
  HandlePool() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  Handles take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        const Handles handles = idle_.back();
        idle_.pop_back();
        return handles;
      }
    }
    const Handles handles{curl_multi_init(), make_easy_handle()};
    // Nothing is bound to one thread or one transfer here: HTTP/2 streams come with asynchronous calls.
    if (handles.first != nullptr) curl_multi_setopt(handles.first, CURLMOPT_MAXCONNECTS, 8L);
    return handles;
  }

  void give_back(const Handles& handles) {
    if (handles.first == nullptr || handles.second == nullptr) return close(handles);
    {
      const std::lock_guard lock(mutex_);
      if (idle_.size() < most_idle_handles) {
        idle_.push_back(handles);
        return;
      }
    }
    close(handles);
  }

 private:
  std::mutex mutex_;
  std::vector<Handles> idle_;
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
