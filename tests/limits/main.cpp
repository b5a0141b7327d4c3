// SPDX-License-Identifier: Apache-2.0
//
// limits_programs SCENARIO runs one scenario; limits_programs --list names those that can run in this build.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "limits/scenarios.hpp"
#include "support/loopback_server.hpp"
#include "support/scripted_transport.hpp"
#include "support/tiny_model.hpp"
#include "support/tool_answers.hpp"

namespace abstractllm::limits {
namespace {

using test::LoopbackConnection;

std::string question_of(const LoopbackConnection& connection) {
  const auto body = nlohmann::json::parse(connection.body(), nullptr, false);
  if (body.is_discarded() || !body.contains("messages")) return "";
  return body["messages"].back()["content"].get<std::string>();
}

bool echo(LoopbackConnection& connection) {
  const std::string question = question_of(connection);
  if (question.starts_with("slow")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const bool streamed = connection.body().find("\"stream\":true") != std::string::npos;
  const std::string events = test::chat_stream({question});
  if (question.starts_with("silent")) {
    if (streamed)
      connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" +
                      events.substr(0, events.find("\n\n") + 2));
    connection.wait_closed();
    return false;
  }
  if (question.starts_with("tool")) {
    test::Answer calls{"", {ToolCall("call_1", "run", "{}")}, ""};
    if (question == "tools") calls.calls.emplace_back("call_2", "run", "{}");
    const std::string bytes = test::answer_bytes("openai_chat", streamed ? Delivery::stream : Delivery::body, calls);
    return connection.send(streamed ? test::http_answer(bytes) : test::http_answer(bytes, "application/json"));
  }
  return connection.send(streamed ? test::http_answer(events)
                                  : test::http_answer(test::chat_body(question), "application/json"));
}

[[noreturn]] void serve(int report, int control) {
  const test::LoopbackServer server(echo);
  const std::string url = server.url() + "/v1\n";
  if (write(report, url.data(), url.size()) < 0) _exit(1);
  close(report);
  char byte = 0;
  while (read(control, &byte, 1) > 0) continue;
  _exit(0);
}

}  // namespace

void require(bool fine, std::string_view what) {
  if (fine) return;
  std::cerr << "failed: " << what << std::endl;
  _exit(1);
}

bool ends_well(int child, int seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      std::cerr << "a child hangs" << std::endl;
      kill(child, SIGABRT);
      waitpid(child, &status, 0);
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

EchoServer::EchoServer() {
  int report[2];
  int control[2];
  require(pipe(report) == 0 && pipe(control) == 0, "pipes for the server");
  child_ = fork();
  require(child_ >= 0, "a process for the server");
  if (child_ == 0) {
    close(report[0]);
    close(control[1]);
    serve(report[1], control[0]);
  }
  close(report[1]);
  close(control[0]);
  control_ = control[1];
  char byte = 0;
  while (read(report[0], &byte, 1) == 1 && byte != '\n') url_ += byte;
  close(report[0]);
}

EchoServer::~EchoServer() { close(control_); }

Llm EchoServer::model(Options options) const {
  return create_llm("openai_compatible", options.base_url(url_).model("echo").max_retries(0)).value();
}

void ask_blocking(const Llm& model, const std::string& question) {
  const auto reply = model.generate(question);
  require(reply.has_value(), reply ? "" : question + ": " + reply.error().message);
  require(reply->text == question, question + " was answered with " + reply->text);
}

void ask_async(const Llm& model, const std::string& question) {
  const auto reply = model.generate_future(question).get();
  require(reply.has_value(), reply ? "" : question + ": " + reply.error().message);
  require(reply->text == question, question + " was answered with " + reply->text);
}

std::string tiny_model_file() {
  static const auto& path = *new std::string([] {
    const auto folder = std::filesystem::temp_directory_path() / ("abstractllm-limits-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    std::filesystem::permissions(folder, std::filesystem::perms(0755));
    testing_support::write_tiny_model(folder / "tiny.gguf");
    return (folder / "tiny.gguf").string();
  }());
  return path;
}

Llm local_model(const Options& options) {
  const Options usual =
      Options().model(tiny_model_file()).threads(1).context_size(512).max_tokens(8).auto_warmup(false);
  return create_llm("huggingface", options.over(usual)).value();
}

namespace {

int list() {
  for (const auto scenarios : {fork_scenarios(), exit_scenarios(), resource_scenarios()})
    for (const Scenario& each : scenarios) {
#ifdef ABSTRACTLLM_SANITIZED
      if (each.where == Where::without_sanitizers) continue;
#ifndef ABSTRACTLLM_THREAD_SANITIZER
      if (each.where == Where::without_asan) continue;
#endif
#endif
      std::cout << each.name << '\n';
    }
  return 0;
}

}  // namespace
}  // namespace abstractllm::limits

int main(int count, char** arguments) {
  using namespace abstractllm::limits;
  const std::string_view name = count == 2 ? arguments[1] : "";
  if (name == "--list") return list();
  for (const auto scenarios : {fork_scenarios(), exit_scenarios(), resource_scenarios()})
    for (const Scenario& each : scenarios)
      if (each.name == name) return each.run();
  std::cerr << "usage: limits_programs SCENARIO | --list\n";
  return 2;
}
