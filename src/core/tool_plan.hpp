// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "core/call_reader.hpp"
#include "core/call_tools.hpp"
#include "core/chat_inquiry.hpp"
#include "core/data_stamp.hpp"
#include "core/fold.hpp"
#include "core/prepare.hpp"
#include "exchange/sequence.hpp"
#include "tools/tool_inquiry.hpp"
#include "tools/tool_round.hpp"

namespace abstractllm {

/// The tool loop: the requests and the rounds of tools of one call, one after the other. It is a plan of inquiries, so
/// it is written once for every form of a call.
///
/// It folds each answer on the driver's side as well, because the next request depends on it. The consumer folds the
/// same events on its own side.
class ToolPlan final : public CallPlan, public EventTap {
 public:
  /// How the call makes its requests.
  struct Setup {
    std::vector<Message> messages;  ///< of the caller
    Options options;                ///< merged
    CallInfo info;
    std::shared_ptr<ChatInquiry> chat;
    std::shared_ptr<CallTools> tools;
    Policy policy;
    std::vector<Warning> known_warnings;  ///< those of the first request: none is repeated
    /// Prepares a later request.
    std::function<Result<PreparedRequest>(std::vector<Message> messages, const Options& options)> prepare;
    /// Returns the inquiries of a request: those that must come before the chat, and the chat. Null: the chat alone.
    std::function<Result<std::unique_ptr<CallPlan>>(const PreparedRequest& prepared)> plan;
  };

  /// `first` are the inquiries of the first request, or null for the chat alone.
  ToolPlan(Setup setup, std::unique_ptr<CallPlan> first, Clock& clock = Clock::system());

  Result<std::optional<Stage>> next(const Error* failure) override;
  void restart() override;
  void take(Decoded& decoded, std::size_t first_new) override;

 private:
  enum class Phase { begin, chat, ask, run, done };
  using Next = Result<std::optional<Stage>>;

  Next chat_stage();
  Next end_of_answer();
  Next begin_round(std::vector<PlannedCall> runnable);
  Next end_of_round();
  Next next_request();
  Next finish(FinishReason reason);
  Result<void> take_outcome(ToolOutcome outcome);
  Result<void> warn(const Warning& warning);
  void drop_known_warnings(std::vector<StreamEvent>& events, std::size_t first_new);
  std::vector<PlannedCall> runnable_calls();
  bool was_cut();
  const Tool* find(const std::string& name) const;
  void finish_step(FinishReason reason);
  Stage tool_stage(ToolInquiry::Stage stage);
  std::vector<StreamEvent>& events() { return setup_.chat->decoded().events; }

  Setup setup_;
  std::unique_ptr<CallPlan> inner_;  // the inquiries of the current request
  Clock& clock_;
  ToolLimits limits_;
  std::shared_ptr<ToolPlaces> places_;
  std::int64_t most_rounds_;
  std::string known_tools_;
  Phase phase_ = Phase::begin;

  // The current step
  Fold fold_;
  Response answer_;
  DataStamp stamp_;
  std::optional<Finished> finished_;
  AnswerFacts facts_;
  TimePoint step_started_{};
  std::optional<TimePoint> first_event_;
  int attempts_before_ = 0;
  std::chrono::microseconds answer_time_{0};

  // The current round
  std::shared_ptr<ToolRound> round_;
  std::vector<ToolResult> results_;
  bool has_open_calls_ = false;

  std::int64_t rounds_ = 0;
  int failed_rounds_ = 0;
  Usage usage_;  // of all steps
};

}  // namespace abstractllm
