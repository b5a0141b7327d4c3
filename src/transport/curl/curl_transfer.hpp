// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "abstractllm/transport.hpp"
#include "transport/curl/curl_transport.hpp"

namespace abstractllm {

/// One request on an easy handle and the part of the answer that has arrived. It does not matter who runs the handle.
class CurlTransfer {
 public:
  CurlTransfer(std::shared_ptr<const HttpRequest> request, const CurlSettings& settings)
      : request_(std::move(request)), settings_(settings) {}
  ~CurlTransfer() { curl_slist_free_all(headers_); }
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  /// Prepares the request on a handle from set_up_easy_handle(). Errors: invalid_argument.
  Result<void> set_up(CURL* easy);

  /// The next collected report, in the order connected, head, body, end.
  std::optional<IoResult> take();
  /// Call it when libcurl reports the end of the transfer.
  void end(CURLcode code);
  bool is_ended() const { return ended_.has_value(); }

  /// Whether the limit of unread bytes is reached. Then the transfer is paused until unpause().
  bool is_paused() const { return paused_; }
  /// Continues the transfer after everything was taken. It may collect bytes at once.
  void unpause(CURL* easy);

  /// Called from within libcurl when something is collected.
  std::function<void()> on_collected;

  const HttpRequest& request() const { return *request_; }

 private:
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static int on_connected(void* self, char*, char*, int, int);

  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

  Result<void> set_headers(CURL* easy);
  void set_reach(CURL* easy);
  bool take_header_line(std::string_view line);
  void announce() const;
  std::size_t unread_bytes() const { return arriving_.size() + given_.size() - given_bytes_; }
  Error failure(CURLcode code) const;
  template <class Function>
  bool attempt(Function&& function) noexcept;

  std::shared_ptr<const HttpRequest> request_;
  CurlSettings settings_;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> detail_{};

  std::string refused_address_;
  std::string thrown_;          // by a callback within libcurl
  bool connected_ = false;      // must be reported
  bool head_complete_ = false;  // must be reported
  bool head_reported_ = false;
  HttpHead head_;
  std::size_t header_bytes_ = 0;
  std::string arriving_;
  std::string given_;
  std::size_t given_bytes_ = 0;  // bytes of given_ so far
  bool paused_ = false;
  bool unpausing_ = false;
  std::optional<CURLcode> ended_;
  bool finished_ = false;  // the end was reported
};

/// Initialises libcurl. Call it before any other function of libcurl, any number of times.
void start_libcurl();

/// A handle with all settings that no request changes. Null if memory is exhausted.
CURL* make_easy_handle();

}  // namespace abstractllm
