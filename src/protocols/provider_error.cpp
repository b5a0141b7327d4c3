// SPDX-License-Identifier: Apache-2.0
#include "protocols/provider_error.hpp"

#include "base/answer_head.hpp"
#include "base/utf8.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t max_message_bytes = 4000;
constexpr std::size_t max_code_bytes = 200;

std::string limited(std::string_view text, std::size_t max_bytes) {
  return std::string(valid_utf8_prefix(text, max_bytes));
}

/// The text of a message that may be a string, {"detail": …} or a list of {"msg" | "message": …}.
std::string message_text(const std::optional<JsonElement>& message, int depth = 0) {
  if (!message || depth > 4) return {};
  if (message->is_string()) return limited(text_of(message), max_message_bytes);
  std::string text;
  for_each(message, [&](JsonElement part) {
    const std::string part_text = message_text(part, depth + 1);
    if (!part_text.empty() && text.size() < max_message_bytes) text += (text.empty() ? "" : "; ") + part_text;
  });
  for (const std::string_view name : {"detail", "message", "msg"}) {
    if (text.empty()) text = message_text(member(*message, name), depth + 1);
  }
  return limited(text, max_message_bytes);
}

int http_status(const std::optional<JsonElement>& element) {
  std::optional<std::int64_t> number = integer_of(element);
  const std::string_view text = text_of(element);
  if (text.size() == 3 && text.find_first_not_of("0123456789") == std::string_view::npos)
    number = std::stoi(std::string(text));
  return number && *number >= 400 && *number <= 599 ? static_cast<int>(*number) : 0;
}

void read_code_and_status(JsonElement error, ProviderError& out) {
  const auto [code, status, type, error_type, status_code, raw_status] = members(
      error, std::array<std::string_view, 6>{"code", "status", "type", "error_type", "status_code", "raw_status_code"});
  for (const std::optional<JsonElement>& place : {status_code, raw_status, status, code}) {
    if (out.status == 0) out.status = http_status(place);
  }
  out.type = limited(text_of(type ? type : error_type), max_code_bytes);
  out.code = limited(text_of(code), max_code_bytes);
  if (out.code.empty()) out.code = limited(text_of(status), max_code_bytes);
  if (out.code.empty()) out.code = out.type;
  if (const std::optional<std::int64_t> number = integer_of(code); number && out.code.empty())
    out.code = std::to_string(*number);
}

/// What only one server sends.
void read_specialities(JsonElement error, ProviderError& out) {
  const auto [prompt, context, inner, metadata, details] =
      members(error, std::array<std::string_view, 5>{"n_prompt_tokens", "n_ctx", "innererror", "metadata", "details"});
  out.prompt_tokens = integer_of(prompt);
  out.context_tokens = integer_of(context);
  if (inner) out.inner_code = limited(text_of(member(*inner, "code")), max_code_bytes);
  if (metadata) {
    const auto [raw, reasons] = members(*metadata, std::array<std::string_view, 2>{"raw", "reasons"});
    out.moderated = reasons.has_value();
    // OpenRouter's own message is "Provider returned error"; what the provider behind it said is in here.
    if (const std::string_view text = text_of(raw); !text.empty()) {
      out.message = limited(out.message + ": " + std::string(text), max_message_bytes);
    }
  }
  // Anthropic's machine-readable reason.
  if (details && out.inner_code.empty())
    out.inner_code = limited(text_of(member(*details, "error_code")), max_code_bytes);
  for_each(details, [&](JsonElement detail) {
    if (!out.retry_after) out.retry_after = parse_seconds(text_of(member(detail, "retryDelay")));
  });
}

ProviderError read_object(JsonElement error) {
  ProviderError out;
  out.message = message_text(error);
  read_code_and_status(error, out);
  read_specialities(error, out);
  return out;
}

/// {"code"?, "type"?, "message" | "detail": …} without an `error` around it.
std::optional<ProviderError> read_flat(JsonElement root) {
  const auto [object, type, message, detail, code] =
      members(root, std::array<std::string_view, 5>{"object", "type", "message", "detail", "code"});
  if (text_of(object) != "error" && text_of(type) != "error" && !message && !detail && text_of(code).empty()) {
    return std::nullopt;
  }
  return read_object(root);
}

}  // namespace

bool says_error(const std::optional<JsonElement>& error) {
  if (!error) return false;
  bool flag = true;
  if (error->get(flag) == simdjson::SUCCESS) return flag;
  if (error->is_string()) return !text_of(error).empty();
  simdjson::dom::object object;
  return error->get(object) != simdjson::SUCCESS || object.size() > 0;
}

std::optional<ProviderError> read_provider_error(JsonElement root) {
  if (root.is_array()) {  // Gemini wraps its errors in a list
    std::optional<ProviderError> first;
    for_each(root, [&](JsonElement element) {
      if (!first && element.is_object()) first = read_provider_error(element);
    });
    return first;
  }
  if (root.is_string()) {
    ProviderError out;
    out.message = message_text(root);
    return out;
  }
  const std::optional<JsonElement> error = member(root, "error");
  if (!says_error(error)) return read_flat(root);
  if (error->is_object()) return read_object(*error);
  ProviderError out = read_object(root);  // {"error": "text", "code" | "error_type": …}
  if (error->is_string()) out.message = message_text(error);
  return out;
}

}  // namespace abstractllm
