// SPDX-License-Identifier: Apache-2.0
//
// Conformance: each NAME.expected.json in a protocol's testdata/ says what NAME.sse or NAME.ndjson (a stream) and
// NAME.json (a body) decode to, at every cut; and every protocol must have data for each behaviour of the list.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/json.hpp"
#include "protocols/decode_testing.hpp"
#include "protocols/protocols.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

/// A protocol, and the texts in its streams with which the end of an answer begins.
struct Conformance {
  std::string_view protocol;
  std::vector<std::string> end_markers;
};

const std::vector<Conformance>& protocols() {
  static const std::vector<Conformance> all = {
      {"openai_chat", {"\"finish_reason\":\"", "\"finish_reason\": \""}},
      {"openai_responses", {"{\"type\":\"response.completed\"", "{\"type\":\"response.incomplete\""}},
      {"anthropic_messages", {"{\"type\":\"message_stop\"", "{\"type\":\"message_delta\""}},
      {"ollama_chat", {"\"done\":true"}},
  };
  return all;
}

/// The behaviours that every protocol must have data for ("behaviours" in an expected.json names those that it shows).
/// A protocol that does not have one lists it in testdata/not_applicable.json, with the reason.
constexpr std::string_view behaviours[] = {
    "text",          "unicode",    "usage",          "cached_usage", "length",          "stop_sequence",
    "reasoning",     "tool_call",  "parallel_tools", "refusal",      "logprobs",        "error_in_stream",
    "error_in_body", "cut_stream", "unknown_parts",  "empty_answer", "reasoning_state", "hosted_tools",
};

fs::path testdata(std::string_view protocol) {
  return fs::path(ABSTRACTLLM_SOURCE_DIR) / "src/protocols" / protocol / "testdata";
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Returns "PROTOCOL/NAME" of all recordings.
std::vector<std::string> names() {
  constexpr std::string_view ending = ".expected.json";
  std::vector<std::string> found;
  for (const Conformance& each : protocols()) {
    for (const fs::directory_entry& entry : fs::directory_iterator(testdata(each.protocol))) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(ending))
        found.push_back(std::string(each.protocol) + "/" + name.substr(0, name.size() - ending.size()));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

Json usage_json(const Usage& usage) {
  Json json = Json::object();
  const auto add = [&](const char* name, const TokenCount& count) {
    if (count.known()) json[name] = count.value_or(0);
  };
  add("input_tokens", usage.input_tokens);
  add("output_tokens", usage.output_tokens);
  add("cached_input_tokens", usage.cached_input_tokens);
  add("cache_write_tokens", usage.cache_write_tokens);
  add("reasoning_tokens", usage.reasoning_tokens);
  return json;
}

Json folded(const Outcome& outcome) {
  Json json = Json::object();
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) json[name] = text;
  };
  add("text", outcome.text());
  add("reasoning", outcome.reasoning());
  for (const ToolCall& call : outcome.all<ToolCall>())
    json["tool_calls"].push_back({call.id, call.name, call.arguments_json});
  for (const Warning& warning : outcome.all<Warning>()) json["warnings"].push_back(warning.code);
  for (const PartEnded& ended : outcome.all<PartEnded>())
    if (!ended.provider_json.empty()) json["provider_data"].push_back(Json::parse(ended.provider_json));
  for (const ToolCall& call : outcome.all<ToolCall>())
    if (!call.provider_data.empty()) json["provider_data"].push_back(Json::parse(call.provider_data.json()));
  for (const HostedToolCall& call : outcome.all<HostedToolCall>()) {
    json["hosted_tool_calls"].push_back({call.id, call.name, Json::parse(call.data_json)});
    EXPECT_EQ(call.provider_data.json(), call.data_json) << "it is not sent back as it came";
  }
  if (!outcome.decoded.logprobs_json.empty()) json["logprobs"] = Json::parse(outcome.decoded.logprobs_json);
  if (!outcome.decoded.citations_json.empty()) json["citations"] = Json::parse(outcome.decoded.citations_json);
  add("id", outcome.decoded.id);
  add("model", outcome.decoded.model);
  if (const std::optional<Finished> finished = outcome.finished()) {
    json["finish_reason"] = std::string(to_string(finished->finish_reason));
    json["raw_finish_reason"] = finished->raw_finish_reason;
    json["usage"] = usage_json(finished->usage);
  }
  if (outcome.error) {
    json["error"] = {{"kind", std::string(to_string(outcome.error->kind))},
                     {"code", outcome.error->provider_code},
                     {"message", outcome.error->provider_message}};
  }
  return json;
}

/// `part` is "stream" or "body". Its own members override the shared ones.
Json expected_of(const fs::path& stem, const char* part) {
  Json expected = Json::parse(read(stem.string() + ".expected.json"));
  if (expected.contains(part)) expected.update(Json(expected[part]));
  for (const char* other : {"origin", "stream", "body", "our_message", "behaviours"}) expected.erase(other);
  return expected;
}

Json unordered(const Json& json) { return Json::parse(nlohmann::json::parse(json.dump()).dump()); }

void expect_alike(const Json& actual, const Json& expected) {
  EXPECT_EQ(unordered(actual).dump(1), unordered(expected).dump(1));
}

/// No consumer is woken only for the end of a part, and Finished stays the last event.
void expect_ends_of_parts_before_events(const Outcome& outcome) {
  if (!outcome.decoded.events.empty()) {
    EXPECT_FALSE(std::holds_alternative<PartEnded>(outcome.decoded.events.back()));
  }
}

/// The fragments of each id, joined, and its ToolCallStarted agree with the ToolCall at the end.
void expect_consistent_calls(const Outcome& outcome) {
  for (const ToolCall& call : outcome.all<ToolCall>()) {
    std::string arguments;
    for (const ToolCallDelta& delta : outcome.all<ToolCallDelta>()) {
      if (delta.id == call.id) arguments += delta.arguments_fragment;
    }
    EXPECT_EQ(arguments, call.arguments_json);
    const std::vector<ToolCallStarted> started = outcome.all<ToolCallStarted>();
    EXPECT_EQ(std::count(started.begin(), started.end(), ToolCallStarted{call.id, call.name}), 1);
  }
}

class Recording : public testing::TestWithParam<std::string> {
 protected:
  std::string protocol_name() const { return GetParam().substr(0, GetParam().find('/')); }
  fs::path stem() const { return testdata(protocol_name()) / GetParam().substr(GetParam().find('/') + 1); }
  const Protocol& wire() const { return *protocol_; }

  std::optional<std::string> stream_bytes() const {
    for (const char* ending : {".sse", ".ndjson"})
      if (const fs::path path = stem().string() + ending; fs::exists(path)) return read(path);
    return std::nullopt;
  }

  void check(const std::string& bytes, const char* part, Delivery delivery) {
    const Outcome outcome = decode(wire(), bytes, delivery);
    expect_alike(folded(outcome), expected_of(stem(), part));
    expect_consistent_calls(outcome);
    expect_ends_of_parts_before_events(outcome);
    EXPECT_EQ(outcome.error.has_value(), !outcome.finished().has_value());
    if (outcome.error) {
      EXPECT_EQ(outcome.error->message.find("secret-payload"), std::string::npos) << "our message quotes the payload";
    }
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      const std::vector<std::string_view> halves = {std::string_view(bytes).substr(0, cut),
                                                    std::string_view(bytes).substr(cut)};
      ASSERT_TRUE(decode_pieces(wire(), halves, delivery) == outcome) << "cut at " << cut;
    }
    for (const std::size_t size : {1U, 2U, 3U, 7U}) {
      EXPECT_TRUE(decode_pieces(wire(), in_pieces_of(size, bytes), delivery) == outcome) << "in pieces of " << size;
    }
  }

 private:
  std::shared_ptr<const Protocol> protocol_ = find_protocol(protocol_name());
};

TEST_P(Recording, OfAStreamDecodesAlikeAtEveryCut) {
  if (const auto bytes = stream_bytes()) check(*bytes, "stream", Delivery::stream);
}

TEST_P(Recording, OfABodyDecodesAlikeAtEveryCut) {
  const fs::path path = stem().string() + ".json";
  if (!fs::exists(path)) return;
  check(read(path), "body", Delivery::body);
  EXPECT_TRUE(decode(wire(), read(path), Delivery::stream) == decode(wire(), read(path), Delivery::body))
      << "a server may answer a stream request with a body";
}

TEST_P(Recording, OfAStreamThatIsCutAnywhereBeforeItsEndIsAnError) {
  const auto bytes = stream_bytes();
  if (!bytes) return;
  const Outcome whole = decode(wire(), *bytes);
  if (!whole.finished() || whole.finished()->raw_finish_reason.empty()) return;
  std::size_t end = std::string::npos;
  for (const Conformance& each : protocols())
    if (each.protocol == protocol_name())
      for (const std::string& marker : each.end_markers) end = std::min(end, bytes->find(marker));
  ASSERT_NE(end, std::string::npos) << "no end marker in the recording";
  const std::size_t stride = 1 + end / 500;  // each length is decoded anew, so long recordings would take minutes
  for (std::size_t length = 0; length < end; length += stride) {
    const Outcome cut = decode(wire(), std::string_view(*bytes).substr(0, length));
    ASSERT_TRUE(cut.error) << length;
    ASSERT_EQ(cut.error->kind, ErrorKind::protocol) << length;
    ASSERT_TRUE(whole.text().starts_with(cut.text())) << length;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Recording, testing::ValuesIn(names()), [](const auto& param) {
  std::string name = param.param;
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
});

TEST(Recordings, AllHaveAnExpectation) {
  for (const Conformance& each : protocols())
    for (const fs::directory_entry& entry : fs::directory_iterator(testdata(each.protocol))) {
      const fs::path& path = entry.path();
      if (path.extension() != ".sse" && path.extension() != ".ndjson") continue;
      EXPECT_TRUE(fs::exists(fs::path(path).replace_extension(".expected.json"))) << path;
    }
}

TEST(Recordings, ShowEachBehaviourForEachProtocol) {
  for (const Conformance& each : protocols()) {
    std::vector<std::string> shown;
    for (const fs::directory_entry& entry : fs::directory_iterator(testdata(each.protocol))) {
      const std::string name = entry.path().filename().string();
      if (name == "not_applicable.json") {
        const Json reasons = Json::parse(read(entry.path()));
        for (const auto& [behaviour, reason] : reasons.items())
          if (!reason.get<std::string>().empty()) shown.push_back(behaviour);
      }
      if (!name.ends_with(".expected.json")) continue;
      const Json expected = Json::parse(read(entry.path()));
      for (const Json& behaviour : expected.value("behaviours", Json::array())) shown.push_back(behaviour);
    }
    for (const std::string_view behaviour : behaviours)
      EXPECT_NE(std::find(shown.begin(), shown.end(), behaviour), shown.end())
          << each.protocol << " has no recording that shows " << behaviour;
  }
}

TEST(Recordings, CoverEachProtocolThatThereIs) {
  for (const std::string_view name : protocol_names())
    EXPECT_TRUE(std::any_of(protocols().begin(), protocols().end(), [&](const Conformance& each) {
      return each.protocol == name;
    })) << name;
}

}  // namespace
}  // namespace abstractllm
