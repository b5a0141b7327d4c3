// SPDX-License-Identifier: Apache-2.0
#include "transport/replay/recording.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/base64.hpp"
#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/secret.hpp"
#include "base/utf8.hpp"

namespace abstractllm {
namespace {

bool is_cookie(const std::string& name) {
  return name.size() == 10 &&
         std::equal(name.begin(), name.end(), "set-cookie", [](char a, char b) { return (a | 0x20) == b || a == b; });
}

std::string masked(std::string text, const Secrets& secrets) {
  secrets.mask(text);
  return text;
}

Json headers_json(const std::vector<HttpHeader>& headers, const Secrets& secrets) {
  Json json = Json::array();
  for (const HttpHeader& header : headers) {
    const bool hidden = header.secret || is_cookie(header.name);
    json.push_back({header.name, hidden ? std::string("***") : masked(header.value, secrets)});
  }
  return json;
}

struct StepJson {
  Json& json;
  std::string_view body;  // body of this step, masked
  const Secrets& secrets;

  void operator()(const HttpHead& head) const {
    json["status"] = head.status;
    json["headers"] = headers_json(head.headers, secrets);
  }
  void operator()(const RecordedBytes&) const {
    if (find_invalid_utf8(body)) json["base64"] = to_base64(body);
    else json["bytes"] = body;
  }
  void operator()(const BodyEnd&) const { json["end"] = true; }
  void operator()(const Error& error) const {
    json["error"] = {{"kind", to_string(error.kind)}, {"message", masked(error.message, secrets)}};
  }
};

/// All bytes of the answer, with the request's secrets masked by the same number of characters.
std::string masked_body(const RecordedExchange& exchange, const Secrets& secrets) {
  std::string body;
  for (const RecordedStep& step : exchange.steps)
    if (const auto* bytes = std::get_if<RecordedBytes>(&step.what)) body += bytes->bytes;
  secrets.mask(body);
  return body;
}

std::optional<ErrorKind> kind_named(std::string_view name) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind)
    if (to_string(static_cast<ErrorKind>(kind)) == name) return static_cast<ErrorKind>(kind);
  return std::nullopt;
}

std::vector<HttpHeader> read_headers(const Json& json) {
  std::vector<HttpHeader> headers;
  for (const Json& header : json)
    headers.emplace_back(header.at(0).get<std::string>(), header.at(1).get<std::string>());
  return headers;
}

HttpRequest read_request(const Json& json) {
  HttpRequest request;
  request.method = json.at("method").get<std::string>();
  request.url = json.at("url").get<std::string>();
  request.headers = read_headers(json.at("headers"));
  request.body = json.at("body").get<std::string>();
  return request;
}

RecordedStep read_step(const Json& json) {
  RecordedStep step;
  const double at_ms = json.at("at_ms").get<double>();
  if (!(at_ms >= 0 && at_ms < 1e12)) throw std::out_of_range("at_ms");
  step.at = std::chrono::microseconds(static_cast<std::int64_t>(at_ms * 1000.0));
  if (json.contains("status")) {
    step.what = HttpHead{json.at("status").get<int>(), read_headers(json.at("headers"))};
  } else if (json.contains("bytes")) {
    step.what = RecordedBytes{json.at("bytes").get<std::string>()};
  } else if (json.contains("base64")) {
    step.what = RecordedBytes{from_base64(json.at("base64").get<std::string>()).value()};
  } else if (json.contains("error")) {
    const auto kind = kind_named(json.at("error").at("kind").get<std::string>());
    step.what = Error(kind.value(), json.at("error").at("message").get<std::string>());
  } else {
    step.what = BodyEnd{};
  }
  return step;
}

}  // namespace

std::string to_json_lines(const RecordedExchange& exchange) {
  const HttpRequest& request = exchange.request;
  const Secrets secrets(request);
  Json first = Json::object();
  first["request"] = {{"method", request.method},
                      {"url", masked(request.url, secrets)},
                      {"headers", headers_json(request.headers, secrets)},
                      {"body", masked(request.body, secrets)}};
  std::string lines = dump_json(first) + "\n";
  const std::string body = masked_body(exchange, secrets);
  std::size_t at = 0;
  for (const RecordedStep& step : exchange.steps) {
    const auto* bytes = std::get_if<RecordedBytes>(&step.what);
    const std::size_t size = bytes == nullptr ? 0 : bytes->bytes.size();
    Json json = Json::object();
    json["at_ms"] = in_milliseconds(step.at);
    std::visit(StepJson{json, std::string_view(body).substr(at, size), secrets}, step.what);
    at += size;
    lines += dump_json(json) + "\n";
  }
  return lines;
}

Result<std::vector<RecordedExchange>> read_recording(std::string_view text) {
  std::vector<RecordedExchange> exchanges;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::string where = "line " + std::to_string(number) + " of the recording";
    const Result<Json> json = parse_json(line, where);
    if (!json) return Error(ErrorKind::not_configured, json.error().message);
    try {
      if (json->contains("request")) exchanges.push_back({read_request(json->at("request")), {}});
      else if (exchanges.empty()) return Error(ErrorKind::not_configured, where + " comes before any request");
      else exchanges.back().steps.push_back(read_step(*json));
    } catch (const std::exception&) {  // a member is missing or has another type
      return Error(ErrorKind::not_configured, where + " is neither a request nor a step of an answer");
    }
  }
  return exchanges;
}

}  // namespace abstractllm
