// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "abstractllm/executor.hpp"
#include "abstractllm/options.hpp"
#include "abstractllm/tool.hpp"
#include "abstractllm/warning.hpp"
#include "base/clock.hpp"
#include "base/process.hpp"
#include "tools/result_text.hpp"

namespace abstractllm {

/// The limits of the tools of one call.
struct ToolLimits {
  std::chrono::milliseconds timeout{60'000};        ///< of one run
  std::size_t at_once = 8;                          ///< tools that run at once
  std::size_t result_bytes = std::size_t{1} << 20;  ///< a larger result is cut
  std::size_t round_bytes = std::size_t{64} << 20;  ///< the same for all results of a round together
};

/// Returns the limits that these merged options ask for.
ToolLimits tool_limits_from(const Options& options);

/// Counts the places of a call's tools. A tool that does not return keeps its place, also in later rounds, so that no
/// model can fill the process with threads.
class ToolPlaces {
 public:
  explicit ToolPlaces(std::size_t limit) : free_(limit) {}

  bool take() {
    const std::lock_guard lock(mutex_);
    if (free_ == 0) return false;
    --free_;
    return true;
  }
  void give_back() {
    const std::lock_guard lock(mutex_);
    ++free_;
  }

 private:
  std::mutex mutex_;
  std::size_t free_;
};

/// A call of a model with the tool that answers it.
struct PlannedCall {
  ToolCall call;
  std::optional<Tool> tool;  ///< unset: no tool has this name
};

/// What came of one call.
struct ToolOutcome {
  std::size_t index = 0;  ///< of the call in the round
  ToolResult result;
  std::vector<Warning> warnings;
};

/// One round of a tool loop: it checks the arguments of some calls, asks for approval, runs the tools in parallel and
/// collects their results. Of an answer with very many calls only the first are run. It is thread-safe. Nothing that a
/// tool or the approval does can throw out of it. It is held by a shared_ptr, also by each running tool, so that a tool
/// which returns late finds it.
class ToolRound : public ProcessOwned, public std::enable_shared_from_this<ToolRound> {
 public:
  struct Setup {
    std::vector<PlannedCall> calls;
    std::string known_tools;  ///< for the model: the names of all tools
    ToolLimits limits;
    std::shared_ptr<ToolPlaces> places;
    ApproveTool approve;                 ///< may be empty
    std::shared_ptr<Executor> executor;  ///< for tools that are Tasks; null: the loop thread
    std::shared_ptr<const std::vector<Message>> conversation;
  };

  explicit ToolRound(Setup setup, Clock& clock = Clock::system());

  /// Whether somebody has to be asked before the tools run.
  bool has_approval() const { return static_cast<bool>(setup_.approve); }
  /// Asks about each call, one after the other, on a thread of the pool. Returns at once.
  void ask();
  /// Starts the tools. Returns at once.
  void run();

  /// `news` is called when take() or is_done() may have changed, on any thread. It must not block.
  /// When this function has returned, an earlier one is not called any more.
  void notify(std::function<void()> news);
  /// Whether take() has something. Tools whose time is over count as ended.
  bool has_outcomes();
  /// Returns what has come since the last call, in the order in which it came.
  std::vector<ToolOutcome> take();
  /// Whether everybody was asked.
  bool is_asked() const;
  /// Whether each call has its result, and take() has returned it.
  bool is_done() const;
  /// Whether an approval said that the call must end after this round.
  bool ends_call() const;
  /// The next time at which take() has something because a tool took too long.
  TimePoint deadline() const;
  /// Blocks until there is something new, until `until`, or until wake().
  void wait(TimePoint until);
  void wake();

  /// Nobody wants the results any more. Running tools are told through their stop tokens, and no further tool starts.
  void stop();
  /// Blocks until no tool of this round runs, at most until `until`.
  void wait_for_tools(TimePoint until);

 private:
  enum class State { waiting, running, ended };
  struct Slot {
    PlannedCall planned;
    State state = State::waiting;
    std::optional<std::string> arguments;  // checked; unset: not checked yet
    std::optional<Error> refused;          // why the tool does not run
    TimePoint started{};
    std::stop_source stop{std::nostopstate};  // of a tool that has begun
    bool has_worker = false;                  // a worker runs it and goes on with the next slot
  };

  void ask_all();
  void ask_one(std::size_t index);
  void check(Slot& slot, const std::string& arguments) const;
  std::optional<std::size_t> begin_next();
  void start_more();
  void work(std::size_t index);
  std::optional<std::size_t> go_on_after(std::size_t index);
  void run_one(std::size_t index);
  void note_end(std::size_t index, const Result<std::string>& outcome);
  ToolOutcome outcome_for(std::size_t index, const Result<std::string>& outcome) const;
  void end_slot(ToolOutcome outcome, TimePoint now);
  std::vector<std::stop_source> expire(TimePoint now);
  void tell();

  Setup setup_;
  Clock& clock_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Slot> slots_;
  RoundBytes bytes_;
  std::vector<ToolOutcome> outcomes_;  // not yet taken
  std::vector<std::size_t> active_;    // slots whose tool runs and is in time
  std::stop_source asking_;
  std::size_t next_ = 0;     // the first slot that has not begun
  std::size_t workers_ = 0;  // threads that run one slot after the other, without those of late tools
  std::size_t running_ = 0;  // functions that have not returned, those that are late included
  std::size_t ended_ = 0;    // slots with an outcome
  bool asked_ = false;
  bool ends_call_ = false;
  bool stopped_ = false;
  bool has_news_ = false;  // for wait()
  std::mutex tell_mutex_;  // held while tell_ runs, so that nobody is told after it was replaced
  std::function<void()> tell_;
};

}  // namespace abstractllm
