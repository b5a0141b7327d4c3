// SPDX-License-Identifier: Apache-2.0
#include "soak/server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <random>
#include <stdexcept>
#include <thread>

#include "soak/question.hpp"
#include "support/loopback_server.hpp"

namespace abstractllm::soak {
namespace {

using test::LoopbackConnection;

std::string event(std::string_view text, std::string_view finish_reason = "null") {
  return "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + std::string(text) +
         "\"},\"finish_reason\":" + std::string(finish_reason) + "}]}\n\n";
}

std::string end_of_stream() { return event("", "\"stop\"") + "data: [DONE]\n\n"; }

std::string whole_body(const Question& question) {
  return "{\"id\":\"1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"" +
         question.answer() + "\"},\"finish_reason\":\"stop\"}]}";
}

std::string head(std::string_view type, std::string_view more = "Connection: close\r\n") {
  return "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(type) + "\r\n" + std::string(more) + "\r\n";
}

void pause(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

/// Sends it in pieces, as long as the client takes them.
bool send_slowly(LoopbackConnection& connection, std::string_view bytes, const Question& question) {
  const std::size_t piece = bytes.size() / static_cast<std::size_t>(question.words) + 1;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!connection.send(bytes.substr(at, piece))) return false;
    pause(question.pause_ms);
  }
  return true;
}

/// Answers, and leaves the connection open for the next question.
bool answer(LoopbackConnection& connection, const Question& question, bool streamed) {
  std::string body;
  if (streamed) {
    for (int i = 0; i < question.words; ++i) body += event(question.word(i));
    body += end_of_stream();
  } else {
    body = whole_body(question);
  }
  const std::string bytes = test::http_answer(body, streamed ? "text/event-stream" : "application/json");
  if (question.manner == Manner::flood) return connection.send(bytes);
  return send_slowly(connection, bytes, question);
}

/// The first half of an answer.
void begin_answer(LoopbackConnection& connection, const Question& question, bool streamed) {
  if (!streamed) {
    const std::string body = whole_body(question);
    connection.send(head("application/json", "Content-Length: " + std::to_string(body.size()) + "\r\n") +
                    body.substr(0, body.size() / 2));
    return;
  }
  std::string bytes = head("text/event-stream");
  for (int i = 0; i < question.words / 2; ++i) bytes += event(question.word(i));
  connection.send(bytes);
}

/// Bytes without a word of sense; the same for the same question.
std::string garbage(const Question& question) {
  std::mt19937 random(question.number);
  std::string bytes;
  for (int i = 0; i < question.words * 50; ++i) bytes += static_cast<char>(random());
  return bytes;
}

void send_without_end(LoopbackConnection& connection, const Question& question) {
  if (!connection.send(head("text/event-stream"))) return;
  for (int i = 0;; ++i) {
    const std::string bytes = question.manner == Manner::comments ? ": keepalive\n\n" : event(question.word(i));
    if (!connection.send(bytes)) return;
    pause(1 + question.pause_ms);
  }
}

void reset(int socket) {
  const linger at_once{1, 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/// False: the connection is to be closed.
bool serve_one(LoopbackConnection& connection, int socket) {
  const auto question = Question::in(connection.body());
  const bool streamed = connection.body().find("\"stream\":true") != std::string::npos;
  if (!question) return false;
  switch (question->manner) {
    case Manner::drip:
    case Manner::flood: return answer(connection, *question, streamed);
    case Manner::stall:
      begin_answer(connection, *question, streamed);
      connection.wait_closed();
      return false;
    case Manner::silent: connection.wait_closed(); return false;
    case Manner::cut: begin_answer(connection, *question, streamed); return false;
    case Manner::reset:
      begin_answer(connection, *question, streamed);
      reset(socket);
      return false;
    case Manner::garbage:
      connection.send(head(streamed ? "text/event-stream" : "application/json") + garbage(*question));
      return false;
    case Manner::no_http: connection.send(garbage(*question)); return false;
    case Manner::refuse: return connection.send("HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 4\r\n\r\nbusy");
    case Manner::endless:
    case Manner::comments: send_without_end(connection, *question); return false;
  }
  return false;
}

void serve(int socket) {
  LoopbackConnection connection(socket);
  while (connection.read_request() && serve_one(connection, socket)) continue;
  close(socket);
}

[[noreturn]] void run(int port_pipe) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, any, size) != 0 || listen(listener, 512) != 0 || getsockname(listener, any, &size) != 0) _exit(1);
  const int port = ntohs(address.sin_port);
  if (write(port_pipe, &port, sizeof port) != sizeof port) _exit(1);
  close(port_pipe);
  for (;;) {
    const int socket = accept(listener, nullptr, nullptr);
    if (socket >= 0) std::thread(serve, socket).detach();
  }
}

}  // namespace

ServerProcess::ServerProcess() {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  process_ = fork();
  if (process_ == 0) run(ends[1]);
  close(ends[1]);
  const bool started = process_ > 0 && read(ends[0], &port_, sizeof port_) == sizeof port_;
  close(ends[0]);
  if (!started) throw std::runtime_error("the server did not start");
}

ServerProcess::~ServerProcess() {
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

}  // namespace abstractllm::soak
