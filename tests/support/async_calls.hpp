// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>

#include "abstractllm/abstractllm.hpp"
#include "support/loopback_server.hpp"
#include "support/scripted_transport.hpp"

/// What the tests of asynchronous calls share: servers, and a count to wait for.
namespace abstractllm::test {

inline constexpr const char* stream_head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

inline Llm model_at(const LoopbackServer& server, Options options = {}) {
  return create_llm("openai_compatible", options.base_url(server.url() + "/v1")).value();
}

inline bool answer(LoopbackConnection& connection) {
  const bool streamed = connection.body().find("\"stream\":true") != std::string::npos;
  return connection.send(streamed ? http_answer(chat_stream({"Par", "is."}))
                                  : http_answer(chat_body("Paris."), "application/json"));
}

/// Says "one " and then nothing, until the client goes.
inline bool fall_silent(LoopbackConnection& connection) {
  const std::string first = chat_stream({"one "});
  connection.send(stream_head + first.substr(0, first.find("\n\n") + 2));
  connection.wait_closed();
  return false;
}

/// Blocks until `count` have arrived.
class Latch {
 public:
  explicit Latch(int count) : left_(count) {}
  void arrive() {
    const std::lock_guard lock(mutex_);
    if (--left_ <= 0) changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return left_ <= 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int left_;
};

}  // namespace abstractllm::test
