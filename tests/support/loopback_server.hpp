// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace abstractllm::test {

/// One connection that a LoopbackServer has accepted.
class LoopbackConnection {
 public:
  explicit LoopbackConnection(int socket) : socket_(socket) {}

  /// Waits for the next whole request; false where the client has closed.
  bool read_request();
  /// The request line and headers of that request.
  const std::string& head() const { return head_; }
  /// "/v1/models" of that request.
  std::string path() const;
  /// The body of that request.
  const std::string& body() const { return body_; }
  bool send(std::string_view bytes);
  /// Blocks until the client closes; what it sends until then is thrown away.
  void wait_closed();

 private:
  int socket_;
  std::string buffer_;
  std::string head_;
  std::string body_;
};

/// A server on 127.0.0.1 that runs `handler` for each request until it returns false or the client closes; each
/// connection in a thread of its own.
class LoopbackServer {
 public:
  using Handler = std::function<bool(LoopbackConnection&)>;

  explicit LoopbackServer(Handler handler);
  ~LoopbackServer();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }
  int open_connections() const { return open_; }
  /// Blocks until no connection is open.
  void wait_until_all_closed() const;

 private:
  void accept_all();
  void serve(int socket);

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> open_ = 0;
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// An HTTP answer with that body, whose length is announced.
std::string http_answer(std::string_view body, std::string_view content_type = "text/event-stream");

}  // namespace abstractllm::test
