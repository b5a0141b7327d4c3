// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// Whether the server must prove its identity.
enum class TlsCheck { verified, off };

/// Which addresses a request may reach. A URL from an untrusted source must not lead into the user's own network.
enum class Addresses {
  any,
  /// Public addresses only. The address is checked when the socket is opened, after name resolution. No proxy is used,
  /// because it would resolve names itself. The connection is new and was not opened for another request.
  public_only,
};

struct CurlSettings {
  TlsCheck tls = TlsCheck::verified;
  Addresses addresses = Addresses::any;
  std::chrono::milliseconds most_time{0};  ///< for one request; 0: no limit
  int max_connections_per_host = 100;      ///< for asynchronous calls; each thread with a blocking call has its own
};

/// HTTP through libcurl: HTTP/1.1 and 2, TLS, compression, proxies (HTTPS_PROXY, NO_PROXY, …) and certificate bundles
/// (CURL_CA_BUNDLE, SSL_CERT_FILE; read when a connection's handle is made) as users of curl expect. All transports
/// share one pool of connections, which stay open: consecutive calls to one host use one connection. Redirects are not
/// followed, so that no key goes to another host; the answer then has the status 3xx. It starts no thread except those
/// that libcurl needs for name look-ups.
///
/// Errors while a request runs: network (name, connection, TLS, reset), protocol (headers over 256 KiB, broken
/// compression), not_configured (an invalid URL), timeout (the system's own limit for connecting; most_time),
/// invalid_argument (an address that is not public).
std::shared_ptr<Transport> make_curl_transport(const CurlSettings& settings = {});

}  // namespace abstractllm
