// SPDX-License-Identifier: Apache-2.0
#include "base/answer_head.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace abstractllm {
namespace {

using std::chrono::milliseconds;

/// A decimal number without a sign. By hand: neither locale nor every standard library's from_chars can be relied on.
std::optional<double> parse_decimal(std::string_view text) {
  double value = 0;
  double digit_worth = 0;  // 0: still before the point
  bool any_digit = false;
  for (const char c : text) {
    if (c == '.' && digit_worth == 0) {
      digit_worth = 0.1;
    } else if (c < '0' || c > '9') {
      return std::nullopt;
    } else if (any_digit = true; digit_worth == 0) {
      value = value * 10 + (c - '0');
    } else {
      value += digit_worth * (c - '0');
      digit_worth /= 10;
    }
  }
  if (!any_digit) return std::nullopt;
  return value;
}

/// A longer wait is 30 years: it is still one that nobody waits for.
std::optional<milliseconds> to_milliseconds(std::optional<double> value) {
  if (!value) return std::nullopt;
  return milliseconds(std::llround(std::min(*value, 1e12)));
}

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<std::chrono::sys_seconds> parse_http_date(const std::string& text) {
  std::array<char, 4> name{};
  unsigned day = 0, hour = 0, minute = 0, second = 0;
  int year = 0;
  // NOLINTNEXTLINE(cert-err34-c): every field is limited to few digits, so nothing can overflow
  if (std::sscanf(text.c_str(), "%*3s, %2u %3s %4d %2u:%2u:%2u", &day, name.data(), &year, &hour, &minute, &second) !=
      6) {
    return std::nullopt;
  }
  const auto month = std::find(months.begin(), months.end(), std::string_view(name.data()));
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
                                         std::chrono::day(day)};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

}  // namespace

std::optional<milliseconds> parse_seconds(std::string_view text) {
  if (text.ends_with('s')) text.remove_suffix(1);
  std::optional<double> seconds = parse_decimal(text);
  if (seconds) *seconds *= 1000;
  return to_milliseconds(seconds);
}

std::optional<milliseconds> retry_after(const HttpHead& head) {
  if (const std::string* text = head.header("retry-after-ms")) {
    if (const std::optional<milliseconds> wait = to_milliseconds(parse_decimal(*text))) return wait;
  }
  const std::string* text = head.header("retry-after");
  if (!text) return std::nullopt;
  if (const std::optional<milliseconds> wait = parse_seconds(*text)) return wait;
  const std::string* now_text = head.header("date");
  if (!now_text) return std::nullopt;
  const std::optional<std::chrono::sys_seconds> then = parse_http_date(*text);
  const std::optional<std::chrono::sys_seconds> now = parse_http_date(*now_text);
  if (!then || !now) return std::nullopt;
  return std::max<milliseconds>(*then - *now, milliseconds(0));
}

std::string http_date(std::chrono::sys_seconds time) {
  constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                days[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                months[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

void add_missing_date(HttpHead& head) {
  if (head.header("date") != nullptr) return;
  head.headers.emplace_back("Date",
                            http_date(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())));
}

std::string request_id(const HttpHead& head) {
  // OpenAI and most; Anthropic's way; Azure; Mistral; OpenRouter.
  for (const std::string_view name :
       {"x-request-id", "request-id", "apim-request-id", "mistral-correlation-id", "x-generation-id"}) {
    if (const std::string* id = head.header(name); id && !id->empty()) return *id;
  }
  return {};
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace abstractllm
