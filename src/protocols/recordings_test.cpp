// SPDX-License-Identifier: Apache-2.0
//
// Each NAME.expected.json in testdata/ says what NAME.sse (a stream) and NAME.json (a body) decode to.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/json.hpp"
#include "protocols/openai_chat/decode_testing.hpp"

namespace abstractllm::openai_chat {
namespace {

namespace fs = std::filesystem;

fs::path testdata() { return fs::path(ABSTRACTLLM_SOURCE_DIR) / "src/protocols/openai_chat/testdata"; }

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names() {
  constexpr std::string_view ending = ".expected.json";
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(testdata())) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(ending)) found.push_back(name.substr(0, name.size() - ending.size()));
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

/// `part`: "stream" or "body", whose own members stand above the shared ones.
Json expected_of(const std::string& name, const char* part) {
  Json expected = Json::parse(read(testdata() / (name + ".expected.json")));
  if (expected.contains(part)) expected.update(Json(expected[part]));
  for (const char* other : {"origin", "stream", "body", "our_message"}) expected.erase(other);
  return expected;
}

Json unordered(const Json& json) { return Json::parse(nlohmann::json::parse(json.dump()).dump()); }

void expect_alike(const Json& actual, const Json& expected) {
  EXPECT_EQ(unordered(actual).dump(1), unordered(expected).dump(1));
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
  void check(const char* ending, const char* part, Delivery delivery) {
    const fs::path path = testdata() / (GetParam() + ending);
    if (!fs::exists(path)) return;
    const std::string bytes = read(path);
    const Outcome outcome = decode(bytes, delivery);
    expect_alike(folded(outcome), expected_of(GetParam(), part));
    expect_consistent_calls(outcome);
    EXPECT_EQ(outcome.error.has_value(), !outcome.finished().has_value());
    if (outcome.error) {
      EXPECT_EQ(outcome.error->message.find("secret-payload"), std::string::npos) << "our message quotes the payload";
    }
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      const std::vector<std::string_view> halves = {std::string_view(bytes).substr(0, cut),
                                                    std::string_view(bytes).substr(cut)};
      ASSERT_TRUE(decode_pieces(halves, delivery) == outcome) << "cut at " << cut;
    }
    for (const std::size_t size : {1U, 2U, 3U, 7U}) {
      EXPECT_TRUE(decode_pieces(in_pieces_of(size, bytes), delivery) == outcome) << "in pieces of " << size;
    }
  }
};

TEST_P(Recording, OfAStreamDecodesAlikeAtEveryCut) { check(".sse", "stream", Delivery::stream); }

TEST_P(Recording, OfABodyDecodesAlikeAtEveryCut) {
  check(".json", "body", Delivery::body);
  check(".json", "body", Delivery::stream);
}

TEST_P(Recording, OfAStreamThatIsCutAnywhereBeforeItsFinishReasonIsAnError) {
  const fs::path path = testdata() / (GetParam() + ".sse");
  if (!fs::exists(path)) return;
  const std::string bytes = read(path);
  const Outcome whole = decode(bytes);
  if (!whole.finished() || whole.finished()->raw_finish_reason.empty()) return;
  const std::size_t last_text = bytes.find("\"finish_reason\":\"" + whole.finished()->raw_finish_reason);
  for (std::size_t length = 0; length < last_text; ++length) {
    const Outcome cut = decode(std::string_view(bytes).substr(0, length));
    ASSERT_TRUE(cut.error) << length;
    ASSERT_EQ(cut.error->kind, ErrorKind::protocol) << length;
    ASSERT_TRUE(whole.text().starts_with(cut.text())) << length;
  }
}

INSTANTIATE_TEST_SUITE_P(OpenaiChat, Recording, testing::ValuesIn(names()),
                         [](const auto& param) { return param.param; });

TEST(Recordings, AllHaveAnExpectation) {
  for (const fs::directory_entry& entry : fs::directory_iterator(testdata())) {
    const fs::path& path = entry.path();
    if (path.extension() != ".sse") continue;
    EXPECT_TRUE(fs::exists(fs::path(path).replace_extension(".expected.json"))) << path;
  }
}

}  // namespace
}  // namespace abstractllm::openai_chat
