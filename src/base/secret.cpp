// SPDX-License-Identifier: Apache-2.0
#include "base/secret.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/base64.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t shortest_secret = 4;
constexpr std::size_t shortest_core = 8;  // length in base64
// Enough for JSON within JSON within JSON. A longer run is not an escape of a secret.
constexpr std::size_t most_backslashes = 16;
// Enough for one byte, such as u0041 after that many backslashes.
constexpr std::size_t longest_spelling = most_backslashes + 5;
// The part of a key that vendors print themselves.
constexpr std::size_t most_shown_bytes = 8;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// Whether `text` begins with these digits, followed by the byte as two hexadecimal digits.
bool is_hex_escape(std::string_view text, std::string_view before, char byte) {
  if (!text.starts_with(before) || text.size() < before.size() + 2) return false;
  const int high = hex_value(text[before.size()]);
  const int low = hex_value(text[before.size() + 1]);
  return high >= 0 && low >= 0 && static_cast<char>(high * 16 + low) == byte;
}

/// A part of a secret as spelled at the beginning of a text.
struct Spelling {
  std::size_t length = 0;  // length in the text
  std::size_t bytes = 0;   // bytes of the secret
};

enum class Percents { literal, escapes };

/// The number of backslashes at the beginning of `text`, up to the number that escapes may make of `least`.
std::size_t backslashes(std::string_view text, std::size_t least = 1) {
  text = text.substr(0, most_backslashes * least);
  return std::min(text.find_first_not_of('\\'), text.size());
}

/// The next byte of a secret, or its next backslashes, if `text` begins with it.
Spelling spelled(std::string_view text, std::string_view secret, Percents percents) {
  const char byte = secret.front();
  if (percents == Percents::escapes && is_hex_escape(text, "%", byte)) return {3, 1};
  if (text.empty()) return {};
  if (text.front() == byte && byte != '\\') return {1, 1};
  const std::size_t slashes = backslashes(text, std::max<std::size_t>(backslashes(secret), 1));
  if (slashes == 0) return {};
  const std::string_view rest = text.substr(slashes);
  if (is_hex_escape(rest, "u00", byte)) return {slashes + 5, 1};
  if (const std::size_t own = backslashes(secret); own > 0) return own <= slashes ? Spelling{slashes, own} : Spelling{};
  return rest.starts_with(byte) ? Spelling{slashes + 1, 1} : Spelling{};
}

/// The part of the secret with which `text` begins.
Spelling spelled_part(std::string_view text, std::string_view secret, Percents percents) {
  Spelling part;
  while (part.bytes < secret.size()) {
    const Spelling next = spelled(text.substr(part.length), secret.substr(part.bytes), percents);
    if (next.length == 0) break;
    part.length += next.length;
    part.bytes += next.bytes;
  }
  return part;
}

/// Calls `take` with each place where the secret may begin and with the part that is there. `take` returns how far to
/// advance.
template <class Take>
void for_each_occurrence(std::string_view text, std::string_view secret, Take take) {
  const std::array<char, 3> first = {secret.front(), '\\', '%'};
  const std::string_view starts(first.data(), first.size());
  for (std::size_t at = text.find_first_of(starts); at != text.npos; at = text.find_first_of(starts, at)) {
    Spelling part = spelled_part(text.substr(at), secret, Percents::escapes);
    // "%25" is a percent sign only in a text that escapes percent signs.
    if (part.bytes < secret.size() && secret.find('%') != secret.npos) {
      const Spelling other = spelled_part(text.substr(at), secret, Percents::literal);
      if (other.bytes > part.bytes) part = other;
    }
    at += take(at, part);
  }
}

void mask_one(std::string& text, std::string_view secret) {
  for_each_occurrence(text, secret, [&](std::size_t at, Spelling part) -> std::size_t {
    if (part.bytes < secret.size()) return 1;
    text.replace(at, part.length, part.length, '*');
    return part.length;
  });
}

/// Whether the rest of a text is empty or the beginning of an escape.
bool is_cut_escape(std::string_view rest) {
  if (rest.empty()) return true;
  if (rest.front() == '%') return rest.size() < 3;
  const std::string_view digits = rest.substr(backslashes(rest));
  return digits.size() < rest.size() && digits.size() < 5 && (digits.empty() || digits.front() == 'u');
}

/// If a text was cut within a secret, its end reveals the secret except the last few bytes.
void mask_at_end(std::string& text, std::string_view secret) {
  constexpr std::string_view ellipsis = "…";
  const std::size_t end = text.size() - (text.ends_with(ellipsis) ? ellipsis.size() : 0);
  const std::size_t longest = secret.size() * longest_spelling;
  const std::size_t begin = end - std::min(end, longest);
  const std::size_t shown = std::clamp(secret.size() / 2, shortest_secret, most_shown_bytes);
  for_each_occurrence(
      std::string_view(text).substr(begin, end - begin), secret, [&](std::size_t at, Spelling part) -> std::size_t {
        const std::size_t position = begin + at;
        const std::string_view rest = std::string_view(text).substr(position, end - position).substr(part.length);
        if (part.bytes < shown || !is_cut_escape(rest)) return 1;
        text.replace(position, end - position, end - position, '*');
        return end - position;
      });
}

/// The part of the base64 that does not depend on the text before and after the secret, `before` bytes from a border.
std::string core_of_base64(std::string_view secret, std::size_t before) {
  const std::string all = to_base64(std::string(before, ' ') + std::string(secret));
  const std::size_t begin = before == 0 ? 0 : before + 1;
  return all.substr(begin, (before + secret.size()) * 8 / 6 - begin);
}

/// Whether a query's field with this name holds a secret: "key", "api-key", "sig", "X-Amz-Signature", "access_token",
/// and "code" (the key of an Azure function).
bool names_secret(std::string_view name) {
  const std::string small = lowered(name);
  constexpr std::string_view endings[] = {"key", "sig", "signature", "token", "secret", "password", "credential"};
  return small == "code" || std::any_of(std::begin(endings), std::end(endings),
                                        [&](std::string_view ending) { return small.ends_with(ending); });
}

}  // namespace

Secrets::Secrets(const HttpRequest& request) {
  for (const HttpHeader& header : request.headers)
    if (header.secret) add_header(header);
  add_query(request.url);
}

void Secrets::add_query(std::string_view url) {
  const std::size_t query = url.find('?');
  if (query == std::string_view::npos) return;
  std::string_view rest = url.substr(query + 1);
  while (!rest.empty()) {
    const std::string_view field = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(field.size() + 1, rest.size()));
    const std::size_t equals = field.find('=');
    if (equals != std::string_view::npos && names_secret(field.substr(0, equals))) add(field.substr(equals + 1));
  }
}

void Secrets::add_header(const HttpHeader& header) {
  const std::string_view value = header.value;
  add(value);
  const std::size_t blank = value.rfind(' ');
  if (blank != std::string_view::npos) add(value.substr(blank + 1));
  if (lowered(value.substr(0, 6)) == "basic ") {
    const std::string user = from_base64(value.substr(blank + 1)).value_or("");
    add(user);
    if (const std::size_t colon = user.find(':'); colon != std::string::npos) add(user.substr(colon + 1));
  }
  if (lowered(header.name) != "cookie") return;
  for (std::size_t equals = value.find('='); equals != std::string_view::npos; equals = value.find('=', equals + 1)) {
    const std::size_t end = std::min(value.find(';', equals), value.size());
    add(value.substr(equals + 1, end - equals - 1));
  }
}

void Secrets::add(std::string_view secret) {
  if (secret.size() < shortest_secret) return;
  secrets_.emplace_back(secret);
  secrets_.push_back(to_base64(secret));
  for (const std::size_t before : {0U, 1U, 2U})
    if (std::string core = core_of_base64(secret, before); core.size() >= shortest_core)
      secrets_.push_back(std::move(core));
  std::stable_sort(secrets_.begin(), secrets_.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

void Secrets::mask(std::string& text) const {
  for (const std::string& secret : secrets_) mask_one(text, secret);
  for (const std::string& secret : secrets_)
    if (secret.find(' ') == std::string::npos) mask_at_end(text, secret);  // "Bearer " alone is not a secret
}

void Secrets::mask(Error& error) const {
  for (std::string* text : {&error.message, &error.provider_message, &error.provider_code, &error.request_id})
    mask(*text);
}

std::string_view user_of_proxy(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t at = url.rfind('@');
  return at == std::string_view::npos || at < begin ? std::string_view() : url.substr(begin, at - begin);
}

}  // namespace abstractllm
