// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ask.hpp"

/// What the tests of tools with a local model share.
namespace abstractllm::engine_test {

inline json tool(const std::string& name, const json& parameters, const std::string& description = "Does it.") {
  return {{"type", "function"},
          {"function", {{"name", name}, {"description", description}, {"parameters", parameters}}}};
}

/// Braces would copy the value.
inline json only(const json& value) {
  json list = json::array();
  list.push_back(value);
  return list;
}

inline json object_of(const json& properties) {
  json required = json::array();
  for (const auto& [name, schema] : properties.items()) required.push_back(name);
  return {{"type", "object"}, {"properties", properties}, {"required", required}, {"additionalProperties", false}};
}

inline const json& weather() {
  static const json made =
      tool("weather", object_of({{"city", {{"type", "string"}, {"maxLength", 6}}},
                                 {"days", {{"type", "integer"}, {"minimum", 1}, {"maximum", 9}}}}));
  return made;
}

/// Random bytes are no UTF-8, and the engine's parser refuses them although its grammar does not.
inline json ascii_only() {
  json bias = json::array();
  for (int byte = 0x80; byte < 0x100; ++byte) {
    bias.push_back(only(byte));
    bias.back().push_back(false);
  }
  return bias;
}

/// A question whose answer must be one call.
inline json must_call(const json& tools, const json& more = json::object()) {
  json body = chat("Go.", {{"tools", tools}, {"tool_choice", "required"}, {"parallel_tool_calls", false}});
  body["max_tokens"] = 400;
  body["seed"] = 1;
  body["logit_bias"] = ascii_only();
  body.update(more);
  return body;
}

struct Call {
  std::string id, name, arguments;
  bool operator==(const Call&) const = default;
};

inline void take_call(std::vector<Call>& calls, std::size_t index, const json& piece) {
  if (calls.size() <= index) calls.resize(index + 1);
  const json function = piece.value("function", json::object());
  calls[index].id += piece.value("id", "");
  calls[index].name += function.value("name", "");
  calls[index].arguments += function.value("arguments", "");
}

inline std::vector<Call> calls_in(const Reply& reply) {
  std::vector<Call> calls;
  if (reply.content_type != "text/event-stream") {
    const json message = reply.parsed()["choices"][0]["message"];
    for (const json& call : message.value("tool_calls", json::array())) take_call(calls, calls.size(), call);
    return calls;
  }
  for (const json& frame : reply.frames())
    for (const json& choice : frame.value("choices", json::array()))
      for (const json& piece : choice["delta"].value("tool_calls", json::array()))
        take_call(calls, piece.value("index", std::size_t{0}), piece);
  return calls;
}

inline std::vector<std::string> codes_in(const Reply& reply) {
  std::vector<std::string> codes;
  for (const Warning& warning : reply.warnings) codes.push_back(warning.code);
  return codes;
}

/// The error of a refused request. It must name what is wrong.
inline std::string refusal(const Reply& reply) {
  EXPECT_EQ(reply.status, 400) << reply.body.substr(0, 300) << (reply.error ? reply.error->message : "");
  return reply.status == 400 ? reply.parsed()["error"].value("message", "") : std::string();
}

class Tools : public ::testing::Test {
 protected:
  Reply ask_for(const json& body) { return ask(*transport_, body); }

  std::int64_t tokens_of(const json& body) {
    const Reply reply = drain(*open(*transport_, body.dump(), "local:///v1/chat/completions/input_tokens"));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.parsed().value("input_tokens", std::int64_t{-1});
  }

  const TinyModelFile file_;
  const std::shared_ptr<Transport> transport_ = file_.transport();
};

}  // namespace abstractllm::engine_test
