// SPDX-License-Identifier: Apache-2.0
#include "hub/hub_errors.hpp"

#include <algorithm>
#include <charconv>

#include "base/answer_head.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"

namespace abstractllm {
namespace {

using std::chrono::seconds;

constexpr seconds longest_wait{60};

/// The wait from `Retry-After: 5` or `ratelimit: "api";r=0;t=55` (https://huggingface.co/docs/hub/rate-limits).
std::optional<std::chrono::milliseconds> wait_of(const HttpHead& head) {
  const auto number = [](std::string_view text) -> std::optional<std::chrono::milliseconds> {
    int value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc() || value < 0) return {};
    return seconds(value);
  };
  if (const auto wait = abstractllm::retry_after(head)) return wait;
  const std::string* limits = head.header("ratelimit");
  const std::size_t at = limits == nullptr ? std::string::npos : limits->find("t=");
  if (at == std::string::npos) return {};
  return number(std::string_view(*limits).substr(at + 2));
}

ErrorKind kind_of(int status) {
  switch (status) {
    case 401: return ErrorKind::authentication;
    case 403: return ErrorKind::permission;
    case 404: return ErrorKind::not_found;
    case 408: return ErrorKind::unavailable;
    case 429: return ErrorKind::rate_limited;
    default: return status >= 500 ? ErrorKind::unavailable : ErrorKind::protocol;
  }
}

Error unknown_repository(const HubSettings& settings, const HubName& name) {
  const std::string page = settings.endpoint + "/" + name.repo;
  std::string message =
      "there is no model '" + name.repo + "' on the hub, or it is private: is its name right (" + page;
  message += settings.token.empty() ? ")? Private ones need a token in HF_TOKEN"
                                    : ")? For a private one, the token needs the right to read it";
  return {ErrorKind::not_found, message};
}

Error gated(const HubSettings& settings, const HubName& name) {
  const std::string next = settings.token.empty() ? ", then set HF_TOKEN to a token of that account (" +
                                                        settings.endpoint + "/settings/tokens)"
                                                  : " with the account of your token";
  return {ErrorKind::permission,
          "model '" + name.repo + "' is gated: accept its conditions on " + settings.endpoint + "/" + name.repo + next};
}

Error refusal(const HubSettings& settings, const HubName& name, const HttpHead& head) {
  const std::string* code_header = head.header("X-Error-Code");
  const std::string code = code_header == nullptr ? "" : *code_header;
  if (code == "GatedRepo") return gated(settings, name);
  if (code == "RepoNotFound" || (head.status == 401 && settings.token.empty()))
    return unknown_repository(settings, name);
  if (code == "RevisionNotFound")
    return {ErrorKind::not_found, "model '" + name.repo + "' has no revision '" + name.revision +
                                      "': " + settings.endpoint + "/" + name.repo + "/tree/main lists them"};
  if (code == "EntryNotFound")
    return {ErrorKind::not_found, "model '" + name.repo + "' has no such file at revision '" + name.revision + "'"};
  if (head.status == 401)
    return {ErrorKind::authentication,
            "the hub refuses the token: look at HF_TOKEN and " + settings.endpoint + "/settings/tokens"};
  if (head.status == 403)
    return {ErrorKind::permission, "the token may not read '" + name.repo + "': look at " + settings.endpoint +
                                       "/settings/tokens and " + settings.endpoint + "/" + name.repo};
  if (head.status == 404) return unknown_repository(settings, name);
  return {kind_of(head.status), "the hub answered " + std::to_string(head.status) + " for '" + name.repo + "'"};
}

}  // namespace

Error hub_error(const HubSettings& settings, const HubName& name, const HttpHead& head) {
  Error error = refusal(settings, name, head);
  error.http_status = head.status;
  error.retry_after = wait_of(head);
  if (const std::string* words = head.header("X-Error-Message")) error.provider_message = *words;
  if (const std::string* code = head.header("X-Error-Code")) error.provider_code = *code;
  if (const std::string* id = head.header("X-Request-Id")) error.request_id = *id;
  Secrets secrets;
  secrets.add(settings.token);
  for (std::string* text : {&error.message, &error.provider_message, &error.provider_code, &error.request_id})
    secrets.mask(*text);
  return error;
}

std::optional<Error> web_page_error(const HubSettings& settings, const HttpHead& head) {
  const std::string* type = head.header("Content-Type");
  if (type == nullptr || !type->starts_with("text/html")) return std::nullopt;
  return Error(ErrorKind::protocol,
               "a web page came in place of the hub's answer: does this network want a login, or is "
               "HF_ENDPOINT (" +
                   settings.endpoint + ") no hub?");
}

bool HubRetries::again(const Error& error) {
  const bool passing = error.kind == ErrorKind::rate_limited || error.kind == ErrorKind::unavailable ||
                       error.kind == ErrorKind::network || error.kind == ErrorKind::timeout;
  if (!passing || failures_ >= most_ || http_.stop().stop_requested()) return false;
  const auto wait = error.retry_after.value_or(seconds(1 << std::min(failures_, 3)));
  if (wait > longest_wait) return false;
  ++failures_;
  if (log_enabled(LogLevel::info))
    log({LogLevel::info, "hub_retry", error.message, {{"wait_ms", static_cast<std::int64_t>(wait.count())}}});
  http_.clock().sleep_until(http_.clock().now() + wait, http_.stop());
  return !http_.stop().stop_requested();
}

bool is_unreachable(const Error& error) {
  switch (error.kind) {
    case ErrorKind::network:
    case ErrorKind::timeout:
    case ErrorKind::unavailable:
    case ErrorKind::rate_limited: return true;
    default: return false;
  }
}

}  // namespace abstractllm
