// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <fstream>
#include <mutex>
#include <thread>

#include "abstractllm/device.hpp"
#include "engine/ask.hpp"

namespace abstractllm::engine_test {
namespace {

class Recorder {
 public:
  explicit Recorder(LogLevel level)
      : sink_(add_log_sink(level, [this](const LogRecord& record) {
          std::lock_guard lock(mutex_);
          records_.push_back(record);
        })) {}
  std::vector<LogRecord> events(std::string_view event) {
    std::lock_guard lock(mutex_);
    std::vector<LogRecord> found;
    for (const LogRecord& record : records_)
      if (event.empty() || record.event == event) found.push_back(record);
    return found;
  }

 private:
  std::mutex mutex_;
  std::vector<LogRecord> records_;
  LogSink sink_;
};

json hello() { return chat("hi", {{"max_tokens", 1}}); }

Error failure(const Options& options) {
  const Reply reply = ask(**make_llama_cpp_transport(options), hello());
  EXPECT_TRUE(reply.error) << "answered: " << reply.body;
  return reply.error.value_or(Error{});
}

Error failure_with_file(const std::string& name, const std::string& content) {
  const Folder folder;
  std::ofstream(folder / name, std::ios::binary) << content;
  const Error error = failure(Options{}.model((folder / name).string()).threads(1));
  EXPECT_NE(error.message.find((folder / name).string()), std::string::npos) << error.message;
  return error;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void expect_says(const Error& error, ErrorKind kind, const std::string& words) {
  EXPECT_EQ(error.kind, kind) << error.message;
  EXPECT_NE(error.message.find(words), std::string::npos) << error.message;
}

TEST(EngineLoad, WantsAModel) {
  expect_says(failure(Options{}), ErrorKind::not_configured, "Options::model");
  expect_says(failure(Options{}.model("")), ErrorKind::not_configured, "-m");
}

TEST(EngineLoad, SaysThatAFileDoesNotExist) {
  expect_says(failure(Options{}.model("/nowhere/model.gguf")), ErrorKind::not_configured,
              "'/nowhere/model.gguf' does not exist");
  expect_says(failure(Options{}.model("model.gguf")), ErrorKind::not_configured, "'model.gguf' does not exist");
}

TEST(EngineLoad, LooksForTheFileAtTheFirstCallOnly) {
  const TinyModelFile model;
  std::atomic<int> asked = 0;
  ModelFinder find;
  find.fetch = [&](const std::string& name, std::stop_token) -> Result<ModelFiles> {
    EXPECT_EQ(name, "org/found");
    ++asked;
    return ModelFiles{model.path(), std::nullopt};
  };
  const auto transport = *make_llama_cpp_transport(model.options().model("org/found"), find);
  EXPECT_EQ(asked, 0);
  for (int call = 0; call < 2; ++call) EXPECT_EQ(ask(*transport, hello()).error, std::nullopt);
  EXPECT_EQ(asked, 1);
}

TEST(EngineLoad, AFileThatIsNotFoundIsTheCallsErrorAndLookedForAgain) {
  std::atomic<int> asked = 0;
  ModelFinder find;
  find.fetch = [&](const std::string&, std::stop_token) -> Result<ModelFiles> {
    ++asked;
    return Error(ErrorKind::not_found, "no such model");
  };
  const auto transport = *make_llama_cpp_transport(Options{}.model("org/none"), find);
  for (int call = 1; call <= 2; ++call) {
    const Reply reply = ask(*transport, hello());
    ASSERT_TRUE(reply.error);
    expect_says(*reply.error, ErrorKind::not_found, "no such model");
    EXPECT_EQ(asked, call);
  }
}

/// A finder that takes as long as it may.
struct EndlessSearch {
  std::atomic<int> begun = 0;
  std::atomic<int> stopped = 0;
  Result<ModelFiles> operator()(std::stop_token stop) {
    ++begun;
    const auto deadline = Clock::now() + hang_guard;
    while (!stop.stop_requested() && Clock::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ++stopped;
    return Error(ErrorKind::cancelled, "stopped");
  }
  void wait_for(const std::atomic<int>& count, int value) const {
    const auto deadline = Clock::now() + hang_guard;
    while (count < value && Clock::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_GE(count, value);
  }
};

TEST(EngineLoad, StopsLookingForAFileThatNobodyWaitsForAnyMore) {
  const auto search = std::make_shared<EndlessSearch>();
  ModelFinder find;
  find.fetch = [search](const std::string&, std::stop_token stop) { return (*search)(std::move(stop)); };
  auto transport = *make_llama_cpp_transport(Options{}.model("org/endless"), find);
  {
    auto first = open(*transport, hello());
    search->wait_for(search->begun, 1);
    const auto second = open(*transport, hello());
    first.reset();
    EXPECT_EQ(search->stopped, 0);  // one still waits
  }
  search->wait_for(search->stopped, 1);
  const auto later = open(*transport, hello());
  search->wait_for(search->begun, 2);  // a new call looks anew
  transport.reset();
}

TEST(EngineLoad, RefusesAFolder) {
  const Folder folder;
  expect_says(failure(Options{}.model(folder.path().string())), ErrorKind::not_configured, "is a folder");
}

TEST(EngineLoad, TellsAFolderOfSafetensorsFromOneOfGguf) {
  const Folder folder;
  std::ofstream(folder / "model.safetensors") << "{}";
  const auto of_folder = [&] { return failure(Options{}.model(folder.path().string())); };
  expect_says(of_folder(), ErrorKind::not_configured, "is a folder of safetensors without config.json");
  expect_says(failure(Options{}.model((folder / "model.safetensors").string())), ErrorKind::engine_failed,
              "has the format safetensors");
  std::ofstream(folder / "model.gguf") << "GGUF";
  expect_says(of_folder(), ErrorKind::not_configured, (folder / "model.gguf").string().c_str());
}

TEST(EngineLoad, RefusesWhatIsNoFile) {
  expect_says(failure(Options{}.model("/dev/zero")), ErrorKind::not_configured, "not a regular file");
}

TEST(EngineLoad, RefusesAFileThatCannotBeRead) {
  // A regular file whose first byte cannot be read, also not by root.
  expect_says(failure(Options{}.model("/proc/self/mem")), ErrorKind::not_configured, "cannot be read");
}

TEST(EngineLoad, RefusesAnEmptyFile) {
  expect_says(failure_with_file("empty.gguf", ""), ErrorKind::engine_failed, "is empty");
}

TEST(EngineLoad, RefusesAText) {
  expect_says(failure_with_file("text.gguf", "Dear model,\n"), ErrorKind::engine_failed, "not a GGUF file");
  expect_says(failure_with_file("short.gguf", "GG"), ErrorKind::engine_failed, "not a GGUF file");
}

TEST(EngineLoad, RefusesAFileCutAnywhere) {
  const TinyModelFile model;
  const std::string whole = bytes_of(model.path());
  for (const std::size_t size :
       {std::size_t{4}, std::size_t{8}, std::size_t{30}, std::size_t{3000}, whole.size() / 2, whole.size() - 1})
    expect_says(failure_with_file("cut.gguf", whole.substr(0, size)), ErrorKind::engine_failed, "cannot be loaded: ");
}

TEST(EngineLoad, RefusesAGgufOfSomethingElse) {
  std::string damaged = bytes_of(TinyModelFile().path());
  const auto at = damaged.find("llama", damaged.find("general.architecture"));
  damaged.replace(at, 5, "lamma");
  expect_says(failure_with_file("other.gguf", damaged), ErrorKind::engine_failed,
              "unknown model architecture: 'lamma'");
}

TEST(EngineLoad, RefusesNumbersThatTheEngineWouldEndTheProcessFor) {
  for (const std::uint32_t layers : {0U, 513U, 2147483647U, 4294967295U})
    expect_says(failure_with_file("layers.gguf", bytes_of(TinyModelFile({.layers = layers}).path())),
                ErrorKind::engine_failed, "its llama.block_count is " + std::to_string(layers));
  for (const float epsilon : {-1e30F, std::nanf(""), std::numeric_limits<float>::infinity()})
    expect_says(failure_with_file("epsilon.gguf", bytes_of(TinyModelFile({.epsilon = epsilon}).path())),
                ErrorKind::engine_failed, "its llama.attention.layer_norm_rms_epsilon is ");
}

TEST(EngineLoad, TriesAgainAfterAFailure) {
  const Folder folder;
  const auto path = folder / "late.gguf";
  auto transport = *make_llama_cpp_transport(Options{}.model(path.string()).threads(1).context_size(512));
  EXPECT_TRUE(ask(*transport, hello()).error);
  testing_support::write_tiny_model(path);
  const Reply reply = ask(*transport, hello());
  EXPECT_EQ(reply.status, 200) << reply.error.value_or(Error{}).message;
}

TEST(EngineLoad, FailsEveryCallThatWaitedForIt) {
  auto transport = *make_llama_cpp_transport(Options{}.model("/nowhere/model.gguf"));
  std::vector<std::unique_ptr<Channel>> channels;
  for (int i = 0; i < 5; ++i) channels.push_back(open(*transport, hello()));
  for (const auto& channel : channels) EXPECT_TRUE(drain(*channel).error);
}

TEST(EngineLoad, SharesOneEngineBetweenEqualOptions) {
  const TinyModelFile model;
  Recorder loads(LogLevel::info);
  const auto first = model.transport();
  const auto second =
      *make_llama_cpp_transport(model.options().temperature(0.5).max_tokens(3).parallel(4).device("auto"));
  EXPECT_EQ(ask(*first, hello()).status, 200);
  EXPECT_EQ(ask(*second, hello()).status, 200);
  EXPECT_EQ(loads.events("load").size(), 1);
  EXPECT_EQ(ask(**make_llama_cpp_transport(model.options().parallel(2)), hello()).status, 200);
  EXPECT_EQ(loads.events("load").size(), 2);
}

TEST(EngineLoad, KeepsTheModelWhenItsLastHandleIsGone) {
  const TinyModelFile model;
  Recorder loads(LogLevel::info);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(*model.transport(), hello()).status, 200);
  EXPECT_EQ(loads.events("load").size(), 1);
}

TEST(EngineLoad, LogsProgressAndResultWithoutPromptOrAnswer) {
  const TinyModelFile model;
  Recorder info(LogLevel::info);
  Recorder debug(LogLevel::debug);
  EXPECT_EQ(ask(*model.transport(), chat("sesame", {{"grammar", grammar_for("simsala")}})).status, 200);
  ASSERT_EQ(info.events("load").size(), 1);
  const LogRecord load = info.events("load").front();
  EXPECT_EQ(std::get<std::string>(load.field("model")->value), model.path());
  EXPECT_GT(std::get<double>(load.field("ms")->value), 0);
  EXPECT_EQ(std::get<std::string>(load.field("device")->value), "CPU");
  EXPECT_EQ(std::get<std::int64_t>(load.field("gpu_layers")->value), 0);
  EXPECT_EQ(std::get<std::int64_t>(load.field("layers")->value), 2);
  EXPECT_GT(std::get<std::int64_t>(load.field("model_bytes")->value), 100'000);
  EXPECT_EQ(std::get<double>(debug.events("load_progress").front().field("progress")->value), 0);
  EXPECT_EQ(std::get<double>(debug.events("load_progress").back().field("progress")->value), 1);
  EXPECT_GT(debug.events("engine").size(), 10);
  EXPECT_TRUE(info.events("engine").empty());
  for (const LogRecord& record : debug.events("")) {
    EXPECT_EQ(record.message.find("sesame"), std::string::npos) << record.message;
    EXPECT_EQ(record.message.find("simsala"), std::string::npos) << record.message;
  }
}

TEST(EngineLoad, WritesNothingToTheTerminal) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  {
    const TinyModelFile model;
    ask(*model.transport(), chat("hi", {{"max_tokens", 3}, {"stream", true}}));
    ask(*model.transport(), chat(std::string(5000, 'x')));
    failure_with_file("cut.gguf", bytes_of(model.path()).substr(0, 1000));
    failure(model.options().engine_args({"--split-mode", "none"}));
  }
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(EngineLoad, TakesArgumentsOfTheEngine) {
  const TinyModelFile model;
  const auto answer = [&model](std::vector<std::string> arguments) {
    return ask(**make_llama_cpp_transport(model.options().engine_args(std::move(arguments))),
               chat("abcdef", {{"max_tokens", 3}, {"logit_bias", {{"122", 100}}}}));
  };
  EXPECT_EQ(answer({"--chat-template", "{{ messages[0].content }}"}).usage()["prompt_tokens"], 6);
  EXPECT_EQ(answer({"--alias", "nick"}).parsed()["model"], "nick");
  EXPECT_EQ(answer({"--n_predict", "2"}).text(), "zzz") << "the call's own max_tokens is stronger";
  EXPECT_EQ(answer({"--no-cache-prompt", "-b", "64", "-ub", "32", "--cache-type-k", "f32"}).text(), "zzz");
}

TEST(EngineLoad, RefusesArgumentsByName) {
  const TinyModelFile model;
  const auto refusal = [&model](std::vector<std::string> arguments) {
    const std::string name = "'" + arguments[0] + "'";
    const Error error = failure(model.options().engine_args(std::move(arguments)));
    EXPECT_EQ(error.kind, ErrorKind::invalid_argument) << error.message;
    EXPECT_NE(error.message.find(name), std::string::npos) << error.message;
    return error.message;
  };
  EXPECT_NE(refusal({"--nonsense"}).find("is not an argument of the engine"), std::string::npos);
  EXPECT_NE(refusal({"stray"}).find("is not an argument"), std::string::npos);
  EXPECT_NE(refusal({"--temp"}).find("needs a value"), std::string::npos);
  EXPECT_NE(refusal({"--batch-size", "many"}).find("refused by the engine"), std::string::npos);
  EXPECT_NE(refusal({"--cache-type-k", "q99"}).find("q99"), std::string::npos);
  for (const char* name : {"--help",
                           "-h",
                           "--version",
                           "--list-devices",
                           "--completion-bash",
                           "--cache-list",
                           "--host",
                           "--port",
                           "--no-slots",
                           "--api-key",
                           "-m",
                           "--model",
                           "-c",
                           "-t",
                           "-ngl",
                           "--device",
                           "-np",
                           "-hf",
                           "--model-url",
                           "--log-file",
                           "-v",
                           "--mmproj",
                           "--embedding",
                           "--context-shift",
                           "--no-context-shift",
                           "--override-tensor",
                           "--sleep-idle-seconds",
                           "--fim-qwen-1.5b-default"})
    EXPECT_FALSE(refusal({name, "1"}).empty());
}

TEST(EngineLoad, RefusesADeviceThatIsNotThere) {
  const TinyModelFile model;
  const Error error = failure(model.options().device("Abacus7"));
  expect_says(error, ErrorKind::not_configured, "'Abacus7' is not there; there are: CPU");
  EXPECT_EQ(ask(**make_llama_cpp_transport(model.options().device("cpu")), hello()).status, 200);
  EXPECT_EQ(ask(**make_llama_cpp_transport(model.options().device("CPU")), hello()).status, 200);
}

TEST(EngineLoad, ListsDevicesAndOneIsChosen) {
  int chosen = 0;
  for (const Device& device : devices()) {
    EXPECT_FALSE(device.name.empty());
    EXPECT_FALSE(device.type.empty());
    chosen += device.chosen ? 1 : 0;
    if (device.type == "cpu") {
      EXPECT_LT(device.memory_free_bytes, device.memory_total_bytes) << "this program uses some";
    }
  }
  EXPECT_GE(chosen, 1);
  EXPECT_EQ(engine_version().find("llama.cpp v0.5.0 ("), 0) << engine_version();
}

TEST(EngineLoad, TakesTheContextOfTheModelWhenAskedFor) {
  const TinyModelFile model;
  Recorder loads(LogLevel::info);
  EXPECT_EQ(ask(**make_llama_cpp_transport(model.options().context_size(0)), hello()).status, 200);
  EXPECT_EQ(std::get<std::int64_t>(loads.events("load").front().field("context_tokens")->value), 2048);
}

}  // namespace
}  // namespace abstractllm::engine_test
