// SPDX-License-Identifier: Apache-2.0
#include "core/fold.hpp"

#include <utility>

namespace abstractllm {

struct Fold::Add {
  Fold& fold;
  Response& response;

  void operator()(const TextDelta& delta) const {
    fold.add_text(Kind::text, response.text.size());
    response.text += delta.text;
  }
  void operator()(const ReasoningDelta& delta) const {
    fold.add_text(Kind::reasoning, response.reasoning.size());
    response.reasoning += delta.text;
  }
  void operator()(const ToolCallStarted& started) const { fold.call_of(started.id).call.name = started.name; }
  void operator()(const ToolCallDelta& delta) const {
    fold.call_of(delta.id).call.arguments_json += delta.arguments_fragment;
  }
  void operator()(const ToolCall& call) const {
    Segment& segment = fold.call_of(call.id);
    segment.ended = true;
    segment.begin = response.tool_calls.size();
    segment.call = {};
    response.tool_calls.push_back(call);
  }
  void operator()(const Warning& warning) const { response.warnings.push_back(warning); }
  void operator()(const Finished& finished) const {
    response.finish_reason = finished.finish_reason;
    response.raw_finish_reason = finished.raw_finish_reason;
    response.usage = finished.usage;
  }
  void operator()(const HostedToolCall& call) const { fold.add_hosted(call); }
  void operator()(const ToolResult&) const {}
  void operator()(const StepFinished&) const {}
  void operator()(const PartEnded& ended) const {
    fold.end_part(ended.kind, ProviderData({}, {}, {}, {}, ended.provider_json), response);
  }
};

void Fold::add(const StreamEvent& event, Response& response) { std::visit(Add{*this, response}, event); }

void Fold::add_text(Kind kind, std::size_t begin) {
  if (segments_.empty() || segments_.back().kind != kind || segments_.back().ended) start(kind, begin);
}

void Fold::start(Kind kind, std::size_t begin) {
  Segment& segment = segments_.emplace_back();
  segment.kind = kind;
  segment.begin = begin;
  if (kind == Kind::text) latest_text_ = segments_.size();
  if (kind == Kind::reasoning) latest_reasoning_ = segments_.size();
}

void Fold::add_hosted(const HostedToolCall& call) {
  start(Kind::hosted, hosted_.size());
  segments_.back().ended = true;
  hosted_.push_back(call);
}

/// Returns the unfinished call with this id. If there is none, it makes a new one.
Fold::Segment& Fold::call_of(const std::string& id) {
  const auto [known, is_new] = calls_.try_emplace(id, segments_.size());
  if (!is_new && !segments_[known->second].ended) return segments_[known->second];
  known->second = segments_.size();
  start(Kind::call, 0);
  segments_.back().call.id = id;
  return segments_.back();
}

void Fold::end_part(PartKind part, ProviderData data, const Response& response) {
  const bool is_text = part == PartKind::text;
  const std::size_t latest = is_text ? latest_text_ : latest_reasoning_;
  if (latest == 0 || segments_[latest - 1].ended) {
    if (data.empty()) return;
    if (is_text) start(Kind::text, response.text.size());
    else start(Kind::reasoning, response.reasoning.size());
  }
  Segment& segment = segments_[(is_text ? latest_text_ : latest_reasoning_) - 1];
  segment.ended = true;
  segment.data = std::move(data);
}

/// It goes from the last segment to the first, because each text ends at the beginning of the next of its kind.
void Fold::finish(Response& response) {
  if (segments_.empty()) return;
  response.parts.resize(segments_.size());
  std::size_t text_end = response.text.size();
  std::size_t reasoning_end = response.reasoning.size();
  for (std::size_t at = segments_.size(); at-- > 0;)
    response.parts[at] = part_of(segments_[at], text_end, reasoning_end, response);
  segments_.clear();
  calls_.clear();
  hosted_.clear();
  latest_text_ = latest_reasoning_ = 0;
}

Part Fold::part_of(Segment& segment, std::size_t& text_end, std::size_t& reasoning_end,
                   const Response& response) const {
  if (segment.kind == Kind::text) {
    Text text(response.text.substr(segment.begin, text_end - segment.begin));
    text.provider_data = std::move(segment.data);
    text_end = segment.begin;
    return text;
  }
  if (segment.kind == Kind::reasoning) {
    Reasoning reasoning(response.reasoning.substr(segment.begin, reasoning_end - segment.begin));
    reasoning.provider_data = std::move(segment.data);
    reasoning_end = segment.begin;
    return reasoning;
  }
  if (segment.kind == Kind::hosted) return hosted_[segment.begin];
  if (segment.ended) return response.tool_calls[segment.begin];
  segment.call.incomplete = true;
  return std::move(segment.call);
}

}  // namespace abstractllm
