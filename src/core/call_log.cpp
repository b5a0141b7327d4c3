// SPDX-License-Identifier: Apache-2.0
#include "core/call_log.hpp"

#include <algorithm>
#include <numeric>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"
#include "core/options_json.hpp"

namespace abstractllm {
namespace {

std::int64_t size_of(std::size_t bytes) { return static_cast<std::int64_t>(bytes); }

void add_count(LogRecord& record, const char* name, TokenCount count) {
  if (count.known()) record.fields.push_back({name, count.value_or(0)});
}

void add_outcome(LogRecord& record, const Response& response, const Error* error) {
  if (error != nullptr) {
    record.level = LogLevel::warn;
    record.message = error->message;
    record.fields.push_back({"error", std::string(to_string(error->kind))});
    if (error->http_status != 0) record.fields.push_back({"http_status", std::int64_t{error->http_status}});
  }
  if (response.finish_reason)
    record.fields.push_back({"finish_reason", std::string(to_string(*response.finish_reason))});
}

std::string masked(std::string text, const Secrets& secrets) {
  secrets.mask(text);
  return text;
}

LogRecord request_record(const CallInfo& info, const Request& request, const Secrets& secrets) {
  const std::size_t text_bytes =
      std::accumulate(request.messages.begin(), request.messages.end(), std::size_t{0},
                      [](std::size_t sum, const Message& message) { return sum + message.text().size(); });
  LogRecord record{LogLevel::info, "request", "", {}};
  record.fields = {{"call", info.id},
                   {"provider", info.provider},
                   {"model", info.model},
                   {"protocol", info.protocol},
                   {"stream", info.delivery == Delivery::stream},
                   {"messages", size_of(request.messages.size())},
                   {"text_bytes", size_of(text_bytes)},
                   {"options", masked(options_to_json(request.options, OptionTexts::left_out), secrets)}};
  return record;
}

/// `sent` describes the attachments that are sent. `body` is for people.
void log_sent(LogRecord record, const CallInfo& info, const MediaFacts& sent, const std::string& url,
              const std::string& body) {
  record.fields.push_back({"image_count", size_of(sent.images.count)});
  if (sent.images.count > 0) record.fields.push_back({"images", sent.images.text});
  if (sent.audio.count > 0) record.fields.push_back({"audio_count", size_of(sent.audio.count)});
  if (sent.audio.count > 0) record.fields.push_back({"audio", sent.audio.text});
  if (sent.files.count > 0) record.fields.push_back({"file_count", size_of(sent.files.count)});
  if (sent.files.count > 0) record.fields.push_back({"files", sent.files.text});
  log(std::move(record));
  if (log_enabled(LogLevel::debug))
    log({LogLevel::debug, "request_body", "", {{"call", info.id}, {"url", url}, {"body", body}}});
}

}  // namespace

void log_request(const CallInfo& info, const PreparedRequest& prepared) {
  if (!log_enabled(LogLevel::info)) return;
  const Request& request = prepared.request;
  const Secrets secrets(*prepared.http);
  const std::string url = masked(prepared.http->url, secrets);
  if (!prepared.late_media) {
    const std::string& body = prepared.media.empty() ? prepared.http->body : prepared.shown_body;
    return log_sent(request_record(info, request, secrets), info, prepared.media, url, body);
  }
  prepared.late_media->on_send = [record = request_record(info, request, secrets), info, url](const MediaFacts& sent,
                                                                                              const std::string& body) {
    log_sent(record, info, sent, url, body);
  };
}

std::function<void(const Error&, std::chrono::milliseconds)> log_retries(const CallInfo& info) {
  if (!log_enabled(LogLevel::info)) return {};
  return [info](const Error& error, std::chrono::milliseconds delay) {
    // The server's words are left out: they may quote the key.
    LogRecord record{LogLevel::info, "retry", "", {}};
    record.fields = {{"call", info.id},
                     {"provider", info.provider},
                     {"model", info.model},
                     {"error", std::string(to_string(error.kind))}};
    if (error.http_status != 0) record.fields.push_back({"http_status", std::int64_t{error.http_status}});
    record.fields.push_back({"wait_ms", std::int64_t{delay.count()}});
    log(std::move(record));
  };
}

void log_warning(const CallInfo& info, const Warning& warning) {
  if (!log_enabled(LogLevel::warn)) return;
  LogRecord record{LogLevel::warn, "warning", warning.message, {}};
  record.fields = {{"call", info.id}, {"provider", info.provider}, {"model", info.model}, {"code", warning.code}};
  log(std::move(record));
}

void log_response(const CallInfo& info, const HttpRequest& request, const Response& response, const Error* error) {
  if (!log_enabled(error == nullptr ? LogLevel::info : LogLevel::warn)) return;
  // A server may repeat the key in anything that it says.
  const Secrets secrets(request);
  LogRecord record{LogLevel::info, "response", "", {}};
  record.fields = {{"call", info.id},
                   {"provider", info.provider},
                   {"model", response.model.empty() ? info.model : masked(response.model, secrets)}};
  add_outcome(record, response, error);
  add_count(record, "input_tokens", response.usage.input_tokens);
  add_count(record, "output_tokens", response.usage.output_tokens);
  add_count(record, "cached_input_tokens", response.usage.cached_input_tokens);
  record.fields.push_back({"text_bytes", size_of(response.text.size())});
  record.fields.push_back({"attempts", std::int64_t{response.timing.attempts}});
  if (response.timing.first_event)
    record.fields.push_back({"first_event_ms", in_milliseconds(*response.timing.first_event)});
  record.fields.push_back({"total_ms", in_milliseconds(response.timing.total)});
  log(std::move(record));
  if (log_enabled(LogLevel::debug) && !(response.text.empty() && response.reasoning.empty()))
    log({LogLevel::debug,
         "response_body",
         "",
         {{"call", info.id},
          {"text", masked(response.text, secrets)},
          {"reasoning", masked(response.reasoning, secrets)}}});
}

}  // namespace abstractllm
