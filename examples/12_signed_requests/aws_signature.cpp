// SPDX-License-Identifier: Apache-2.0
#include "aws_signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string_view>

namespace {

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string sha256(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return {digest.begin(), digest.end()};
}

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, 32> digest{};
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), digest.data(), nullptr);
  return {digest.begin(), digest.end()};
}

std::string time_text(std::time_t now, const char* format) {
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), format, &utc);
  return text.data();
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

struct Url {
  std::string host;
  std::string path;
  std::string query;
};

Url split(const std::string& url) {
  const std::size_t begin = url.find("://") + 3;
  const std::size_t path = std::min(url.find('/', begin), url.size());
  const std::size_t query = std::min(url.find('?', path), url.size());
  return {url.substr(begin, path - begin), path == query ? "/" : url.substr(path, query - path),
          query == url.size() ? "" : url.substr(query + 1)};
}

}  // namespace

void sign_for_aws(abstractllm::HttpRequest& request, const AwsAccess& access, std::time_t now) {
  const Url url = split(request.url);
  const std::string date = time_text(now, "%Y%m%d");
  const std::string time = time_text(now, "%Y%m%dT%H%M%SZ");
  request.headers.emplace_back("X-Amz-Date", time);

  // Only these headers are signed, because a proxy or curl may add or change the others.
  std::map<std::string, std::string> headers = {{"host", url.host}, {"x-amz-date", time}};
  for (const abstractllm::HttpHeader& header : request.headers)
    if (lower_case(header.name) == "content-type") headers["content-type"] = header.value;
  std::string lines, names;
  for (const auto& [name, value] : headers) {
    lines.append(name).append(":").append(value).append("\n");
    names.append(names.empty() ? "" : ";").append(name);
  }

  const std::string canonical = request.method + "\n" + url.path + "\n" + url.query + "\n" + lines + "\n" + names +
                                "\n" + hex(sha256(request.body));
  const std::string scope = date + "/" + access.region + "/" + access.service + "/aws4_request";
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + hex(sha256(canonical));
  std::string key = hmac("AWS4" + access.secret_key, date);
  for (const std::string& part : {access.region, access.service, std::string("aws4_request")}) key = hmac(key, part);
  request.headers.emplace_back("Authorization",
                               "AWS4-HMAC-SHA256 Credential=" + access.key_id + "/" + scope +
                                   ", SignedHeaders=" + names + ", Signature=" + hex(hmac(key, to_sign)),
                               /*is_secret=*/true);
}
