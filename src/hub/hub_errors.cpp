// SPDX-License-Identifier: Apache-2.0
#include "hub/hub_errors.hpp"

#include "base/answer_head.hpp"
#include "base/http_status.hpp"
#include "base/secret.hpp"
#include "base/utf8.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t most_quoted_bytes = 1000;

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
  return {kind_of_status(head.status), "the hub answered " + std::to_string(head.status) + " for '" + name.repo + "'"};
}

}  // namespace

Error hub_error(const HubSettings& settings, const HubName& name, const HttpHead& head) {
  Error error = refusal(settings, name, head);
  error.http_status = head.status;
  error.retry_after = retry_after(head);
  if (const std::string* words = head.header("X-Error-Message")) error.provider_message = *words;
  if (const std::string* code = head.header("X-Error-Code")) error.provider_code = *code;
  error.request_id = hub_request_id(head);
  Secrets secrets;
  secrets.add(settings.token);
  secrets.mask(error);
  error.provider_message = escaped_start(error.provider_message, most_quoted_bytes);
  error.provider_code = escaped_start(error.provider_code, most_quoted_bytes);
  return error;
}

std::string hub_request_id(const HttpHead& head) {
  const std::string* id = head.header("X-Request-Id");
  return id == nullptr ? std::string() : *id;
}

std::optional<Error> web_page_error(const HubSettings& settings, const HttpHead& head) {
  const std::string* type = head.header("Content-Type");
  if (type == nullptr || !type->starts_with("text/html")) return std::nullopt;
  return Error(ErrorKind::protocol,
               "a web page came in place of the hub's answer: does this network want a login, or is "
               "HF_ENDPOINT (" +
                   settings.endpoint + ") no hub?");
}

}  // namespace abstractllm
