// SPDX-License-Identifier: Apache-2.0
#include "core/chat_inquiry.hpp"

#include <algorithm>
#include <utility>

namespace abstractllm {
namespace {

constexpr std::string_view blanks_before_body = " \t\r\n\xEF\xBB\xBF";

bool is_content(const StreamEvent& event) {
  return !std::holds_alternative<Warning>(event) && !std::holds_alternative<Finished>(event) &&
         !std::holds_alternative<PartEnded>(event);
}

/// Under strict a Warning about the answer is an Error. What came before it is kept, and the rest is dropped.
std::optional<Error> take_first_warning(Decoded& decoded) {
  const auto warning = std::find_if(decoded.events.begin(), decoded.events.end(),
                                    [](const StreamEvent& event) { return std::holds_alternative<Warning>(event); });
  if (warning == decoded.events.end()) return std::nullopt;
  Error error(ErrorKind::protocol, std::get<Warning>(*warning).message + " (strict)");
  decoded.events.erase(warning, decoded.events.end());
  return error;
}

}  // namespace

ChatInquiry::ChatInquiry(std::shared_ptr<const Protocol> protocol, Delivery delivery, bool strict,
                         std::shared_ptr<const HttpRequest> request, std::shared_ptr<Transport> transport)
    : protocol_(std::move(protocol)),
      delivery_(delivery),
      strict_(strict),
      plain_request_(request),
      request_(std::move(request)),
      transport_(std::move(transport)) {}

Result<void> ChatInquiry::restart() {
  ++attempts_;
  if (tap_ != nullptr) tap_->restart();
  decoder_.reset();
  whole_body_.reset();
  reading_ = Reading();
  // Warnings of the transport that are not yet delivered, and the end of an earlier request
  std::vector<StreamEvent> undelivered = std::move(decoded_.events);
  decoded_ = {};
  decoded_.events = std::move(undelivered);
  return authorize_into(authorize_, plain_request_, request_);
}

Result<void> ChatInquiry::take_head(const HttpHead& head) {
  if (tap_ != nullptr) last_request_id_ = protocol_->request_id(head);
  decoder_ = protocol_->decoder(delivery_);
  if (decoder_) return {};
  return Error(ErrorKind::internal, "protocol " + std::string(protocol_->name()) + " made no decoder");
}

Result<void> ChatInquiry::feed(std::string_view bytes) {
  note_shape(bytes);
  const std::size_t known_events = decoded_.events.size();
  Result<void> decoded = decoder_->feed(bytes, decoded_);
  return settle(known_events, std::move(decoded));
}

void ChatInquiry::note_shape(std::string_view bytes) {
  if (whole_body_) return;
  const std::size_t first = bytes.find_first_not_of(blanks_before_body);
  if (first == std::string_view::npos) return;
  whole_body_ = delivery_ == Delivery::body && (bytes[first] == '{' || bytes[first] == '[');
}

Result<void> ChatInquiry::finish() {
  const std::size_t known_events = decoded_.events.size();
  Result<void> outcome = settle(known_events, decoder_->finish(decoded_));
  if (!outcome || reading_.finished) return outcome;
  return Error(ErrorKind::internal, "protocol " + std::string(protocol_->name()) + " ended an answer without Finished");
}

bool ChatInquiry::finish_if_whole() {
  if (!decoder_->knows_its_end()) return false;
  const std::size_t known_events = decoded_.events.size();
  const Result<void> outcome = settle(known_events, decoder_->finish(decoded_));
  return outcome && reading_.finished;
}

Result<void> ChatInquiry::settle(std::size_t known_events, Result<void> decoded) {
  add_warning_of_usage();
  const auto first_new = decoded_.events.begin() + static_cast<std::ptrdiff_t>(known_events);
  reading_.new_content = std::any_of(first_new, decoded_.events.end(), is_content);
  reading_.answered = reading_.answered || reading_.new_content;
  reading_.flowing = reading_.answered || whole_body_.value_or(false);
  reading_.finish_reason = decoded_.has_finish_reason;
  reading_.delivered = reading_.delivered || !decoded_.events.empty();
  if (strict_) {
    if (std::optional<Error> refused = take_first_warning(decoded_)) return *std::move(refused);
  }
  reading_.finished = !decoded_.events.empty() && std::holds_alternative<Finished>(decoded_.events.back());
  if (tap_ != nullptr) tap_->take(decoded_, std::min(known_events, decoded_.events.size()));
  // Finished is the last event of an answer. The answer is whole, whatever happens to the connection afterwards.
  return reading_.finished ? Result<void>() : std::move(decoded);
}

void ChatInquiry::add_warning_of_usage() {
  if (decoded_.events.empty()) return;
  const auto* finished = std::get_if<Finished>(&decoded_.events.back());
  if (finished == nullptr) return;
  if (auto warning = protocol_->check_usage(*request_, finished->usage))
    decoded_.events.insert(decoded_.events.end() - 1, *std::move(warning));
}

// A Warning is not part of the answer, so the request may still be repeated after it.
void ChatInquiry::warn(const Warning& warning) {
  if (std::find(warned_.begin(), warned_.end(), warning) != warned_.end()) return;
  decoded_.events.emplace_back(warning);
  warned_.push_back(warning);
}

Error ChatInquiry::decode_error(const HttpHead& head, std::string_view body) {
  return protocol_->decode_error(head, body);
}

std::string ChatInquiry::request_id(const HttpHead& head) const { return protocol_->request_id(head); }

}  // namespace abstractllm
