// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "abstractllm/abstractllm.hpp"
#include "base/json.hpp"
#include "protocols/protocols.hpp"
#include "support/scripted_transport.hpp"
#include "support/tool_answers.hpp"

/// What the tests of the tool loop share: a fake provider that speaks any wire format, and a log of events.
namespace abstractllm::test {

inline const std::string any_arguments = R"({"type":"object"})";

/// A provider that gives these answers, one for each request.
class FakeProvider {
 public:
  FakeProvider(std::string protocol_name, const std::vector<Answer>& answers, Delivery delivery = Delivery::body,
               std::size_t piece = 0)
      : protocol_(std::move(protocol_name)) {
    std::vector<Script> scripts;
    for (const Answer& answer : answers) {
      Script script{Head{}};
      const std::string bytes = answer_bytes(protocol_, delivery, answer);
      const std::size_t step = piece == 0 ? bytes.size() : piece;
      for (std::size_t at = 0; at < bytes.size(); at += step) script.emplace_back(Bytes{bytes.substr(at, step)});
      script.emplace_back(End{});
      scripts.push_back(std::move(script));
    }
    server_ = std::make_shared<ScriptedTransport>(std::move(scripts), clock_);
  }
  explicit FakeProvider(std::vector<Script> scripts) : FakeProvider("openai_chat", std::move(scripts)) {}
  FakeProvider(std::string protocol_name, std::vector<Script> scripts) : protocol_(std::move(protocol_name)) {
    server_ = std::make_shared<ScriptedTransport>(std::move(scripts), clock_);
  }

  Llm llm(const Options& options = {}) const {
    Provider made;
    made.name = "fake";
    made.protocols = {protocol(protocol_)};
    made.base_url = "http://fake.invalid/v1";
    made.defaults = Options().model("m");
    made.transport = [to = server_](const Options&) -> Result<std::shared_ptr<Transport>> {
      return std::shared_ptr<Transport>(to);
    };
    return create_llm(std::move(made), options).value();
  }
  std::size_t requests() const { return server_->requests().size(); }
  Json sent(std::size_t index) const { return Json::parse(server_->requests().at(index)->body); }
  ScriptedTransport& server() const { return *server_; }

 private:
  FakeClock clock_;
  std::string protocol_;
  std::shared_ptr<ScriptedTransport> server_;
};

/// A tool that returns this text.
inline Tool saying(std::string name, std::string text) {
  return Tool::raw(std::move(name), "Says something", any_arguments,
                   [text](const std::string&, ToolContext&) -> Result<std::string> { return text; });
}

/// An answer that is one call of a tool.
inline Answer calling(const std::string& tool, const std::string& arguments = "{}", const std::string& id = "call_1") {
  return {"", {ToolCall(id, tool, arguments)}, ""};
}

/// Takes the times out of an answer, so that two answers can be compared.
inline Response timeless(Response response) {
  response.timing = {};
  for (auto& step : response.steps) {
    step.timing = {};
    for (ToolResult& result : step.tool_results) result.duration.reset();
  }
  return response;
}

inline std::vector<std::string> codes_of(const std::vector<Warning>& warnings) {
  std::vector<std::string> codes;
  codes.reserve(warnings.size());
  for (const Warning& warning : warnings) codes.push_back(warning.code);
  return codes;
}

}  // namespace abstractllm::test
