// SPDX-License-Identifier: Apache-2.0
// A server for measurements. Prints its port. The first part of the path says how it answers, the rest in which wire
// format: /calls (a whole answer of 160 characters), /burst (5,000 events of about 300 bytes, 50 to a write), /paced
// (1,000 events, one each millisecond), /delayed (whole stream 20 ms later), /silent (a head, then nothing).
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

const std::string padding(150, 'x');

struct Format {
  std::string_view path;
  std::string event_begin, event_end;  // around one word
  std::string stream_begin, stream_end;
  std::string body_begin, body_end;
};

const std::vector<Format>& formats() {
  static const std::vector<Format> all = {
      {"/chat/completions",
       R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","obfuscation":")" +
           padding + R"(","choices":[{"index":0,"delta":{"content":")",
       "\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n", "",
       "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
       R"({"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":")",
       R"("},"finish_reason":"stop"}]})"},
      {"/responses",
       "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":7,"
       "\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"logprobs\":[],\"obfuscation\":\"" +
           padding.substr(70) + "\",\"delta\":\"",
       "\"}\n\n", "",
       "event: response.completed\ndata: "
       "{\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"status\":\"completed\","
       "\"model\":\"m\",\"output\":[]}}\n\n",
       R"({"id":"r","status":"completed","model":"m","output":[{"type":"message","content":[{"type":"output_text","text":")",
       R"("}]}]})"},
      {"/v1/messages",
       "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"pad\":\"" + padding +
           "\",\"delta\":{\"type\":\"text_delta\",\"text\":\"",
       "\"}}\n\n",
       "event: message_start\ndata: "
       "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"m\",\"content\":[]}}\n\n"
       "event: content_block_start\ndata: "
       "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
       "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
       "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n"
       "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
       R"({"id":"m","model":"m","stop_reason":"end_turn","content":[{"type":"text","text":")", R"("}]})"},
      {"/api/chat",
       R"({"model":"m","created_at":"2026-11-23T00:00:00.000000Z","pad":")" + padding +
           R"(","message":{"role":"assistant","content":")",
       "\"},\"done\":false}\n", "",
       "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\"}"
       "\n",
       R"({"model":"m","message":{"role":"assistant","content":")", R"("},"done":true,"done_reason":"stop"})"},
  };
  return all;
}

class Client {
 public:
  explicit Client(int socket) : socket_(socket) {
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Client() { close(socket_); }

  void serve() {
    for (std::string path = read_path(); !path.empty(); path = read_path()) {
      const std::size_t slash = path.find('/', 1);
      for (const Format& format : formats())
        if (path.substr(slash) == format.path && !answer(path.substr(1, slash - 1), format)) return;
    }
  }

 private:
  std::string read_path() {
    std::array<char, 16384> piece{};
    for (;;) {
      const std::size_t head = buffer_.find("\r\n\r\n");
      if (head != std::string::npos) {
        const std::size_t field = buffer_.find("Content-Length: ");
        const std::size_t size = field < head ? std::stoul(buffer_.substr(field + 16)) : 0;
        if (buffer_.size() >= head + 4 + size) {
          const std::size_t from = buffer_.find(' ') + 1;
          std::string path = buffer_.substr(from, buffer_.find(' ', from) - from);
          buffer_.erase(0, head + 4 + size);
          return path;
        }
      }
      const ssize_t count = recv(socket_, piece.data(), piece.size(), 0);
      if (count <= 0) return {};
      buffer_.append(piece.data(), static_cast<std::size_t>(count));
    }
  }

  bool send_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  bool send_chunk(const std::string& bytes) {
    std::array<char, 32> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
    return send_all(size.data() + bytes + "\r\n");
  }

  bool answer(const std::string& how, const Format& format) {
    if (how == "calls") {
      const std::string body = format.body_begin + std::string(160, 'a') + format.body_end;
      return send_all("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    const bool lines = format.path == "/api/chat";
    const std::string head = std::string("HTTP/1.1 200 OK\r\nContent-Type: ") +
                             (lines ? "application/x-ndjson" : "text/event-stream") +
                             "\r\nTransfer-Encoding: chunked\r\n\r\n";
    if (how == "delayed") std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (!send_all(head)) return false;
    if (how == "silent") return std::this_thread::sleep_for(std::chrono::hours(1)), false;
    const int events = how == "burst" ? 5000 : how == "paced" ? 1000 : 1;
    const int to_a_write = how == "burst" ? 50 : 1;
    auto next = Clock::now();
    std::string chunk = format.stream_begin;
    for (int i = 1; i <= events; ++i) {
      chunk += format.event_begin +
               (how == "paced" ? std::to_string(Clock::now().time_since_epoch().count()) + " " : "word ") +
               format.event_end;
      if (i % to_a_write != 0) continue;
      if (!send_chunk(chunk)) return false;
      chunk.clear();
      if (how == "paced") std::this_thread::sleep_until(next += std::chrono::milliseconds(1));
    }
    return send_chunk(chunk + format.stream_end) && send_all("0\r\n\r\n");
  }

  int socket_;
  std::string buffer_;
};

}  // namespace

int main() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, any, size) != 0 || listen(listener, 1024) != 0 || getsockname(listener, any, &size) != 0) return 1;
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  for (;;) {
    const int socket = accept(listener, nullptr, nullptr);
    if (socket >= 0) std::thread([socket] { Client(socket).serve(); }).detach();
  }
}
