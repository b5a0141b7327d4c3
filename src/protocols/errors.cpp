// SPDX-License-Identifier: Apache-2.0
#include "protocols/errors.hpp"

#include <algorithm>

#include "base/answer_head.hpp"
#include "base/ascii.hpp"
#include "base/http_status.hpp"
#include "base/json_parser.hpp"
#include "base/url.hpp"
#include "base/utf8.hpp"
#include "protocols/error_wordings.hpp"

namespace abstractllm {
namespace {

struct KnownWord {
  std::string_view word;  ///< the whole code or type, exactly
  ErrorKind kind;
};

/// These words say more than the HTTP status that comes with them.
constexpr KnownWord telling_words[] = {
    {"context_length_exceeded", ErrorKind::context_length},           // OpenAI, 400
    {"exceed_context_size_error", ErrorKind::context_length},         // llama-server, 400
    {"too_many_prompt_tokens", ErrorKind::context_length},            // Perplexity, 400
    {"request_too_large", ErrorKind::context_length},                 // Anthropic, 413
    {"model_max_prompt_tokens_exceeded", ErrorKind::context_length},  // GitHub Copilot, 400
    {"tokens_limit_reached", ErrorKind::context_length},              // GitHub Models, 413
    {"model_context_window_exceeded", ErrorKind::context_length},     // Z.ai
    {"context_exceeded", ErrorKind::context_length},                  // ds4, 400
    {"invalid_request_prompt_too_long", ErrorKind::context_length},   // Mistral, 400
    {"insufficient_quota", ErrorKind::permission},                    // OpenAI, 429
    {"credit_balance_exhausted", ErrorKind::permission},              // OpenAI, 429
    {"exceeded_current_quota_error", ErrorKind::permission},          // Moonshot, 429
    {"insufficient_user_quota", ErrorKind::permission},               // gateways of the One API family, 403 and 429
    {"Arrearage", ErrorKind::permission},                             // Qwen, 400
    {"invalid_api_key", ErrorKind::authentication},                   // OpenAI, 401
    {"model_not_found", ErrorKind::not_found},                        // OpenAI, 404 and 400
    {"content_filter", ErrorKind::content_filtered},                  // Azure, 400 and within a 200
    {"content_policy_violation", ErrorKind::content_filtered},        // OpenAI, Azure
    {"ResponsibleAIPolicyViolation", ErrorKind::content_filtered},    // Azure, inner code
    {"server_is_overloaded", ErrorKind::unavailable},                 // OpenAI, 503
    {"slow_down", ErrorKind::unavailable},                            // OpenAI, 503
    {"overloaded_error", ErrorKind::unavailable},                     // Anthropic, 529 and within a 200
    {"enforced_spend_limit_reached", ErrorKind::permission},          // Anthropic, 429 that waiting does not end
    {"contract_spend_limit_reached", ErrorKind::permission},          // Anthropic, 429 that waiting does not end
    {"organization_on_hold", ErrorKind::permission},                  // Anthropic
};

/// These words count only if no HTTP status says more, which is so within an answer.
constexpr KnownWord vague_words[] = {
    {"invalid_request_error", ErrorKind::invalid_argument},
    {"BadRequestError", ErrorKind::invalid_argument},
    {"authentication_error", ErrorKind::authentication},
    {"permission_error", ErrorKind::permission},
    {"not_found_error", ErrorKind::not_found},
    {"invalid_prompt", ErrorKind::invalid_argument},  // OpenAI Responses, status failed
    {"timeout_error", ErrorKind::unavailable},
    {"conflict_error", ErrorKind::unavailable},
    {"rate_limit_exceeded", ErrorKind::rate_limited},
    {"rate_limit_error", ErrorKind::rate_limited},
    {"not_supported_error", ErrorKind::unsupported},
};

template <std::size_t count>
std::optional<ErrorKind> kind_of_words(const KnownWord (&words)[count], const ProviderError& said) {
  for (const KnownWord& known : words) {
    if (said.code == known.word || said.type == known.word || said.inner_code == known.word) return known.kind;
  }
  return std::nullopt;
}

/// Whether prose may say more than the status. With 429 and 401 the status is the reason.
bool is_vague(int status) { return status == 0 || status == 400 || status == 413 || status == 422 || status >= 500; }

/// For servers that give the reason only in prose.
std::optional<ErrorKind> kind_of_prose(int status, const ProviderError& said) {
  if (status != 404 && says_no_credit(said.message)) return ErrorKind::permission;
  if (!is_vague(status)) return std::nullopt;
  if (says_too_long(said.message)) return ErrorKind::context_length;
  if (lowered(said.message).find("incorrect api key") != std::string::npos) return ErrorKind::authentication;  // xAI
  return std::nullopt;
}

/// A `status` of 0 means that none is known.
ErrorKind kind_of(int status, const ProviderError& said) {
  if (said.moderated) return ErrorKind::content_filtered;
  if (said.code.starts_with("billing_") || said.type.starts_with("billing_")) return ErrorKind::permission;
  if (const std::optional<ErrorKind> kind = kind_of_words(telling_words, said)) return *kind;
  if (const std::optional<ErrorKind> kind = kind_of_prose(status, said)) return *kind;
  if (status != 0) return kind_of_status(status);
  // A failure without a reason, after the server had accepted the request, is the server's own.
  return kind_of_words(vague_words, said).value_or(ErrorKind::unavailable);
}

std::string_view words_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument: return "the provider refused the request as invalid";
    case ErrorKind::unsupported: return "the provider cannot do what was asked";
    case ErrorKind::authentication: return "the provider did not accept the key";
    case ErrorKind::permission: return "the provider does not allow it, or quota or credit is used up";
    case ErrorKind::not_found: return "the provider knows no such model or endpoint";
    case ErrorKind::rate_limited: return "too many requests for the provider";
    case ErrorKind::context_length: return "the prompt does not fit the model's context";
    case ErrorKind::not_configured: return "the base URL is not where the provider answers";
    case ErrorKind::content_filtered: return "the provider refused the content";
    case ErrorKind::unavailable: return "the provider failed or is overloaded";
    default: return "the provider sent an invalid response";
  }
}

void add_lengths(const ProviderError& said, Error& error) {
  const TooLong numbers = says_too_long(said.message).value_or(TooLong());
  const auto prompt = said.prompt_tokens ? said.prompt_tokens : numbers.prompt_tokens;
  const auto context = said.context_tokens ? said.context_tokens : numbers.context_tokens;
  if (prompt) error.prompt_tokens = *prompt;
  if (context) error.context_tokens = *context;
  if (prompt) error.message += ": " + std::to_string(*prompt) + " tokens";
  if (context) error.message += (prompt ? ", where " : ": ") + std::to_string(*context) + " fit";
}

Error make_error(ErrorKind kind, const ProviderError& said, std::string_view where) {
  Error error(kind, std::string(words_of(kind)));
  if (kind == ErrorKind::context_length) add_lengths(said, error);
  error.message += where;
  error.provider_code = said.code;
  error.provider_message = said.message;
  error.retry_after = said.retry_after;
  return error;
}

/// Returns the text with bytes that a terminal or log cannot show written as \xNN.
std::string escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  while (!text.empty()) {
    const std::string_view valid = valid_utf8_prefix(text, text.size());
    text.remove_prefix(valid.size());
    for (const char c : valid) {
      const auto byte = static_cast<unsigned char>(c);
      const bool plain = (byte >= 0x20 && byte != 0x7f) || c == '\n' || c == '\t';
      if (plain) out += c;
      else (out += "\\x").append({digits[byte >> 4], digits[byte & 15]});
    }
    if (text.empty()) break;
    const auto byte = static_cast<unsigned char>(text.front());
    (out += "\\x").append({digits[byte >> 4], digits[byte & 15]});
    text.remove_prefix(1);
  }
  return out;
}

/// Returns the title of a web page, or "".
std::string_view title_of(std::string_view page) {
  const std::string small = lowered(page);
  const std::size_t tag = small.find("<title");
  const std::size_t begin = tag == std::string::npos ? tag : small.find('>', tag);
  const std::size_t end = begin == std::string::npos ? begin : small.find("</title", begin);
  if (end == std::string::npos) return {};
  return trimmed(page.substr(begin + 1, end - begin - 1));
}

/// Reads a body that is not JSON: its beginning, or the title of a page.
ProviderError read_plain_body(std::string_view body) {
  constexpr std::size_t max_plain_bytes = 1000;
  constexpr std::size_t max_page_bytes = 300;
  const bool page = body.starts_with('<');
  std::string_view text = page ? title_of(body) : body;
  if (text.empty()) text = body;
  text = text.substr(0, page ? max_page_bytes : max_plain_bytes);
  ProviderError said;
  // A character that is cut off at the end is left out.
  if (const std::size_t whole = valid_utf8_prefix(text, text.size()).size(); text.size() - whole < 4 && whole > 0)
    text = text.substr(0, whole);
  said.message = escaped(text);
  return said;
}

/// Calls `read` with the root of a body of JSON. Returns nothing for any other body.
template <class Read>
std::optional<ProviderError> read_json_body(std::string_view body, Read read) {
  if (!body.starts_with('{') && !body.starts_with('[') && !body.starts_with('"')) return std::nullopt;
  JsonParser parser;
  std::string padded(body);
  padded.resize(body.size() + simdjson::SIMDJSON_PADDING);
  const auto root = parser.parse(std::string_view(padded).substr(0, body.size()), 0);
  return root ? read(*root) : std::nullopt;
}

ProviderError read_body(std::string_view body) {
  auto said = read_json_body(body, [](JsonElement root) { return std::optional(read_error(root)); });
  return said ? *std::move(said) : read_plain_body(body);
}

std::string limited_origin(std::string_view url, std::size_t longest) {
  return std::string(valid_utf8_prefix(origin_of(url), longest));
}

/// The redirect is not followed, because the key would go to a host that the user has not named.
std::string redirect_text(const HttpHead& head) {
  constexpr std::size_t longest = 300;
  const std::string* location = head.header("Location");
  std::string target;
  if (location != nullptr && location->size() <= longest) target = shown_url(valid_utf8_prefix(*location, longest));
  // It is not shortened, because half a key in it could not be recognised.
  else if (location != nullptr) target = limited_origin(*location, longest) + "/…";
  return ": it redirects to " + (target.empty() ? "nowhere" : "'" + target + "'") +
         ", and a key is not carried along; set base_url to where it answers";
}

/// The vendors' own header is more precise than the standard's.
std::optional<std::chrono::milliseconds> provider_retry_after(const HttpHead& head) {
  if (const std::string* text = head.header("retry-after-ms")) {
    if (const auto wait = parse_milliseconds(*text)) return wait;
  }
  return retry_after(head);
}

}  // namespace

std::string provider_request_id(const HttpHead& head) {
  // The headers of OpenAI and most others, Anthropic, Azure, Mistral and OpenRouter.
  for (const std::string_view name :
       {"x-request-id", "request-id", "apim-request-id", "mistral-correlation-id", "x-generation-id"}) {
    if (const std::string* id = head.header(name); id && !id->empty()) return *id;
  }
  return {};
}

Error decode_error(const HttpHead& head, std::string_view body) {
  body = trimmed(body);
  const ProviderError said = read_body(body);
  const ErrorKind kind = kind_of(head.status, said);
  std::string where = " (HTTP " + std::to_string(head.status) + ")";
  if (head.status == 413 && kind == ErrorKind::invalid_argument) where += ": it is larger than the server takes";
  if (is_redirect(head.status)) where += redirect_text(head);
  if (head.status == 407) where += "; look at HTTPS_PROXY, HTTP_PROXY and ALL_PROXY";
  if (body.starts_with('<')) where += "; a web page came back: is there a proxy, or is the base URL wrong?";
  Error error = make_error(kind, said, where);
  if (head.status == 407) error.message = "a proxy wants a user name and a password" + where;
  error.http_status = head.status;
  error.request_id = provider_request_id(head);
  if (const std::optional<std::chrono::milliseconds> wait = provider_retry_after(head)) error.retry_after = wait;
  return error;
}

Error error_within_answer(const ProviderError& said) {
  return make_error(kind_of(said.status, said), said, " (reported within the answer)");
}

std::optional<Error> error_in_body(std::string_view body) {
  const auto said = read_json_body(trimmed(body), read_provider_error);
  if (!said) return std::nullopt;
  return error_within_answer(*said);
}

}  // namespace abstractllm
