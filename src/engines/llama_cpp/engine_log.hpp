// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace abstractllm {

/// Sends every line of ggml, llama and mtmd to our log as event "engine": its errors and warnings at their level, its
/// info as debug (it has several lines per call) and its debug, which holds prompts and answers, as trace. Once per
/// process is enough. Lines of the server code need no call: engine_log.cpp takes the place of the engine's own
/// common/log.cpp.
void redirect_engine_log();

/// As long as it lives, what the calling thread's lines say of a load is kept as well.
class EngineLogCapture {
 public:
  EngineLogCapture();
  ~EngineLogCapture();
  EngineLogCapture(const EngineLogCapture&) = delete;
  EngineLogCapture& operator=(const EngineLogCapture&) = delete;

  /// The first error line, without the name of the function that wrote it; empty where there was none.
  std::string first_error() const;
  /// How many layers of the model went to GPUs; 0: none, or a build without.
  std::int64_t gpu_layers() const { return gpu_layers_; }

  /// For the log itself.
  void take_error(const std::string& line) { (errors_ += line) += '\n'; }
  void take_text(std::string_view text);

 private:
  std::string errors_;
  std::int64_t gpu_layers_ = 0;
};

/// Marks the calling thread as one that runs a model until `stopping` is set; from then on its lines are no news
/// (trace), and the warning with which the engine wants to repeat an aborted decode throws EngineStopped out of it
/// instead.
void log_until_stopping(const std::atomic<bool>* stopping);

/// Thrown out of the engine's loop when it is stopped in the middle of a decode. No std::exception: the engine would
/// catch that and begin the next task, for which it takes what was not decoded for remembered, and ends the process.
struct EngineStopped {};

}  // namespace abstractllm
