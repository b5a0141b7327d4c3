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

/// A model that answers every call with the recording, in pieces of 7 bytes, so that events are cut.
Llm model_of(const Recorded& recorded) {
  std::ifstream file(recorded.file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  Reply reply;
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

class Parity : public testing::TestWithParam<Recorded> {};

TEST_P(Parity, HoldsForEachWayToAsk) {
  const Llm model = model_of(GetParam());
  const Told expected = told(by_next(model));
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
