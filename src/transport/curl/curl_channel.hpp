// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "transport/curl/curl_loop.hpp"
#include "transport/curl/curl_transfer.hpp"
#include "transport/curl/handle_pool.hpp"

namespace abstractllm {

/// One request. It runs on a leased handle and on the reader's thread, without a thread of its own; after notify() it
/// runs on the event loop with the others. It starts with the first poll() or with notify(). Dropping it closes the
/// connection unless the answer is complete.
class CurlChannel final : public Channel {
 public:
  CurlChannel(std::shared_ptr<const HttpRequest> request, const CurlSettings& settings)
      : settings_(settings), transfer_(std::move(request), settings) {}
  ~CurlChannel() override;

  std::optional<IoResult> poll() override;
  void wait(std::chrono::steady_clock::time_point deadline) override;
  void wake() override;
  bool notify(std::function<void()> ready) override;

 private:
  Result<void> start();
  void perform();

  CurlSettings settings_;
  CurlTransfer transfer_;
  CurlLease lease_;  // returned if the event loop takes over
  std::unique_ptr<CurlLoop::Admission> admission_;
  bool failed_to_start_ = false;
  bool started_ = false;
  bool may_have_more_ = true;  // true at the start and after each wait
};

}  // namespace abstractllm
