// SPDX-License-Identifier: Apache-2.0
//
// No known request kills the thread of the engine, so this test uses internals.
#include "engines/llama_cpp/dispatcher.hpp"

#include "engine/ask.hpp"
#include "engines/llama_cpp/backends.hpp"

namespace abstractllm::engine_test {
namespace {

TEST(Dispatcher, FailsItsCallsWhenTheEngineDies) {
  const TinyModelFile file;
  const std::atomic<bool> stopping = false;
  ModelSettings settings;
  settings.model = file.path();
  settings.threads = 1;
  start_backends();
  auto model = *LoadedModel::load(settings, stopping, {});
  Dispatcher dispatcher(*model);
  const auto start = [&] {
    HttpRequest request;
    request.url = "local:///v1/chat/completions";
    request.body = endless("hi").dump();
    auto call = std::make_shared<Call>(std::make_shared<const HttpRequest>(request));
    dispatcher.submit(std::move(std::get<PreparedCall>(tokenise_chat(call, *model, {}))));
    return call;
  };
  const auto finish = [](Call& call) {
    std::optional<IoResult> last;
    const auto give_up = Clock::now() + hang_guard;
    while (Clock::now() < give_up) {
      if (auto event = call.poll()) last = std::move(event);  // its bytes are ignored
      else if (last && (std::holds_alternative<BodyEnd>(*last) || std::holds_alternative<Error>(*last))) break;
      else call.wait(give_up);
    }
    return last;
  };

  model->tasks().on_update_slots([] { throw std::runtime_error("boom"); });
  for (const char* which : {"the call that is running", "a later one"}) {
    const auto last = finish(*start());
    ASSERT_TRUE(last && std::holds_alternative<Error>(*last)) << which;
    EXPECT_EQ(std::get<Error>(*last).kind, ErrorKind::engine_failed) << which;
    EXPECT_NE(std::get<Error>(*last).message.find("boom"), std::string::npos) << which;
  }
}

}  // namespace
}  // namespace abstractllm::engine_test
