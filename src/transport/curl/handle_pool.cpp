// SPDX-License-Identifier: Apache-2.0
#include "transport/curl/handle_pool.hpp"

#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

#include "base/environment.hpp"

namespace abstractllm {
namespace {

// Enough for the blocking calls of a program with many threads; more are closed when they are given back.
constexpr std::size_t most_idle_handles = 64;

// The caller's deadlines are the ones that count; libcurl's own, of five minutes, must not come before them.
constexpr long connect_milliseconds = 24L * 60 * 60 * 1000;

using Handles = std::pair<CURLM*, CURL*>;

/// What no request changes. Set once: half of what a call costs in libcurl is set-up.
void set_up(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "abstractllm/" ABSTRACTLLM_VERSION_STRING);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_milliseconds);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a name that is being looked up must not hold up a cancel
#endif
  // The curl tool reads these two, libcurl does not.
  auto bundle = environment("CURL_CA_BUNDLE");
  if (!bundle) bundle = environment("SSL_CERT_FILE");
  if (bundle) curl_easy_setopt(easy, CURLOPT_CAINFO, bundle->c_str());
}

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
    const Handles handles{curl_multi_init(), curl_easy_init()};
    // Nothing is bound to one thread or one transfer here: HTTP/2 streams come with asynchronous calls.
    if (handles.first != nullptr) curl_multi_setopt(handles.first, CURLMOPT_MAXCONNECTS, 8L);
    if (handles.second != nullptr) set_up(handles.second);
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
CurlLease::~CurlLease() { pool().give_back({multi_, easy_}); }

}  // namespace abstractllm
