// SPDX-License-Identifier: Apache-2.0
#include "protocols/split_characters.hpp"

#include <utility>

namespace abstractllm {
namespace {

void join_all(std::string& text) { text = with_halves_joined(text); }

template <class Delta>
void add_text(std::string text, std::vector<StreamEvent>& settled) {
  if (!text.empty()) settled.emplace_back(Delta{std::move(text)});
}

void add_fragment(const std::string& id, std::string text, std::vector<StreamEvent>& settled) {
  if (!text.empty()) settled.emplace_back(ToolCallDelta{id, std::move(text)});
}

/// Joins, in the list `text`, the part from `begin` on.
void join_rest(std::string& text, std::size_t begin) {
  if (begin < text.size()) text.replace(begin, text.npos, with_halves_joined(std::string_view(text).substr(begin)));
}

}  // namespace

SplitCharacters::Before::Before(const Decoded& out)
    : events(out.events.size()),
      logprobs(out.logprobs_json.size()),
      citations(out.citations_json.size()),
      has_id(!out.id.empty()),
      has_model(!out.model.empty()) {}

void SplitCharacters::settle(const Before& before, bool marked, Decoded& out) {
  seen_ = seen_ || marked;
  if (!seen_) return;
  marked_ = marked;
  if (marked) settle_facts(before, out);
  const auto first = out.events.begin() + static_cast<std::ptrdiff_t>(before.events);
  std::vector<StreamEvent> settled;
  for (auto event = first; event != out.events.end(); ++event) add(std::move(*event), settled);
  out.events.erase(first, out.events.end());
  for (StreamEvent& event : settled) out.events.push_back(std::move(event));
}

void SplitCharacters::add(StreamEvent event, std::vector<StreamEvent>& settled) {
  if (const auto* text = std::get_if<TextDelta>(&event))
    return add_text<TextDelta>(text_.join(text->text, marked_), settled);
  if (const auto* thought = std::get_if<ReasoningDelta>(&event))
    return add_text<ReasoningDelta>(reasoning_.join(thought->text, marked_), settled);
  if (auto* started = std::get_if<ToolCallStarted>(&event)) {
    join_all(started->id);
    join_all(started->name);
  }
  if (auto* delta = std::get_if<ToolCallDelta>(&event)) {
    join_all(delta->id);
    return add_fragment(delta->id, arguments_[delta->id].join(delta->arguments_fragment, marked_), settled);
  }
  if (auto* call = std::get_if<ToolCall>(&event)) {
    for (std::string* each : {&call->id, &call->name, &call->arguments_json}) join_all(*each);
    if (!call->provider_data.empty())
      call->provider_data = ProviderData({}, {}, {}, {}, with_halves_joined(call->provider_data.json()));
    add_fragment(call->id, arguments_[call->id].finish(), settled);
  }
  if (auto* ended = std::get_if<PartEnded>(&event)) join_all(ended->provider_json);
  if (std::holds_alternative<Finished>(event)) finish_text(settled);
  settled.push_back(std::move(event));
}

/// The other halves never arrived.
void SplitCharacters::finish_text(std::vector<StreamEvent>& settled) {
  add_text<ReasoningDelta>(reasoning_.finish(), settled);
  add_text<TextDelta>(text_.finish(), settled);
}

void SplitCharacters::settle_facts(const Before& before, Decoded& out) const {
  if (!before.has_id) join_all(out.id);
  if (!before.has_model) join_all(out.model);
  join_rest(out.logprobs_json, before.logprobs);
  join_rest(out.citations_json, before.citations);
}

void SplitCharacters::settle(Error& error) {
  for (std::string* text : {&error.provider_code, &error.provider_message}) join_all(*text);
}

}  // namespace abstractllm
