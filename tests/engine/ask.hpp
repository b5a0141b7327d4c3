// SPDX-License-Identifier: Apache-2.0
//
// What every engine test needs: a model, a way to ask, and the answer taken apart.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/log.hpp"
#include "engines/llama_cpp/llama_cpp_transport.hpp"
#include "support/tiny_model.hpp"
#include "support/tiny_projector.hpp"

namespace abstractllm::engine_test {

using nlohmann::json;
using testing_support::TinyModel;
using testing_support::TinyProjector;
using Clock = std::chrono::steady_clock;

/// Far beyond what any test needs: it turns a hang into a failure.
inline constexpr std::chrono::seconds hang_guard{120};

/// A folder of its own for the test, gone afterwards.
class Folder {
 public:
  Folder() {
    static std::atomic<int> count = 0;
    const auto stamp = std::to_string(Clock::now().time_since_epoch().count()) + "-" + std::to_string(++count);
    path_ = std::filesystem::temp_directory_path() / ("abstractllm-engine-" + stamp);
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A tiny model in a folder of its own, so that no two tests share an engine.
class TinyModelFile {
 public:
  explicit TinyModelFile(const TinyModel& model = {}) { testing_support::write_tiny_model(path(), model); }
  std::string path() const { return (folder_ / "tiny.gguf").string(); }
  /// One thread: ggml's threads spin.
  Options options() const { return Options{}.model(path()).threads(1).context_size(2048); }
  std::shared_ptr<Transport> transport() const { return *make_llama_cpp_transport(options()); }

 private:
  Folder folder_;
};

/// A projector for the tiny model, in a folder of its own.
class TinyProjectorFile {
 public:
  explicit TinyProjectorFile(const TinyProjector& projector = {}) {
    testing_support::write_tiny_projector(path(), projector);
  }
  std::string path() const { return (folder_ / "tiny-mmproj.gguf").string(); }

 private:
  Folder folder_;
};

inline json chat(const std::string& prompt) { return {{"messages", {{{"role", "user"}, {"content", prompt}}}}}; }

inline json chat(const std::string& prompt, const json& more) {
  json body = chat(prompt);
  body.update(more);
  return body;
}

/// Makes the tiny model say exactly `text`.
inline std::string grammar_for(const std::string& text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return "root ::= \"" + quoted + "\"";
}

inline std::unique_ptr<Channel> open(Transport& transport, const std::string& body,
                                     std::string url = "local:///v1/chat/completions") {
  auto request = std::make_shared<HttpRequest>();
  request->url = std::move(url);
  request->body = body;
  return *std::move(transport.open(std::move(request)));
}

inline std::unique_ptr<Channel> open(Transport& transport, const json& body) { return open(transport, body.dump()); }

struct Reply {
  int status = 0;
  std::string content_type;
  std::string body;
  std::vector<std::string> pieces;  // as they came out of the channel
  std::vector<Warning> warnings;
  std::optional<Error> error;
  bool ended = false;

  bool complete() const { return ended || error.has_value(); }

  json parsed() const {
    const json value = json::parse(body, nullptr, false);
    EXPECT_FALSE(value.is_discarded()) << "no JSON: " << body;
    return value;
  }

  /// The frames of a stream but for [DONE].
  std::vector<json> frames() const {
    std::vector<json> found;
    for (std::size_t at = 0; (at = body.find("data: ", at)) != body.npos;) {
      const auto end = body.find("\n\n", at);
      const std::string data = body.substr(at + 6, end - at - 6);
      if (data != "[DONE]") found.push_back(json::parse(data));
      at = end;
    }
    return found;
  }

  bool done() const { return body.ends_with("data: [DONE]\n\n"); }

  /// The text, of a stream or of one body.
  std::string text() const {
    if (content_type != "text/event-stream") return parsed()["choices"][0]["message"]["content"];
    std::string whole;
    for (const json& frame : frames())
      for (const json& choice : frame.value("choices", json::array()))
        if (choice["delta"].contains("content") && choice["delta"]["content"].is_string())
          whole += choice["delta"]["content"];
    return whole;
  }

  std::string finish_reason() const {
    if (content_type != "text/event-stream") return parsed()["choices"][0]["finish_reason"];
    for (const json& frame : frames())
      for (const json& choice : frame.value("choices", json::array()))
        if (choice["finish_reason"].is_string()) return choice["finish_reason"];
    return "";
  }

  json usage() const {
    if (content_type != "text/event-stream") return parsed()["usage"];
    for (const json& frame : frames())
      if (frame.contains("usage")) return frame["usage"];
    return {};
  }
};

/// Takes what is there now. False: nothing was.
inline bool take(Channel& channel, Reply& reply) {
  auto event = channel.poll();
  if (!event) return false;
  if (const auto* head = std::get_if<HttpHead>(&*event)) {
    reply.status = head->status;
    if (const auto* type = head->header("content-type")) reply.content_type = *type;
  } else if (const auto* bytes = std::get_if<BodyBytes>(&*event)) {
    reply.body += bytes->bytes;
    reply.pieces.emplace_back(bytes->bytes);
  } else if (auto* error = std::get_if<Error>(&*event)) {
    reply.error = std::move(*error);
  } else if (auto* warning = std::get_if<Warning>(&*event)) {
    reply.warnings.push_back(std::move(*warning));
  } else {
    reply.ended = true;
  }
  return true;
}

/// Reads until `enough` says so, or the end.
template <class Enough>
void read_until(Channel& channel, Reply& reply, Enough enough) {
  const auto give_up = Clock::now() + hang_guard;
  while (!reply.complete() && !enough(reply)) {
    if (take(channel, reply)) continue;
    if (Clock::now() >= give_up) {
      ADD_FAILURE() << "no answer";
      return;
    }
    channel.wait(give_up);
  }
}

inline Reply drain(Channel& channel) {
  Reply reply;
  read_until(channel, reply, [](const Reply&) { return false; });
  return reply;
}

inline Reply ask(Transport& transport, const json& body) { return drain(*open(transport, body)); }

/// An answer that ends when the context is full, and not before.
inline json endless(const std::string& prompt) { return chat(prompt, {{"stream", true}, {"ignore_eos", true}}); }

inline void read_some(Channel& channel, std::size_t pieces = 3) {
  Reply reply;
  read_until(channel, reply, [pieces](const Reply& so_far) { return so_far.pieces.size() >= pieces; });
  EXPECT_EQ(reply.status, 200);
  EXPECT_FALSE(reply.complete()) << reply.body;
}

}  // namespace abstractllm::engine_test
