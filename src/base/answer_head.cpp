// SPDX-License-Identifier: Apache-2.0
#include "base/answer_head.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/ascii.hpp"

namespace abstractllm {
namespace {

using std::chrono::milliseconds;

/// Reads a decimal number without a sign. Written by hand, because other functions depend on the locale, and not every
/// standard library has from_chars for double.
std::optional<double> parse_decimal(std::string_view text) {
  double value = 0;
  double digit_worth = 0;  // 0: before the decimal point
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

/// A longer wait becomes 30 years. Nobody waits that long either.
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

/// `"api";r=0;t=55`: the window ends in 55 seconds.
std::optional<milliseconds> wait_of_rate_limit(const HttpHead& head) {
  const std::string* limit = head.header("ratelimit");
  const std::size_t at = limit == nullptr ? std::string::npos : limit->find(";t=");
  if (at == std::string::npos) return std::nullopt;
  const std::string_view rest = std::string_view(*limit).substr(at + 3);
  return parse_seconds(rest.substr(0, rest.find_first_not_of("0123456789")));
}

}  // namespace

std::optional<milliseconds> parse_milliseconds(std::string_view text) { return to_milliseconds(parse_decimal(text)); }

std::optional<milliseconds> parse_seconds(std::string_view text) {
  if (text.ends_with('s')) text.remove_suffix(1);
  std::optional<double> seconds = parse_decimal(text);
  if (seconds) *seconds *= 1000;
  return to_milliseconds(seconds);
}

std::optional<milliseconds> retry_after(const HttpHead& head) {
  const std::string* text = head.header("retry-after");
  if (!text) return wait_of_rate_limit(head);
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

const std::string* HttpHead::header(std::string_view name) const {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  for (const HttpHeader& header : headers)
    if (std::equal(header.name.begin(), header.name.end(), name.begin(), name.end(), same)) return &header.value;
  return nullptr;
}

}  // namespace abstractllm
