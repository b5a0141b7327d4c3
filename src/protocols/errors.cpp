// SPDX-License-Identifier: Apache-2.0
#include "protocols/errors.hpp"

#include <algorithm>

#include "base/answer_head.hpp"
#include "base/utf8.hpp"

namespace abstractllm {
namespace {

struct KnownWord {
  std::string_view word;  ///< whole code or type, exactly
  ErrorKind kind;
};

/// Say more than the HTTP status that they come with.
constexpr KnownWord telling_words[] = {
    {"context_length_exceeded", ErrorKind::context_length},         // OpenAI, 400
    {"exceed_context_size_error", ErrorKind::context_length},       // llama-server, 400
    {"too_many_prompt_tokens", ErrorKind::context_length},          // Perplexity, 400
    {"insufficient_quota", ErrorKind::permission},                  // OpenAI, 429
    {"credit_balance_exhausted", ErrorKind::permission},            // OpenAI, 429
    {"invalid_api_key", ErrorKind::authentication},                 // OpenAI, 401
    {"model_not_found", ErrorKind::not_found},                      // OpenAI, 404 and 400
    {"content_filter", ErrorKind::content_filtered},                // Azure, 400 and within a 200
    {"content_policy_violation", ErrorKind::content_filtered},      // OpenAI, Azure
    {"ResponsibleAIPolicyViolation", ErrorKind::content_filtered},  // Azure, inner code
    {"server_is_overloaded", ErrorKind::unavailable},               // OpenAI, 503
    {"slow_down", ErrorKind::unavailable},                          // OpenAI, 503
    {"overloaded_error", ErrorKind::unavailable},                   // Anthropic, 529 and within a 200
    {"enforced_spend_limit_reached", ErrorKind::permission},        // Anthropic, 429 that no waiting ends
    {"contract_spend_limit_reached", ErrorKind::permission},        // Anthropic, 429 that no waiting ends
    {"organization_on_hold", ErrorKind::permission},                // Anthropic
};

/// Count only where no HTTP status says more: within an answer.
constexpr KnownWord vague_words[] = {
    {"invalid_request_error", ErrorKind::invalid_argument},
    {"BadRequestError", ErrorKind::invalid_argument},
    {"authentication_error", ErrorKind::authentication},
    {"permission_error", ErrorKind::permission},
    {"not_found_error", ErrorKind::not_found},
    {"invalid_prompt", ErrorKind::invalid_argument},  // OpenAI Responses, status failed
    {"request_too_large", ErrorKind::invalid_argument},
    {"timeout_error", ErrorKind::unavailable},
    {"conflict_error", ErrorKind::unavailable},
    {"rate_limit_exceeded", ErrorKind::rate_limited},
    {"rate_limit_error", ErrorKind::rate_limited},
    {"not_supported_error", ErrorKind::unsupported},
};

struct KnownPhrase {
  std::string_view phrase;  ///< lower case, anywhere in the message of a 400, 413 or 422
  ErrorKind kind;
};

/// For servers that say it in prose alone (README.md: sources).
constexpr KnownPhrase phrases[] = {
    {"context length is", ErrorKind::context_length},       // vLLM, DeepSeek, OpenRouter
    {"maximum context length", ErrorKind::context_length},  // Mistral
    {"incorrect api key", ErrorKind::authentication},       // xAI
};

template <std::size_t count>
std::optional<ErrorKind> kind_of_words(const KnownWord (&words)[count], const ProviderError& said) {
  for (const KnownWord& known : words) {
    if (said.code == known.word || said.type == known.word || said.inner_code == known.word) return known.kind;
  }
  return std::nullopt;
}

std::optional<ErrorKind> kind_of_phrases(int status, const ProviderError& said) {
  if (status != 400 && status != 413 && status != 422) return std::nullopt;
  std::string message = said.message;
  std::transform(message.begin(), message.end(), message.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (const KnownPhrase& known : phrases) {
    if (message.find(known.phrase) != std::string::npos) return known.kind;
  }
  return std::nullopt;
}

ErrorKind kind_of_status(int status) {
  switch (status) {
    case 401: return ErrorKind::authentication;
    case 402:
    case 403: return ErrorKind::permission;
    case 404: return ErrorKind::not_found;
    case 408:
    case 409:
    case 425: return ErrorKind::unavailable;  // worth another try, and the SDKs of OpenAI do so
    case 429: return ErrorKind::rate_limited;
    case 501: return ErrorKind::unsupported;  // llama-server: started without what the request needs
    default: break;
  }
  if (status >= 300 && status < 400) return ErrorKind::not_configured;
  if (status >= 500) return ErrorKind::unavailable;
  return status >= 400 ? ErrorKind::invalid_argument : ErrorKind::protocol;
}

/// `status` 0: none is known.
ErrorKind kind_of(int status, const ProviderError& said) {
  if (said.moderated) return ErrorKind::content_filtered;
  if (said.code.starts_with("billing_") || said.type.starts_with("billing_")) return ErrorKind::permission;
  if (const std::optional<ErrorKind> kind = kind_of_words(telling_words, said)) return *kind;
  if (const std::optional<ErrorKind> kind = kind_of_phrases(status, said)) return *kind;
  if (status != 0) return kind_of_status(status);
  // What fails without a reason, after the server had agreed to answer, is the server's own trouble.
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
    default: return "the provider gave an answer that is none";
  }
}

Error make_error(ErrorKind kind, const ProviderError& said, std::string_view where) {
  Error error(kind, std::string(words_of(kind)));
  if (kind == ErrorKind::context_length && said.prompt_tokens && said.context_tokens) {
    error.message +=
        ": " + std::to_string(*said.prompt_tokens) + " tokens, where " + std::to_string(*said.context_tokens) + " fit";
  }
  error.message += where;
  error.provider_code = said.code;
  error.provider_message = said.message;
  error.retry_after = said.retry_after;
  return error;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

/// What a body that is no JSON says: its text, unless it is a page of a proxy.
ProviderError read_plain_body(std::string_view body) {
  constexpr std::size_t max_plain_bytes = 1000;
  ProviderError said;
  if (!body.starts_with('<')) said.message = std::string(valid_utf8_prefix(body, max_plain_bytes));
  return said;
}

ProviderError read_body(std::string_view body) {
  if (body.starts_with('{') || body.starts_with('[') || body.starts_with('"')) {
    simdjson::dom::parser parser;
    JsonElement root;
    const std::string copy(body);  // simdjson's overload for strings sees to the padding
    if (parser.parse(copy).get(root) == simdjson::SUCCESS) {
      if (std::optional<ProviderError> said = read_provider_error(root)) return *std::move(said);
      return {};
    }
  }
  return read_plain_body(body);
}

}  // namespace

Error decode_error(const HttpHead& head, std::string_view body) {
  body = trimmed(body);
  const ProviderError said = read_body(body);
  std::string where = " (HTTP " + std::to_string(head.status) + ")";
  if (head.status < 400)
    where += ": it redirects elsewhere, and a key is not carried along; set base_url to where it points";
  if (body.starts_with('<')) where += "; a web page came back: is there a proxy, or is the base URL wrong?";
  Error error = make_error(kind_of(head.status, said), said, where);
  error.http_status = head.status;
  error.request_id = request_id(head);
  if (const std::optional<std::chrono::milliseconds> wait = retry_after(head)) error.retry_after = wait;
  return error;
}

Error error_within_answer(const ProviderError& said) {
  return make_error(kind_of(said.status, said), said, " (reported within the answer)");
}

}  // namespace abstractllm
