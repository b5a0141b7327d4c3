// SPDX-License-Identifier: Apache-2.0
#include "base/secret.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/base64.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t shortest_secret = 4;
// JSON within JSON within JSON; a longer run is not an escape of a secret.
constexpr std::size_t most_backslashes = 16;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// Whether `text` begins with these digits and then the byte as two of base 16.
bool is_hex_escape(std::string_view text, std::string_view before, char byte) {
  if (!text.starts_with(before) || text.size() < before.size() + 2) return false;
  const int high = hex_value(text[before.size()]);
  const int low = hex_value(text[before.size() + 1]);
  return high >= 0 && low >= 0 && static_cast<char>(high * 16 + low) == byte;
}

/// How many bytes at the beginning of `text` spell this one byte of a secret; 0: they do not.
std::size_t spelled(std::string_view text, char byte) {
  if (text.empty()) return 0;
  if (text.front() == byte && byte != '\\') return 1;
  if (is_hex_escape(text, "%", byte)) return 3;
  if (text.front() != '\\') return 0;
  const std::size_t slashes = text.substr(0, most_backslashes).find_first_not_of('\\');
  if (slashes == std::string_view::npos) return 0;
  const std::string_view rest = text.substr(slashes);
  if (is_hex_escape(rest, "u00", byte)) return slashes + 5;
  if (byte == '\\') return slashes;
  return rest.starts_with(byte) ? slashes + 1 : 0;
}

/// The length of the secret as `text` begins with it; 0: it does not.
std::size_t length_of(std::string_view text, std::string_view secret) {
  std::size_t length = 0;
  for (const char byte : secret) {
    const std::size_t more = spelled(text.substr(length), byte);
    if (more == 0) return 0;
    length += more;
  }
  return length;
}

void mask_one(std::string& text, std::string_view secret) {
  const std::array<char, 3> first = {secret.front(), '\\', '%'};
  const std::string_view starts(first.data(), first.size());
  for (std::size_t at = text.find_first_of(starts); at != std::string::npos; at = text.find_first_of(starts, at)) {
    const std::size_t length = length_of(std::string_view(text).substr(at), secret);
    if (length > 0) text.replace(at, length, length, '*');
    at += std::max<std::size_t>(length, 1);
  }
}

}  // namespace

Secrets::Secrets(const HttpRequest& request) {
  for (const HttpHeader& header : request.headers)
    if (header.secret) add_header(header);
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
  std::stable_sort(secrets_.begin(), secrets_.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

void Secrets::mask(std::string& text) const {
  for (const std::string& secret : secrets_) mask_one(text, secret);
}

std::string_view user_of_proxy(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t at = url.rfind('@');
  return at == std::string_view::npos || at < begin ? std::string_view() : url.substr(begin, at - begin);
}

}  // namespace abstractllm
