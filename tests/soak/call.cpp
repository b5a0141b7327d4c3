// SPDX-License-Identifier: Apache-2.0
#include "soak/call.hpp"

namespace abstractllm::soak {

using std::chrono::milliseconds;

Call::Call(Way way, std::mt19937& random) : way_(way), question_(random_question(random)) {
  const auto between = [&](int least, int most) { return std::uniform_int_distribution<int>(least, most)(random); };
  timeout_ = milliseconds(between(300, 5000));
  idle_ = milliseconds(between(300, 3000));
  first_event_ = milliseconds(between(300, 3000));
  retries_ = between(0, 2);
  if (between(0, 4) == 0) stop_after_ = milliseconds(between(0, 2000));
}

Options Call::options() const {
  return Options()
      .timeout(timeout_)
      .idle_timeout(idle_)
      .first_event_timeout(first_event_)
      .max_retries(retries_)
      .stop_token(stop_.get_token());
}

void Call::run(const Llm& model) {
  began_ = Clock::now();
  const auto hear = [this](const StreamEvent& event) {
    if (const auto* delta = std::get_if<TextDelta>(&event)) heard_ += delta->text;
  };
  switch (way_) {
    case Way::generate: return finish(model.generate(question_.prompt(), options()));
    case Way::stream:
    case Way::dropped_stream: return read(model.stream(question_.prompt(), options()));
    case Way::generate_async:
      return model.generate_async(question_.prompt(), options(),
                                  [this](const Result<Response>& outcome) { finish(outcome); });
    case Way::stream_async:
      return model.stream_async(question_.prompt(), options(), hear,
                                [this](const Result<Response>& outcome) { finish(outcome); });
  }
}

void Call::read(Stream stream) {
  for (;;) {
    auto next = stream.next();
    if (!next) return finish(std::move(next).error());
    if (!*next) return finish(stream.response());
    if (const auto* delta = std::get_if<TextDelta>(&**next)) heard_ += delta->text;
    if (way_ == Way::dropped_stream) break;
  }
  if (!question_.begins_with(heard_)) blame("gave another's text: " + heard_);
  kind_ = ErrorKind::cancelled;
  done_ = true;
}

void Call::finish(const Result<Response>& outcome) {
  judge(outcome);
  const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - began_);
  if (took > timeout_ + slack) blame("took " + std::to_string(took.count()) + " ms");
  done_ = true;
}

void Call::judge(const Result<Response>& outcome) {
  const Response* response = outcome ? &*outcome : outcome.error().partial.get();
  const std::string text = response == nullptr ? "" : response->text;
  const bool streamed = way_ == Way::stream || way_ == Way::dropped_stream || way_ == Way::stream_async;
  if (streamed && text != heard_) blame("gave other events than its answer: " + heard_ + " | " + text);
  answered_ = outcome.has_value();
  if (answered_) {
    if (question_.manner != Manner::drip && question_.manner != Manner::flood) blame("was no answer: " + text);
    if (text != question_.answer()) blame("gave a wrong answer: " + text);
    return;
  }
  kind_ = outcome.error().kind;
  if (!question_.begins_with(text)) blame("failed with another's text: " + text);
  if (!may_end_in(kind_)) blame("ended in " + to_json(outcome.error()));
}

bool Call::may_end_in(ErrorKind kind) const {
  // A slow machine may need more than any of the limits.
  if (kind == ErrorKind::timeout || (kind == ErrorKind::cancelled && stop_.stop_requested())) return true;
  switch (question_.manner) {
    case Manner::cut:
    case Manner::reset:
    case Manner::garbage:
    case Manner::no_http: return kind == ErrorKind::network || kind == ErrorKind::protocol;
    case Manner::refuse: return kind == ErrorKind::unavailable;
    default: return false;
  }
}

void Call::blame(const std::string& what) { fault_ += (fault_.empty() ? "" : "; ") + what.substr(0, 400); }

std::string Call::description() const {
  constexpr std::array ways{"generate", "stream", "dropped stream", "generate_async", "stream_async"};
  return std::string(ways.at(static_cast<std::size_t>(way_))) + " '" + question_.prompt() + "' (" +
         std::string(manner_names.at(static_cast<std::size_t>(question_.manner))) + ", timeout " +
         std::to_string(timeout_.count()) + " ms, idle " + std::to_string(idle_.count()) + " ms, first event " +
         std::to_string(first_event_.count()) + " ms, retries " + std::to_string(retries_) + ", stop " +
         (stop_after_ ? std::to_string(stop_after_->count()) + " ms" : "never") + ")";
}

}  // namespace abstractllm::soak
