// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "abstractllm/transport.hpp"
#include "transport/curl/curl_transport.hpp"
#include "transport/curl/handle_pool.hpp"

namespace abstractllm {

/// One request on a leased handle, driven by whoever reads: no thread of its own. Dropping it closes the connection
/// unless the answer is whole.
class CurlChannel final : public Channel {
 public:
  CurlChannel(std::shared_ptr<const HttpRequest> request, TlsCheck tls);
  ~CurlChannel() override;

  /// Sets the request up. Errors: not_configured, invalid_argument; internal where memory is out.
  Result<void> start();

  std::optional<IoResult> poll() override;
  void wait(std::chrono::steady_clock::time_point deadline) override;
  void wake() override;

 private:
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static int on_connected(void* self, char*, char*, int, int);

  std::optional<IoResult> take();
  void perform();
  bool take_header_line(std::string_view line);
  Error failure(CURLcode code) const;

  std::shared_ptr<const HttpRequest> request_;
  TlsCheck tls_;
  CurlLease lease_;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> detail_{};

  bool connected_ = false;      // to be reported
  bool head_complete_ = false;  // to be reported
  bool head_reported_ = false;
  HttpHead head_;
  std::size_t header_bytes_ = 0;
  std::string arriving_;
  bool paused_ = false;        // until arriving_ has been given
  bool may_have_more_ = true;  // at the start and after each wait
  std::string given_;
  std::optional<CURLcode> ended_;
  bool finished_ = false;  // the end was reported
};

}  // namespace abstractllm
