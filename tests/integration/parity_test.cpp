// SPDX-License-Identifier: Apache-2.0
//
// Whole = streamed = asynchronous: every recording of every protocol, through each of the ways to ask.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include "abstractllm/abstractllm.hpp"
#include "abstractllm/testing.hpp"
#include "protocols/protocols.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

struct Recorded {
  std::string protocol;
  fs::path file;
};

std::vector<Recorded> recordings() {
  std::vector<Recorded> found;
  for (const std::string_view protocol : protocol_names()) {
    const fs::path folder = fs::path(ABSTRACTLLM_SOURCE_DIR) / "src/protocols" / protocol / "testdata";
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      const bool is_data = name.ends_with(".sse") || name.ends_with(".ndjson") || name.ends_with(".json");
      if (is_data && !name.ends_with(".expected.json") && name != "not_applicable.json")
        found.push_back({std::string(protocol), entry.path()});
    }
  }
  std::sort(found.begin(), found.end(), [](const Recorded& a, const Recorded& b) { return a.file < b.file; });
  return found;
}

std::string bytes_of(const Recorded& recorded) {
  std::ifstream file(recorded.file, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A model that answers every call with the recording, in pieces of 7 bytes, so that events are cut.
Llm model_of(const Recorded& recorded) {
  const std::string bytes = bytes_of(recorded);
  Reply reply;
  reply.header("x-request-id", "req_1");
  for (std::size_t at = 0; at < bytes.size(); at += 7) reply.bytes(bytes.substr(at, 7));
  static int number = 0;
  Provider provider;
  provider.name = "recorded" + std::to_string(++number);
  provider.base_url = "recorded://here";
  provider.protocols = {protocol(recorded.protocol)};
  provider.transport = [reply](const Options&) -> Result<std::shared_ptr<Transport>> {
    return scripted_transport(std::vector<Reply>(9, reply));
  };
  register_provider(provider).value();
  return create_llm(provider.name, Options().model("m").max_retries(0)).value();
}

/// What must be the same, whichever way it came: all but the times that we take ourselves.
struct Told {
  std::string error;
  Response response;
  bool operator==(const Told&) const = default;
  friend void PrintTo(const Told& told, std::ostream* out) { *out << told.error << to_json(told.response); }
};

Told told(const Result<Response>& outcome) {
  Told told{"", outcome ? *outcome : *outcome.error().partial};
  if (!outcome) told.error = std::string(to_string(outcome.error().kind)) + ": " + outcome.error().message + "\n";
  told.response.timing.first_event.reset();
  told.response.timing.total = {};
  return told;
}

Result<Response> by_next(const Llm& model) {
  Stream stream = model.stream("Hi");
  for (;;) {
    auto event = stream.next();
    if (!event) return event.error();
    if (!*event) return stream.response();
  }
}

Task<Result<Response>> by_next_async(const Llm& model) {
  Stream stream = model.stream("Hi");
  for (;;) {
    auto event = co_await stream.next_async();
    if (!event) co_return event.error();
    if (!*event) co_return stream.response();
  }
}

Task<Result<Response>> by_await(const Llm& model) {
  PendingResponse pending = model.generate_async("Hi");
  auto outcome = co_await std::move(pending);
  co_return outcome;
}

Result<Response> by_callbacks(const Llm& model, int& events) {
  std::promise<Result<Response>> promise;
  model.stream_async(
      "Hi", {}, [&](const StreamEvent&) { ++events; },
      [&](Result<Response> outcome) { promise.set_value(std::move(outcome)); });
  return promise.get_future().get();
}

/// As batches ask, whose questions are only answered whole.
Result<Response> by_batch(const Llm& model) {
  Batch batch = model.generate_many(std::vector<std::string>{"Hi"});
  return batch.next()->outcome;
}

/// Parts of an answer, put together as simply as it can be said.
struct SimpleParts {
  ProviderData stamp;
  std::vector<Part> parts = {};
  std::vector<bool> ended = {};

  ProviderData stamped(const std::string& json) const {
    return {stamp.provider(), stamp.protocol(), stamp.host(), stamp.model(), json};
  }
  template <class PartType>
  PartType& latest() {
    if (parts.empty() || !std::holds_alternative<PartType>(parts.back()) || ended.back()) begin(PartType());
    return std::get<PartType>(parts.back());
  }
  void begin(Part part) {
    parts.push_back(std::move(part));
    ended.push_back(false);
  }
  ToolCall& call(const std::string& id) {
    for (Part& part : parts)
      if (auto* known = std::get_if<ToolCall>(&part); known && known->id == id) return *known;
    begin(ToolCall(id, "", "", true));
    return std::get<ToolCall>(parts.back());
  }
  template <class PartType>
  void end(const std::string& json) {
    std::size_t at = parts.size();
    while (at > 0 && !std::holds_alternative<PartType>(parts[at - 1])) --at;
    if (at == 0 || ended[at - 1]) {
      if (json.empty()) return;
      begin(PartType());
      at = parts.size();
    }
    ended[at - 1] = true;
    std::get<PartType>(parts[at - 1]).provider_data = stamped(json);
  }

  void operator()(const TextDelta& delta) { latest<Text>().text += delta.text; }
  void operator()(const ReasoningDelta& delta) { latest<Reasoning>().text += delta.text; }
  void operator()(const ToolCallStarted& started) { call(started.id).name = started.name; }
  void operator()(const ToolCallDelta& delta) { call(delta.id).arguments_json += delta.arguments_fragment; }
  void operator()(const ToolCall& whole) {
    ToolCall& known = call(whole.id);
    known = whole;
    known.provider_data = stamped(whole.provider_data.json());
  }
  void operator()(const PartEnded& event) {
    event.kind == PartKind::text ? end<Text>(event.provider_json) : end<Reasoning>(event.provider_json);
  }
  void operator()(const HostedToolCall& whole) {
    HostedToolCall known = whole;
    if (!whole.provider_data.empty()) known.provider_data = stamped(whole.provider_data.json());
    begin(std::move(known));
    ended.back() = true;
  }
  void operator()(const Warning&) {}
  void operator()(const Finished&) {}
  void operator()(const ToolResult&) {}
  void operator()(const StepFinished&) {}
};

/// What must come of a recording, from its decoder alone: no field may get lost between it and the caller.
Response answer_by_decoder(const Recorded& recorded, const std::string& provider) {
  const auto decoder = protocol(recorded.protocol)->decoder(Delivery::stream);
  Decoded decoded;
  if (decoder->feed(bytes_of(recorded), decoded)) (void)decoder->finish(decoded);
  Response response;
  const ProviderData stamp(provider, recorded.protocol, "here", decoded.model.empty() ? "m" : decoded.model, "-");
  SimpleParts parts{stamp};
  for (const StreamEvent& event : decoded.events) {
    std::visit([&](const auto& each) { parts(each); }, event);
    if (const auto* text = std::get_if<TextDelta>(&event)) response.text += text->text;
    if (const auto* thought = std::get_if<ReasoningDelta>(&event)) response.reasoning += thought->text;
    if (const auto* warning = std::get_if<Warning>(&event)) response.warnings.push_back(*warning);
    if (const auto* finished = std::get_if<Finished>(&event)) {
      response.finish_reason = finished->finish_reason;
      response.raw_finish_reason = finished->raw_finish_reason;
    }
  }
  for (const StreamEvent& event : decoded.events)
    if (const auto* call = std::get_if<ToolCall>(&event)) response.tool_calls.push_back(parts.call(call->id));
  response.parts = parts.parts;
  response.usage = decoded.usage;
  response.provider = provider;
  response.model = decoded.model;
  response.id = decoded.id;
  response.request_id = "req_1";
  response.logprobs_json = decoded.logprobs_json;
  response.citations_json = decoded.citations_json;
  response.timing.attempts = 1;
  response.timing.model = decoded.model_timing;
  return response;
}

class Parity : public testing::TestWithParam<Recorded> {};

TEST_P(Parity, HoldsForEachWayToAsk) {
  const Llm model = model_of(GetParam());
  const Told expected = told(by_next(model));
  Response by_decoder = answer_by_decoder(GetParam(), model.provider());
  by_decoder.warnings = expected.response.warnings;  // the library adds its own: length_limit
  EXPECT_EQ(to_json(expected.response), to_json(by_decoder));
  EXPECT_EQ(expected.response, by_decoder);
  EXPECT_EQ(told(model.generate("Hi")), expected);
  EXPECT_EQ(told(sync_wait(by_next_async(model))), expected);
  EXPECT_EQ(told(sync_wait(by_await(model))), expected);
  EXPECT_EQ(told(model.generate_async("Hi").wait()), expected);
  EXPECT_EQ(told(model.generate_future("Hi").get()), expected);
  EXPECT_EQ(told(by_batch(model)), expected);
  int events = 0;
  EXPECT_EQ(told(by_callbacks(model, events)), expected);
  int blocking_events = 0;
  Stream stream = model.stream("Hi");
  for (auto event = stream.next(); event && *event; event = stream.next()) ++blocking_events;
  EXPECT_EQ(events, blocking_events);
}

INSTANTIATE_TEST_SUITE_P(All, Parity, testing::ValuesIn(recordings()),
                         [](const testing::TestParamInfo<Recorded>& each) {
                           std::string name = each.param.protocol + "_" + each.param.file.filename().string();
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
                           return name;
                         });

}  // namespace
}  // namespace abstractllm
