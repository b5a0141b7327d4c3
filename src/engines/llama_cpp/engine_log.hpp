// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>

namespace abstractllm {

/// Sends every line of ggml, llama and mtmd to our log as event "engine": its errors and warnings at their level, its
/// info as debug (it has several lines per call) and its debug, which holds prompts and answers, as trace. Once per
/// process is enough. Lines of the server code need no call: engine_log.cpp takes the place of the engine's own
/// common/log.cpp.
void redirect_engine_log();

/// As long as it lives, the calling thread's error lines are collected as well.
class EngineErrorCapture {
 public:
  EngineErrorCapture();
  ~EngineErrorCapture();
  EngineErrorCapture(const EngineErrorCapture&) = delete;
  EngineErrorCapture& operator=(const EngineErrorCapture&) = delete;

  /// The first error line, without the name of the function that wrote it; empty where there was none.
  std::string first() const;

 private:
  std::string lines_;
};

/// Marks the calling thread as one that runs a model until `stopping` is set; from then on its lines are no news
/// (trace), and the warning with which the engine wants to repeat an aborted decode throws EngineStopped out of it
/// instead.
void log_until_stopping(const std::atomic<bool>* stopping);

/// Thrown out of the engine's loop when it is stopped in the middle of a decode.
class EngineStopped : public std::exception {
 public:
  const char* what() const noexcept override { return "the engine was stopped"; }
};

}  // namespace abstractllm
