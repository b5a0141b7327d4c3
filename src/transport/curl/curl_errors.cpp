// SPDX-License-Identifier: Apache-2.0
#include "transport/curl/curl_errors.hpp"

#include <optional>
#include <span>
#include <string>

#include "base/ascii.hpp"
#include "base/environment.hpp"
#include "base/secret.hpp"
#include "base/url.hpp"

namespace abstractllm {
namespace {

struct KnownCode {
  CURLcode code;
  ErrorKind kind;
  std::string_view what;  ///< text before the origin
  std::string_view hint;  ///< what to do next, or empty
};

constexpr KnownCode known_codes[] = {
    {CURLE_COULDNT_RESOLVE_HOST, ErrorKind::network, "cannot find the address of",
     "is this machine online, and is the base URL right?"},
    {CURLE_COULDNT_RESOLVE_PROXY, ErrorKind::network, "cannot find the address of the proxy to",
     "look at HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"},
    {CURLE_COULDNT_CONNECT, ErrorKind::network, "cannot connect to", "does the server run, and is the port right?"},
    {CURLE_PEER_FAILED_VERIFICATION, ErrorKind::network, "cannot trust",
     "CURL_CA_BUNDLE, SSL_CERT_FILE and SSL_CERT_DIR name certificates of your own"},
    {CURLE_SSL_CACERT_BADFILE, ErrorKind::not_configured, "cannot read the certificates to check",
     "look at CURL_CA_BUNDLE, SSL_CERT_FILE and SSL_CERT_DIR"},
    {CURLE_SSL_CONNECT_ERROR, ErrorKind::network, "cannot agree on TLS with", "is it an https server?"},
    {CURLE_OPERATION_TIMEDOUT, ErrorKind::timeout, "no connection in the time that the system gives to", ""},
    {CURLE_GOT_NOTHING, ErrorKind::network, "no answer before the connection was closed by", ""},
    {CURLE_PARTIAL_FILE, ErrorKind::network, "the answer was cut off by", ""},
    {CURLE_RECV_ERROR, ErrorKind::network, "the connection broke while reading from", ""},
    {CURLE_SEND_ERROR, ErrorKind::network, "the connection broke while sending to", ""},
    {CURLE_HTTP2, ErrorKind::network, "HTTP/2 failed with", ""},
    {CURLE_HTTP2_STREAM, ErrorKind::network, "HTTP/2 failed with", ""},
    {CURLE_UNSUPPORTED_PROTOCOL, ErrorKind::protocol, "no HTTP came from", "is the port right?"},
    {CURLE_URL_MALFORMAT, ErrorKind::not_configured, "no URL:", "mend the base URL"},
    {CURLE_BAD_CONTENT_ENCODING, ErrorKind::protocol, "the compression is broken in what came from", ""},
    {CURLE_WEIRD_SERVER_REPLY, ErrorKind::protocol, "no HTTP came from", "is the port right?"},
    {CURLE_OUT_OF_MEMORY, ErrorKind::protocol, "a header line or a piece of packed data too large to take came from",
     ""},
};

/// The variables that libcurl reads for a proxy, in its order (https://curl.se/libcurl/c/CURLOPT_PROXY.html, 2026-11).
/// It reads http_proxy in lower case only.
constexpr std::string_view proxies_of_http[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
constexpr std::string_view proxies_of_https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};

struct Proxy {
  std::string_view variable;
  std::string url;
};

std::optional<Proxy> proxy_for(std::string_view url) {
  const bool https = lowered(url.substr(0, 8)) == "https://";
  const std::span<const std::string_view> names =
      https ? std::span<const std::string_view>(proxies_of_https) : std::span<const std::string_view>(proxies_of_http);
  for (const std::string_view name : names)
    if (auto value = environment(std::string(name))) return Proxy{name, *std::move(value)};
  return std::nullopt;
}

/// " http://host:8080 (HTTPS_PROXY)"
std::string shown(const Proxy& proxy) {
  const std::string_view user = user_of_proxy(proxy.url);
  std::string url = proxy.url;
  if (!user.empty()) url.erase(static_cast<std::size_t>(user.data() - proxy.url.data()), user.size() + 1);
  return " " + shown_url(url) + " (" + std::string(proxy.variable) + ")";
}

/// libcurl quotes a proxy URL that it cannot read, including the password.
std::string without_proxy_passwords(std::string detail) {
  for (const std::span<const std::string_view> names :
       {std::span<const std::string_view>(proxies_of_http), std::span<const std::string_view>(proxies_of_https)}) {
    for (const std::string_view name : names) {
      const std::string url = environment(std::string(name)).value_or("");
      const std::string user(user_of_proxy(url));
      if (user.empty()) continue;
      const std::string quoted = user + "@";
      for (std::size_t at = detail.find(quoted); at != std::string::npos; at = detail.find(quoted))
        detail.replace(at, quoted.size(), "***");
      Secrets secrets;
      secrets.add(user);
      secrets.add(user.substr(user.find(':') + 1));
      secrets.mask(detail);
    }
  }
  return detail;
}

Error proxy_wants_a_user(const Proxy& proxy) {
  Error error(ErrorKind::not_configured,
              "the proxy" + shown(proxy) +
                  " wants a user name and a password (HTTP 407): write them into that "
                  "variable, as http://USER:PASSWORD@HOST:PORT, with %XX for odd characters");
  error.http_status = 407;
  return error;
}

}  // namespace

std::optional<Error> proxy_refusal(int status, std::string_view url) {
  if (status != 407) return std::nullopt;
  const std::optional<Proxy> proxy = proxy_for(url);
  if (!proxy) return std::nullopt;
  return proxy_wants_a_user(*proxy);
}

Error curl_error(CURLcode code, std::string_view url, std::string_view detail) {
  // "CONNECT tunnel failed, response 407"; before 7.85 "Received HTTP code 407 from proxy after CONNECT".
  if (detail.find("CONNECT") != std::string_view::npos && detail.find("407") != std::string_view::npos)
    if (auto refused = proxy_refusal(407, url)) return *std::move(refused);
  KnownCode known{code, ErrorKind::network, "the exchange failed with", ""};
  for (const KnownCode& each : known_codes) {
    if (each.code != code) continue;
    known = each;
    break;
  }
  std::string message = std::string(known.what) + " " + origin_of(url) + " (";
  message += without_proxy_passwords(std::string(detail.empty() ? curl_easy_strerror(code) : detail));
  message += ")";
  if (!known.hint.empty()) message += "; " + std::string(known.hint);
  return {known.kind, message};
}

}  // namespace abstractllm
