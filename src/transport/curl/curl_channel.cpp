// SPDX-License-Identifier: Apache-2.0
#include "transport/curl/curl_channel.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/clock.hpp"

namespace abstractllm {

CurlChannel::~CurlChannel() {
  if (started_ && !lease_.is_inherited()) curl_multi_remove_handle(lease_.multi(), lease_.easy());
}

Result<void> CurlChannel::start() {
  started_ = true;
  if (lease_.multi() == nullptr || lease_.easy() == nullptr)
    return Error(ErrorKind::internal, "libcurl gives no handle");
  if (Result<void> prepared = transfer_.set_up(lease_.easy()); !prepared) return prepared;
  if (curl_multi_add_handle(lease_.multi(), lease_.easy()) != CURLM_OK)
    return Error(ErrorKind::internal, "libcurl takes no further transfer");
  return {};
}

std::optional<IoResult> CurlChannel::poll() {
  if (admission_) return admission_->poll();
  if (!started_) {
    if (Result<void> begun = start(); !begun) {
      failed_to_start_ = true;
      return std::move(begun).error();
    }
  }
  if (failed_to_start_) return std::nullopt;
  if (auto came = transfer_.take()) return came;
  // libcurl has read everything, unless it was paused. Asking the socket again would cost one system call per event.
  if (!transfer_.is_paused() && !std::exchange(may_have_more_, false)) return std::nullopt;
  perform();
  return transfer_.take();
}

void CurlChannel::perform() {
  if (transfer_.is_ended()) return;
  if (transfer_.is_paused()) {
    transfer_.unpause(lease_.easy());
    may_have_more_ = true;
    return;
  }
  int running = 0;
  curl_multi_perform(lease_.multi(), &running);
  if (running > 0) return;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(lease_.multi(), &left))
    if (message->msg == CURLMSG_DONE) transfer_.end(message->data.result);
}

void CurlChannel::wait(std::chrono::steady_clock::time_point deadline) {
  using std::chrono::milliseconds;
  constexpr std::int64_t longest = 60'000;  // libcurl needs to check its connection regularly
  const auto left = std::chrono::ceil<milliseconds>(deadline - std::min(deadline, Clock::system().now()));
  curl_multi_poll(lease_.multi(), nullptr, 0, static_cast<int>(std::min<std::int64_t>(left.count(), longest)), nullptr);
  may_have_more_ = true;
}

void CurlChannel::wake() {
  if (!lease_.is_inherited()) curl_multi_wakeup(lease_.multi());
}

bool CurlChannel::notify(std::function<void()> ready) {
  lease_.give_back();
  transfer_.on_collected = std::move(ready);
  admission_ = CurlLoop::shared().admit(transfer_, settings_.max_connections_per_host);
  return true;
}

}  // namespace abstractllm
