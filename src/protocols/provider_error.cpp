// SPDX-License-Identifier: Apache-2.0
#include "protocols/provider_error.hpp"

#include "base/answer_head.hpp"
#include "base/utf8.hpp"
#include "protocols/base_resp.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t max_message_bytes = 4000;
constexpr std::size_t max_code_bytes = 200;
constexpr std::size_t max_unknown_bytes = 1000;
constexpr int max_message_depth = 6;

std::string limited(std::string_view text, std::size_t max_bytes) {
  return std::string(valid_utf8_prefix(text, max_bytes));
}

/// Returns where in the request the mistake is, from FastAPI's form: ["body", "messages", 0] is "body.messages.0".
std::string path_text(const std::optional<JsonElement>& path) {
  std::string text;
  for_each(path, [&](JsonElement step) {
    if (text.size() > max_code_bytes) return;
    const std::optional<std::int64_t> number = integer_of(step);
    text += (text.empty() ? "" : ".") + (number ? std::to_string(*number) : limited(text_of(step), max_code_bytes));
  });
  return text;
}

void append(std::string& text, std::string_view separator, std::string_view part) {
  if (part.empty() || text.size() >= max_message_bytes) return;
  if (!text.empty()) text += separator;
  text += part;
}

/// Some servers send the same text twice.
void add_other_words(std::string& text, std::string_view more) {
  if (text.find(more) == std::string::npos) append(text, ": ", more);
}

std::string object_text(JsonElement object, int depth);

/// Returns the text of a message, which may be a string, an object as object_text reads it, or a list of these.
std::string message_text(const std::optional<JsonElement>& message, int depth = 0) {
  if (!message || depth > max_message_depth) return {};
  if (message->is_string()) return limited(text_of(message), max_message_bytes);
  if (message->is_object()) return object_text(*message, depth);
  std::string text;
  for_each(message, [&](JsonElement part) {
    if (text.size() < max_message_bytes) append(text, "; ", message_text(part, depth + 1));
  });
  return limited(text, max_message_bytes);
}

/// Reads {"field": ["text"]}, as ASP.NET and Rails list mistakes, or a list.
std::string errors_text(const std::optional<JsonElement>& errors, int depth) {
  simdjson::dom::object fields;
  if (!errors || errors->get(fields) != simdjson::SUCCESS) return message_text(errors, depth);
  std::string text;
  for (const simdjson::dom::key_value_pair field : fields) {
    if (text.size() >= max_message_bytes) break;
    append(text, "; ", limited(field.key, max_code_bytes) + ": " + message_text(field.value, depth + 1));
  }
  return text;
}

/// Reads {"message" | "detail" | …}, the place in the request, and the single `errors`.
std::string object_text(JsonElement object, int depth) {
  const auto [detail, message, msg, description, title, capital, errors, loc] =
      members(object, std::array<std::string_view, 8>{"detail", "message", "msg", "error_description", "title",
                                                      "Message", "errors", "loc"});
  std::string text;
  for (const std::optional<JsonElement>& candidate : {detail, message, msg, description, title, capital}) {
    if (text.empty()) text = message_text(candidate, depth + 1);
  }
  if (const std::string where = path_text(loc); !where.empty()) text.insert(0, where + ": ");
  append(text, ": ", errors_text(errors, depth + 1));
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
  for (const std::optional<JsonElement>& candidate : {status_code, raw_status, status, code}) {
    if (out.status == 0) out.status = http_status(candidate);
  }
  out.type = limited(text_of(type ? type : error_type), max_code_bytes);
  out.code = limited(text_of(code), max_code_bytes);
  if (out.code.empty()) out.code = limited(text_of(status), max_code_bytes);
  if (out.code.empty()) out.code = out.type;
  if (const std::optional<std::int64_t> number = integer_of(code); number && out.code.empty())
    out.code = std::to_string(*number);
}

/// Reads fields that only one server sends.
void read_specialities(JsonElement error, ProviderError& out) {
  const auto [prompt, context, inner, metadata, details] =
      members(error, std::array<std::string_view, 5>{"n_prompt_tokens", "n_ctx", "innererror", "metadata", "details"});
  out.prompt_tokens = integer_of(prompt);
  out.context_tokens = integer_of(context);
  if (inner) out.inner_code = limited(text_of(member(*inner, "code")), max_code_bytes);
  if (metadata) {
    const auto [raw, reasons] = members(*metadata, std::array<std::string_view, 2>{"raw", "reasons"});
    out.moderated = reasons.has_value();
    // OpenRouter's own message is "Provider returned error". This field has the message of the actual provider.
    if (const std::string_view text = text_of(raw); !text.empty()) {
      out.message = limited(out.message + ": " + std::string(text), max_message_bytes);
    }
  }
  // This is Anthropic's machine-readable reason.
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

bool is_filled_list(const std::optional<JsonElement>& list) {
  simdjson::dom::array array;
  return list && list->get(array) == simdjson::SUCCESS && array.size() > 0;
}

/// Whether the object is {"code"?, "type"?, "message" | "detail" | "errors": …} without an `error` around it.
bool is_flat_error(JsonElement root) {
  const auto [object, type, message, detail, code, errors] =
      members(root, std::array<std::string_view, 6>{"object", "type", "message", "detail", "code", "errors"});
  return text_of(object) == "error" || text_of(type) == "error" || message || detail || !text_of(code).empty() ||
         is_filled_list(errors) || read_base_resp(root);
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

ProviderError read_error(JsonElement root) {
  if (root.is_array()) {  // Gemini wraps its errors in a list
    std::optional<ProviderError> first;
    for_each(root, [&](JsonElement element) {
      if (!first && element.is_object()) first = read_error(element);
    });
    if (first) return *std::move(first);
  }
  if (std::optional<ProviderError> said = read_base_resp(root)) return *std::move(said);
  ProviderError out;
  const std::optional<JsonElement> error = member(root, "error");
  if (says_error(error) && error->is_object()) {
    out = read_object(*error);
    add_other_words(out.message, message_text(member(root, "message")));
  } else {
    out = read_object(root);  // {"error": "text", "code" | "error_type" | "message": …}, or one without `error`
    std::string words = message_text(error);
    add_other_words(words, out.message);
    out.message = limited(words, max_message_bytes);
  }
  if (out.message.empty() && root.is_string()) out.message = message_text(root);
  if (out.message.empty()) out.message = limited(simdjson::minify(root), max_unknown_bytes);
  return out;
}

std::optional<ProviderError> read_provider_error(JsonElement root) {
  if (root.is_array()) {
    bool has_object = false;
    for_each(root, [&](JsonElement element) { has_object = has_object || element.is_object(); });
    if (!has_object) return std::nullopt;
    return read_error(root);
  }
  if (!root.is_string() && !says_error(member(root, "error")) && !is_flat_error(root)) return std::nullopt;
  return read_error(root);
}

}  // namespace abstractllm
