// SPDX-License-Identifier: Apache-2.0
// A server for measurements of many streams at once. Prints its port. Each request gets EVENTS Chat events, one each
// 50 ms, all from one thread. An event's text is "NUMBER NANOSECONDS ": its place in the stream and the time of
// sending. Usage: stream_server EVENTS
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr int slots = 50;  // of one millisecond: streams are spread over them

struct Client {
  std::string request;
  int sent = 0;
  bool streaming = false;
};

std::string chunk_of(const std::string& bytes) {
  std::array<char, 32> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
  return size.data() + bytes + "\r\n";
}

std::string event_of(int number) {
  return "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":"
         "[{\"index\":0,\"delta\":{\"content\":\"" +
         std::to_string(number) + " " + std::to_string(Clock::now().time_since_epoch().count()) +
         " \"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
}

bool is_whole(const std::string& request) {
  const std::size_t head = request.find("\r\n\r\n");
  if (head == std::string::npos) return false;
  const std::size_t field = request.find("Content-Length: ");
  const std::size_t size = field < head ? std::stoul(request.substr(field + 16)) : 0;
  return request.size() >= head + 4 + size;
}

class Server {
 public:
  Server(int listener, int events) : listener_(listener), events_(events), epoll_(epoll_create1(0)) { watch(listener); }

  [[noreturn]] void run() {
    auto due = Clock::now();
    for (int tick = 0;; ++tick) {
      due += std::chrono::milliseconds(1);
      serve_until(due);
      auto& slot = slots_[static_cast<std::size_t>(tick % slots)];
      std::erase_if(slot, [&](int socket) { return !send_next(socket); });
    }
  }

 private:
  void watch(int socket) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
  }

  void serve_until(Clock::time_point due) {
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(due - Clock::now()).count();
      std::array<epoll_event, 256> ready{};
      const int count = epoll_wait(epoll_, ready.data(), ready.size(), left > 0 ? static_cast<int>(left) : 0);
      for (int i = 0; i < count; ++i) {
        const int socket = ready[static_cast<std::size_t>(i)].data.fd;
        if (socket == listener_) accept_all();
        else read_from(socket);
      }
      if (Clock::now() >= due) return;
    }
  }

  void accept_all() {
    for (;;) {
      const int socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (socket < 0) return;
      const int on = 1;
      setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      clients_[socket] = {};
      watch(socket);
    }
  }

  void read_from(int socket) {
    std::array<char, 4096> piece{};
    const ssize_t count = recv(socket, piece.data(), piece.size(), 0);
    if (count <= 0) {
      clients_.erase(socket);
      close(socket);
      return;
    }
    Client& client = clients_[socket];
    client.request.append(piece.data(), static_cast<std::size_t>(count));
    if (client.streaming || !is_whole(client.request)) return;
    client.request.clear();
    client.streaming = true;
    client.sent = 0;
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    if (send(socket, head.data(), head.size(), MSG_NOSIGNAL) > 0)
      slots_[static_cast<std::size_t>(next_slot_++ % slots)].push_back(socket);
  }

  /// False: the stream is over.
  bool send_next(int socket) {
    const auto found = clients_.find(socket);
    if (found == clients_.end() || !found->second.streaming) return false;
    Client& client = found->second;
    std::string bytes = chunk_of(event_of(client.sent++));
    client.streaming = client.sent < events_;
    if (!client.streaming)
      bytes += chunk_of(
                   "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
                   "data: [DONE]\n\n") +
               "0\r\n\r\n";
    // A client that reads slower than 20 events a second is not what is measured here.
    if (send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) client.streaming = false;
    return client.streaming;
  }

  int listener_;
  int events_;
  int epoll_;
  int next_slot_ = 0;
  std::unordered_map<int, Client> clients_;
  std::array<std::vector<int>, slots> slots_;
};

}  // namespace

int main(int argc, char** argv) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, 16384) != 0) return 1;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  Server(listener, argc > 1 ? std::atoi(argv[1]) : 100).run();
}
