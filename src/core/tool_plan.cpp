// SPDX-License-Identifier: Apache-2.0
#include "core/tool_plan.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/secret.hpp"
#include "core/call_log.hpp"
#include "core/usage_sum.hpp"
#include "schema/tool_schema.hpp"

namespace abstractllm {
namespace {

constexpr std::int64_t default_rounds = 8;
constexpr int most_failed_rounds = 3;

/// The names for a model that has called another one. Each such call gets them, so they must not be long.
std::string names_of(const std::vector<Tool>& tools) {
  constexpr std::size_t most_bytes = 4096;
  std::string names;
  for (const Tool& tool : tools) {
    if (tool.is_hosted()) continue;
    if (!names.empty()) names += ", ";
    if (names.size() + tool.name().size() > most_bytes) return names + "…";
    names += tool.name();
  }
  return names;
}

/// A choice that forces a call applies to the first request. Otherwise the model could never answer.
Options for_later_requests(Options options) {
  const std::string choice = options.tool_choice().value_or("auto");
  if (choice != "auto" && choice != "none" && !choice.empty()) options.tool_choice("auto");
  return options;
}

/// Only the limit of the whole call counts while tools run.
Policy policy_of_tools(const Policy& policy) {
  Policy own;
  own.total_timeout = policy.total_timeout;
  own.max_retries = 0;
  own.max_response_bytes = std::numeric_limits<std::int64_t>::max();
  return own;
}

}  // namespace

ToolPlan::ToolPlan(Setup setup, std::unique_ptr<CallPlan> first, Clock& clock)
    : setup_(std::move(setup)),
      inner_(std::move(first)),
      clock_(clock),
      limits_(tool_limits_from(setup_.options)),
      places_(std::make_shared<ToolPlaces>(limits_.at_once)),
      most_rounds_(setup_.options.max_tool_rounds().value_or(default_rounds)),
      known_tools_(names_of(*setup_.options.tools())),
      stamp_(setup_.info.provider, setup_.info.protocol, setup_.info.model),
      step_started_(clock.now()) {
  setup_.tools->timeout = limits_.timeout;
  setup_.chat->set_tap(this);
}

// ---- The answer, as its events come

void ToolPlan::restart() {
  fold_ = {};
  answer_ = {};
  finished_.reset();
  first_event_.reset();
}

/// Each answer may give the same Warning.
void ToolPlan::drop_known_warnings(std::vector<StreamEvent>& events, std::size_t first_new) {
  std::vector<Warning>& known = setup_.known_warnings;
  const auto is_known = [&](const StreamEvent& event) {
    const auto* const warning = std::get_if<Warning>(&event);
    if (warning == nullptr) return false;
    if (std::find(known.begin(), known.end(), *warning) != known.end()) return true;
    known.push_back(*warning);
    return false;
  };
  const auto first = events.begin() + static_cast<std::ptrdiff_t>(first_new);
  events.erase(std::remove_if(first, events.end(), is_known), events.end());
}

void ToolPlan::take(Decoded& decoded, std::size_t first_new) {
  std::vector<StreamEvent>& events = decoded.events;
  if (first_new < events.size() && !first_event_) first_event_ = clock_.now();
  const HttpRequest& request = *setup_.chat->plain_request();
  drop_known_warnings(events, first_new);
  for (std::size_t at = first_new; at < events.size(); ++at) {
    if (auto* ended = std::get_if<PartEnded>(&events[at])) {
      fold_.end_part(ended->kind, stamp_.stamped(ended->provider_json, request, decoded.model), answer_);
      continue;
    }
    StreamEvent event = events[at];
    if (auto* call = std::get_if<ToolCall>(&event)) stamp_.stamp(*call, request, decoded.model);
    if (auto* call = std::get_if<HostedToolCall>(&event)) stamp_.stamp(*call, request, decoded.model);
    fold_.add(event, answer_);
  }
  if (events.size() <= first_new || !std::holds_alternative<Finished>(events.back())) return;
  // The call may go on. Its own Finished comes at its end.
  finished_ = std::get<Finished>(std::move(events.back()));
  events.pop_back();
  answer_time_ = std::chrono::duration_cast<std::chrono::microseconds>(clock_.now() - step_started_);
}

// ---- The requests and rounds, one after the other

ToolPlan::Next ToolPlan::next(const Error* failure) {
  switch (phase_) {
    case Phase::begin: phase_ = Phase::chat; return chat_stage();
    case Phase::chat: {
      if (inner_) {
        auto more = inner_->next(failure);
        if (!more || *more) return more;
      } else if (failure != nullptr) {
        return *failure;
      }
      return end_of_answer();
    }
    case Phase::ask:
      if (failure != nullptr) return *failure;
      phase_ = Phase::run;
      return std::optional(tool_stage(ToolInquiry::Stage::run));
    case Phase::run:
      if (failure != nullptr) return *failure;
      return end_of_round();
    case Phase::done: break;
  }
  return std::optional<Stage>();
}

ToolPlan::Next ToolPlan::chat_stage() {
  if (inner_) return inner_->next(nullptr);
  return std::optional(Stage{setup_.chat, setup_.policy});
}

const Tool* ToolPlan::find(const std::string& name) const {
  for (const Tool& tool : *setup_.options.tools())
    if (!tool.is_hosted() && tool.name() == name) return &tool;
  return nullptr;
}

/// Whether the length limit has cut a call. Neither the finish reason nor valid JSON shows that a call is whole: only
/// its schema does.
bool ToolPlan::was_cut() {
  if (!finished_ || finished_->finish_reason != FinishReason::length) return false;
  return std::any_of(answer_.tool_calls.begin(), answer_.tool_calls.end(), [&](const ToolCall& call) {
    const Tool* const tool = find(call.name);
    return call.incomplete || (tool != nullptr && !tool->schema()->accept(call.arguments_json));
  });
}

/// Returns the calls that this library answers: with a tool, or because no tool has that name.
std::vector<PlannedCall> ToolPlan::runnable_calls() {
  std::vector<PlannedCall> runnable;
  for (const ToolCall& call : answer_.tool_calls) {
    const Tool* const tool = find(call.name);
    if (tool == nullptr) runnable.push_back({call, std::nullopt});
    else if (tool->is_runnable()) runnable.push_back({call, *tool});
  }
  return runnable;
}

ToolPlan::Next ToolPlan::end_of_answer() {
  facts_ = setup_.chat->decoded().facts();
  fold_.finish(answer_);
  setup_.messages.push_back(Message::assistant(answer_));
  results_.clear();
  has_open_calls_ = !answer_.tool_calls.empty();
  const FinishReason reason = finished_ ? finished_->finish_reason : FinishReason::other;
  if (answer_.tool_calls.empty()) return finish(reason);
  if (was_cut()) {
    if (auto warned = warn({"tool_call_cut",
                            "the length limit has cut a tool call, so no tool of this answer was run; "
                            "raise max_tokens"});
        !warned)
      return std::move(warned).error();
    return finish(reason);
  }
  std::vector<PlannedCall> runnable = runnable_calls();
  if (most_rounds_ == 0 || runnable.empty()) return finish(FinishReason::tool_calls);
  if (rounds_ < most_rounds_) return begin_round(std::move(runnable));
  if (auto warned = warn({"tool_round_limit", "the model still called tools after " + std::to_string(rounds_) +
                                                  " rounds (max_tool_rounds), so its last calls were not run"});
      !warned)
    return std::move(warned).error();
  return finish(FinishReason::tool_calls);
}

ToolPlan::Next ToolPlan::begin_round(std::vector<PlannedCall> runnable) {
  ++rounds_;
  has_open_calls_ = runnable.size() < answer_.tool_calls.size();
  results_.resize(runnable.size());
  ToolRound::Setup setup;
  setup.calls = std::move(runnable);
  setup.known_tools = known_tools_;
  setup.limits = limits_;
  setup.places = places_;
  if (const auto& approve = setup_.options.approve_tool()) setup.approve = *approve;
  setup.executor = setup_.tools->executor;
  setup.conversation = std::make_shared<const std::vector<Message>>(setup_.messages);
  round_ = setup_.tools->round = std::make_shared<ToolRound>(std::move(setup), clock_);
  phase_ = round_->has_approval() ? Phase::ask : Phase::run;
  return std::optional(tool_stage(round_->has_approval() ? ToolInquiry::Stage::ask : ToolInquiry::Stage::run));
}

Stage ToolPlan::tool_stage(ToolInquiry::Stage stage) {
  auto inquiry = std::make_shared<ToolInquiry>(
      round_, stage, [this](ToolOutcome outcome) { return take_outcome(std::move(outcome)); },
      [chat = setup_.chat] { return chat->has_output(); });
  return {std::move(inquiry), policy_of_tools(setup_.policy), stage == ToolInquiry::Stage::ask};
}

Result<void> ToolPlan::take_outcome(ToolOutcome outcome) {
  for (const Warning& warning : outcome.warnings)
    if (auto warned = warn(warning); !warned) return warned;
  results_[outcome.index] = outcome.result;
  events().emplace_back(std::move(outcome.result));
  return {};
}

ToolPlan::Next ToolPlan::end_of_round() {
  const bool failed =
      std::all_of(results_.begin(), results_.end(), [](const ToolResult& each) { return each.is_error; });
  const std::string last_error = failed ? results_.back().text : std::string();
  setup_.messages.push_back(Message::tool(std::exchange(results_, {})));
  if (round_->ends_call()) {
    if (auto warned = warn({"tool_denied", "a tool call was not allowed, so the model was not asked again"}); !warned)
      return std::move(warned).error();
    return finish(FinishReason::tool_calls);
  }
  failed_rounds_ = failed ? failed_rounds_ + 1 : 0;
  if (failed_rounds_ == most_failed_rounds) {
    finish_step(finished_->finish_reason);
    return Error(ErrorKind::tool_failed, "every tool call of " + std::to_string(most_failed_rounds) +
                                             " rounds in a row has failed; the last error was: " + last_error);
  }
  if (has_open_calls_) return finish(FinishReason::tool_calls);
  finish_step(finished_->finish_reason);
  return next_request();
}

ToolPlan::Next ToolPlan::next_request() {
  if (rounds_ == 1) setup_.options = for_later_requests(std::move(setup_.options));
  auto prepared = setup_.prepare(setup_.messages, setup_.options);
  if (!prepared) return std::move(prepared).error();
  for (const Warning& warning : prepared->warnings)
    if (auto warned = warn(warning); !warned) return std::move(warned).error();
  setup_.chat->set_request(prepared->http);
  auto plan = setup_.plan(*prepared);
  if (!plan) return std::move(plan).error();
  inner_ = *std::move(plan);
  log_request(setup_.info, *prepared);
  phase_ = Phase::chat;
  step_started_ = clock_.now();
  attempts_before_ = setup_.chat->attempts();
  return chat_stage();
}

/// Warnings of a later request mostly repeat those of the first one. The chat knows those that came since.
Result<void> ToolPlan::warn(const Warning& warning) {
  const std::vector<Warning>& known = setup_.known_warnings;
  if (std::find(known.begin(), known.end(), warning) != known.end()) return {};
  if (setup_.policy.strict) return Error(ErrorKind::unsupported, warning.message + " (strict)");
  setup_.chat->warn(warning);
  return {};
}

void ToolPlan::finish_step(FinishReason reason) {
  StepFinished::Details details;
  if (finished_) details.raw_finish_reason = finished_->raw_finish_reason;
  details.id = facts_.id;
  details.model = facts_.model;
  details.request_id = setup_.chat->last_request_id();
  Secrets(*setup_.chat->request()).mask(details.request_id);
  if (first_event_)
    details.timing.first_event = std::chrono::duration_cast<std::chrono::microseconds>(*first_event_ - step_started_);
  details.timing.total = answer_time_;
  details.timing.attempts = setup_.chat->attempts() - attempts_before_;
  details.timing.model = facts_.model_timing;
  const Usage usage = finished_ ? finished_->usage : Usage();
  add_usage(usage_, usage);
  // From now on the step has them: what is in the list again belongs to the next answer.
  setup_.chat->decoded().facts() = {};
  events().emplace_back(StepFinished(reason, usage, std::move(details)));
}

ToolPlan::Next ToolPlan::finish(FinishReason reason) {
  phase_ = Phase::done;
  finish_step(reason);
  Finished end;
  end.finish_reason = reason;
  if (finished_) end.raw_finish_reason = finished_->raw_finish_reason;
  end.usage = usage_;
  events().emplace_back(std::move(end));
  return std::optional<Stage>();
}

}  // namespace abstractllm
