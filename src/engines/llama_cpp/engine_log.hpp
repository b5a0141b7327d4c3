// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace abstractllm {

/// Sends every line of ggml, llama and mtmd to our log as event "engine". Errors and warnings keep their level, info
/// becomes debug (there are several lines per call), and debug, which has prompts and answers, becomes trace. One call
/// per process is enough. Lines of the server code need no call, because engine_log.cpp replaces the engine's own
/// common/log.cpp.
void redirect_engine_log();

/// While it exists, it also keeps what the calling thread's lines say about a load.
class EngineLogCapture {
 public:
  /// `on_text` also gets each text of the engine's libraries on this thread. What it throws, the engine throws.
  explicit EngineLogCapture(std::function<void(std::string_view)> on_text = {});
  ~EngineLogCapture();
  EngineLogCapture(const EngineLogCapture&) = delete;
  EngineLogCapture& operator=(const EngineLogCapture&) = delete;

  /// The first error line, without the name of the function that wrote it. Empty if there was none.
  std::string first_error() const;
  /// The number of layers of the model on GPUs. 0 if there are none, or in a build without GPUs.
  std::int64_t gpu_layers() const { return gpu_layers_; }

  /// Used by the log itself.
  void take_error(const std::string& line) { (errors_ += line) += '\n'; }
  void take_text(std::string_view text);

 private:
  std::function<void(std::string_view)> on_text_;
  std::string errors_;
  std::int64_t gpu_layers_ = 0;
};

/// Marks the calling thread as one that runs a model until `stopping` is set. From then on its lines are trace. When
/// the engine warns that it will repeat an aborted decode, EngineStopped is thrown out of it instead.
void log_until_stopping(const std::atomic<bool>* stopping);

/// Thrown out of the engine's loop when it is stopped in the middle of a decode. It is not a std::exception, because
/// the engine would catch that and start the next task. For that task it would assume that everything was decoded, and
/// then end the process.
struct EngineStopped {};

}  // namespace abstractllm
