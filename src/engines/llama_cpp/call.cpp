// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/call.hpp"

namespace abstractllm {

void Call::warn(Warning warning) {
  std::lock_guard lock(mutex_);
  if (closed()) return;
  warnings_.push_back(std::move(warning));
  announce();
}

void Call::open(int status, std::string_view content_type) {
  HttpHead head;
  head.status = status;
  head.headers.emplace_back("content-type", std::string(content_type));
  std::lock_guard lock(mutex_);
  if (closed()) return;
  head_ = std::move(head);
  announce();
}

void Call::append(std::string_view bytes) {
  std::lock_guard lock(mutex_);
  if (closed()) return;
  arriving_.append(bytes);
  announce();
}

void Call::end() {
  std::lock_guard lock(mutex_);
  if (closed()) return;
  ended_ = true;
  announce();
}

void Call::fail(Error error) {
  std::lock_guard lock(mutex_);
  if (closed()) return;
  error_ = std::move(error);
  announce();
}

bool Call::abandoned() const {
  std::lock_guard lock(mutex_);
  return abandoned_;
}

std::optional<IoResult> Call::poll() {
  std::lock_guard lock(mutex_);
  given_.clear();
  if (!warnings_.empty()) {
    IoResult warning = std::move(warnings_.front());
    warnings_.pop_front();
    return warning;
  }
  if (head_) {
    IoResult head = std::move(*head_);
    head_.reset();
    return head;
  }
  if (!arriving_.empty()) {
    given_.swap(arriving_);
    return BodyBytes{given_};
  }
  if (finished_ || !(ended_ || error_)) return std::nullopt;
  finished_ = true;
  if (error_) return std::move(*error_);
  return BodyEnd{};
}

void Call::wait(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [this] { return woken_ || readable(); });
  woken_ = false;
}

void Call::wake() {
  std::lock_guard lock(mutex_);
  woken_ = true;
  announce();
}

void Call::notify(std::function<void()> ready) {
  std::lock_guard lock(mutex_);
  ready_ = std::move(ready);
  if (readable()) ready_();
}

bool Call::abandon() {
  std::lock_guard lock(mutex_);
  ready_ = nullptr;
  const bool open = !closed();
  abandoned_ = true;
  return open;
}

}  // namespace abstractllm
