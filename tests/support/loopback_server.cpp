// SPDX-License-Identifier: Apache-2.0
#include "support/loopback_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

namespace abstractllm::test {

bool LoopbackConnection::read_request() {
  std::array<char, 16384> piece{};
  for (;;) {
    const std::size_t head = buffer_.find("\r\n\r\n");
    if (head != std::string::npos) {
      const std::size_t field = buffer_.find("Content-Length: ");
      const std::size_t size = field < head ? std::stoul(buffer_.substr(field + 16)) : 0;
      if (buffer_.size() >= head + 4 + size) {
        head_ = buffer_.substr(0, head);
        body_ = buffer_.substr(head + 4, size);
        buffer_.erase(0, head + 4 + size);
        return true;
      }
    }
    const ssize_t count = recv(socket_, piece.data(), piece.size(), 0);
    if (count <= 0) return false;
    buffer_.append(piece.data(), static_cast<std::size_t>(count));
  }
}

std::string LoopbackConnection::path() const {
  const std::size_t begin = head_.find(' ') + 1;
  return head_.substr(begin, head_.find(' ', begin) - begin);
}

bool LoopbackConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void LoopbackConnection::wait_closed() {
  std::array<char, 1024> piece{};
  while (recv(socket_, piece.data(), piece.size(), 0) > 0) continue;
}

LoopbackServer::LoopbackServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, any, size) != 0 || listen(listener_, 64) != 0 || getsockname(listener_, any, &size) != 0)
    throw std::runtime_error("cannot listen on 127.0.0.1");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

LoopbackServer::~LoopbackServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  for (const int socket : sockets_) close(socket);
}

void LoopbackServer::accept_all() {
  for (;;) {
    const int socket = accept(listener_, nullptr, nullptr);
    if (socket < 0) return;
    ++connections_;
    ++open_;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    threads_.emplace_back([this, socket] { serve(socket); });
  }
}

void LoopbackServer::serve(int socket) {
  LoopbackConnection connection(socket);
  while (connection.read_request() && handler_(connection)) continue;
  shutdown(socket, SHUT_RDWR);
  --open_;
}

void LoopbackServer::wait_until_all_closed() const {
  while (open_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

std::string http_answer(std::string_view body, std::string_view content_type) {
  return "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(content_type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace abstractllm::test
