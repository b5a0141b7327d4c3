// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "abstractllm/abstractllm.hpp"

/// What the programs of the suite `limits` share. A scenario runs in a process of its own and ends it.
namespace abstractllm::limits {

/// Where a scenario can run.
enum class Where {
  everywhere,
  /// Sanitizers reserve terabytes of addresses and start threads of children badly. Those of GCC 12 and Clang 14 do not
  /// lock their allocator around a fork: where other threads allocate, a child may wait for that lock for ever.
  without_sanitizers,
  without_asan,  ///< UBSan beside it needs descriptors
};

/// ThreadSanitizer ends a child that starts a thread where one of its parent's was.
#ifdef ABSTRACTLLM_THREAD_SANITIZER
inline constexpr bool children_start_threads = false;
#else
inline constexpr bool children_start_threads = true;
#endif

struct Scenario {
  std::string_view name;
  Where where;
  int (*run)();  ///< the exit status; 0: as it should be
};

std::span<const Scenario> fork_scenarios();
std::span<const Scenario> exit_scenarios();
std::span<const Scenario> resource_scenarios();

/// Ends the process with status 1 and says why, where `fine` is false.
void require(bool fine, std::string_view what);

/// Waits for a child process. True: it exited with status 0 within `seconds`; otherwise it is killed.
bool ends_well(int child, int seconds = 20);

/// A server on 127.0.0.1 in a process of its own, so that neither its threads nor its descriptors are the scenario's.
/// It answers with the text of the last message. "silent …" is begun and never ended; "slow …" takes 20 ms; "tool" is
/// answered with a call of the tool "run", whose result is echoed then, and "tools" with two of them.
class EchoServer {
 public:
  EchoServer();
  ~EchoServer();
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;

  Llm model(Options options = {}) const;

 private:
  int child_ = -1;
  int control_ = -1;  // the server ends when it is closed
  std::string url_;
};

/// "asks-own": asks one question and requires its own answer.
void ask_blocking(const Llm& model, const std::string& question);
void ask_async(const Llm& model, const std::string& question);

/// Path of a tiny model in a folder that everybody may read; made once and never removed by the process.
std::string tiny_model_file();
/// That model as a handle, one thread, short answers.
Llm local_model(const Options& options = {});

}  // namespace abstractllm::limits
