// SPDX-License-Identifier: Apache-2.0
//
// Our implementation of the engine's common/log.h. The engine's own one prints to the terminal from a thread. Every
// symbol of common/log.cpp must be here, so that the linker never takes that object from its archive.
#include "engines/llama_cpp/engine_log.hpp"

#include <charconv>
#include <cstdarg>
#include <cstdio>
#include <string_view>

#include "base/log.hpp"
#include "json.h"
#include "llama.h"
#include "log.h"
#include "mtmd-helper.h"

struct common_log {};

namespace abstractllm {
namespace {

struct ThreadLog {
  std::string line;  // the engine writes lines in pieces
  ggml_log_level level = GGML_LOG_LEVEL_INFO;
  EngineLogCapture* capture = nullptr;
  const std::atomic<bool>* stopping = nullptr;

  bool is_stopping() const { return stopping != nullptr && stopping->load(std::memory_order_relaxed); }
};

thread_local ThreadLog thread_log;

LogLevel our_level(ggml_log_level level) {
  if (thread_log.is_stopping()) return LogLevel::trace;
  switch (level) {
    case GGML_LOG_LEVEL_ERROR: return LogLevel::error;
    case GGML_LOG_LEVEL_WARN: return LogLevel::warn;
    case GGML_LOG_LEVEL_DEBUG: return LogLevel::trace;
    default: return LogLevel::debug;
  }
}

// The only warning that quotes an answer.
bool quotes_answer(std::string_view line) {
  return line.find("unparsed") != line.npos && line.find("output:") != line.npos;
}

void finish_line(ThreadLog& state) {
  std::string line = std::exchange(state.line, {});
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
  if (line.find_first_not_of('.') == line.npos) return;  // progress dots
  if (state.capture != nullptr && state.level == GGML_LOG_LEVEL_ERROR) state.capture->take_error(line);
  const LogLevel level = quotes_answer(line) ? LogLevel::trace : our_level(state.level);
  if (!log_enabled(level)) return;
  LogRecord record;
  record.level = level;
  record.event = "engine";
  record.message = std::move(line);
  log(record);
}

void take_text(ggml_log_level level, std::string_view text) {
  ThreadLog& state = thread_log;
  if (level != GGML_LOG_LEVEL_CONT) {
    if (!state.line.empty()) finish_line(state);
    state.level = level;
  }
  state.line.append(text);
  if (state.line.ends_with('\n')) finish_line(state);
}

void take_format(ggml_log_level level, const char* format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  char text[512];
  const int length = std::vsnprintf(text, sizeof text, format, arguments);
  if (length >= static_cast<int>(sizeof text)) {
    std::string longer(static_cast<std::size_t>(length), '\0');
    std::vsnprintf(longer.data(), longer.size() + 1, format, again);
    take_text(level, longer);
  } else if (length > 0) {
    take_text(level, {text, static_cast<std::size_t>(length)});
  }
  va_end(again);
}

common_log the_log;

}  // namespace

void redirect_engine_log() {
  llama_log_set(common_log_default_callback, nullptr);
  mtmd_helper_log_set(common_log_default_callback, nullptr);
}

EngineLogCapture::EngineLogCapture(std::function<void(std::string_view)> on_text) : on_text_(std::move(on_text)) {
  thread_log.capture = this;
}
EngineLogCapture::~EngineLogCapture() { thread_log.capture = nullptr; }

/// Reads "load_tensors: offloaded 3/7 layers to GPU", the only place where the engine reports its decision.
void EngineLogCapture::take_text(std::string_view text) {
  if (on_text_) on_text_(text);
  constexpr std::string_view word = "offloaded ";
  const std::size_t at = text.find(word);
  if (at == text.npos || text.find("layers to GPU") == text.npos) return;
  std::from_chars(text.data() + at + word.size(), text.data() + text.size(), gpu_layers_);
}

std::string EngineLogCapture::first_error() const {
  std::string line = errors_.substr(0, errors_.find('\n'));
  for (const std::string_view prefix : {"error loading model: ", "error: "})
    if (const auto at = line.find(prefix); at != line.npos) return line.substr(at + prefix.size());
  const auto function = line.find(": ");
  return function == line.npos || line.find(' ') < function ? line : line.substr(function + 2);
}

void log_until_stopping(const std::atomic<bool>* stopping) { thread_log.stopping = stopping; }

}  // namespace abstractllm

using abstractllm::LogLevel;

// Checked before every line, so that unwanted lines are not even formatted.
int common_log_get_verbosity_thold() {
  if (abstractllm::log_enabled(LogLevel::trace)) return LOG_LEVEL_DEBUG;
  if (abstractllm::log_enabled(LogLevel::debug)) return LOG_LEVEL_TRACE;
  if (abstractllm::log_enabled(LogLevel::warn) || abstractllm::thread_log.is_stopping()) return LOG_LEVEL_WARN;
  if (abstractllm::log_enabled(LogLevel::error) || abstractllm::thread_log.capture != nullptr) return LOG_LEVEL_ERROR;
  return LOG_LEVEL_OUTPUT - 1;
}

void common_log_add(common_log*, ggml_log_level level, const char* format, ...) {
  // The engine repeats an aborted decode with half the batch until nothing is left, and then an assertion ends the
  // process. Between two attempts this line is the only place where our code runs.
  if (level == GGML_LOG_LEVEL_WARN && abstractllm::thread_log.is_stopping()) throw abstractllm::EngineStopped();
  va_list arguments;
  va_start(arguments, format);
  abstractllm::take_format(level, format, arguments);
  va_end(arguments);
}

void common_log_default_callback(ggml_log_level level, const char* text, void*) {
  if (abstractllm::thread_log.capture != nullptr) abstractllm::thread_log.capture->take_text(text);
  if (common_log_get_verbosity(level) <= common_log_get_verbosity_thold()) abstractllm::take_text(level, text);
}

int common_log_get_verbosity(ggml_log_level level) {
  switch (level) {
    case GGML_LOG_LEVEL_DEBUG: return LOG_LEVEL_DEBUG;
    case GGML_LOG_LEVEL_WARN: return LOG_LEVEL_WARN;
    case GGML_LOG_LEVEL_ERROR: return LOG_LEVEL_ERROR;
    default: return LOG_LEVEL_TRACE;
  }
}

common_log* common_log_main() { return &abstractllm::the_log; }
common_log* common_log_init() { return &abstractllm::the_log; }

// The remaining functions are for files, colours and a writing thread, which we do not have.
void common_log_set_verbosity_thold(int) {}
bool common_log_get_jsonl() { return false; }
void common_log_set_jsonl(bool) {}
void common_log_pause(common_log*) {}
void common_log_resume(common_log*) {}
void common_log_free(common_log*) {}
void common_log_set_file(common_log*, const char*) {}
void common_log_set_colors(common_log*, log_colors) {}
void common_log_set_prefix(common_log*, bool) {}
void common_log_set_timestamps(common_log*, bool) {}
void common_log_flush(common_log*) {}
void common_log_add_json(common_log*, const char*, const common_json&) {}
