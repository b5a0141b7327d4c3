// SPDX-License-Identifier: Apache-2.0
#include "transport/curl/curl_errors.hpp"

#include <string>

#include "base/url.hpp"

namespace abstractllm {
namespace {

struct KnownCode {
  CURLcode code;
  ErrorKind kind;
  std::string_view what;  ///< before the origin
  std::string_view hint;  ///< what to do next, or empty
};

constexpr KnownCode known_codes[] = {
    {CURLE_COULDNT_RESOLVE_HOST, ErrorKind::network, "cannot find the address of", "is the base URL right?"},
    {CURLE_COULDNT_RESOLVE_PROXY, ErrorKind::network, "cannot find the address of the proxy to",
     "look at HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"},
    {CURLE_COULDNT_CONNECT, ErrorKind::network, "cannot connect to", "does the server run, and is the port right?"},
    {CURLE_PEER_FAILED_VERIFICATION, ErrorKind::network, "cannot trust",
     "CURL_CA_BUNDLE names certificates of your own"},
    {CURLE_SSL_CACERT_BADFILE, ErrorKind::not_configured, "cannot read the certificates to check",
     "look at CURL_CA_BUNDLE and SSL_CERT_FILE"},
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
    {CURLE_OUT_OF_MEMORY, ErrorKind::protocol, "a header line too long to take came from", ""},
};

}  // namespace

Error curl_error(CURLcode code, std::string_view url, std::string_view detail) {
  KnownCode known{code, ErrorKind::network, "the exchange failed with", ""};
  for (const KnownCode& each : known_codes) {
    if (each.code != code) continue;
    known = each;
    break;
  }
  std::string message = std::string(known.what) + " " + origin_of(url) + " (";
  message += detail.empty() ? std::string_view(curl_easy_strerror(code)) : detail;
  message += ")";
  if (!known.hint.empty()) message += "; " + std::string(known.hint);
  return {known.kind, message};
}

}  // namespace abstractllm
