// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "transport/curl/curl_loop.hpp"
#include "transport/curl/curl_transfer.hpp"
#include "transport/curl/handle_pool.hpp"

namespace abstractllm {

/// One request: on a leased handle, driven by whoever reads, without a thread of its own; or, after notify(), among the
/// others of the event loop. Starts with the first poll() or with notify(). Dropping it closes the connection unless
/// the answer is whole.
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
  CurlLease lease_;  // given back where the event loop takes over
  std::unique_ptr<CurlLoop::Place> place_;
  bool failed_to_start_ = false;
  bool started_ = false;
  bool may_have_more_ = true;  // at the start and after each wait
};

}  // namespace abstractllm
