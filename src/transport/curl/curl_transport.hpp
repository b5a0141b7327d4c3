// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// Whether the server must prove who it is.
enum class TlsCheck { verified, off };

/// Whom a request may reach. A URL that a stranger wrote must not lead into the user's own network.
enum class Addresses {
  any,
  /// Public ones: checked when the socket is opened, whatever the name was resolved to. Without a proxy, which would
  /// resolve names itself, and on a connection of its own, which was not opened for another request.
  public_only,
};

struct CurlSettings {
  TlsCheck tls = TlsCheck::verified;
  Addresses addresses = Addresses::any;
  std::chrono::milliseconds most_time{0};  ///< for one request; 0: as long as the caller waits
  int max_connections_per_host = 100;      ///< of asynchronous calls; a blocking call's thread has its own
};

/// HTTP through libcurl: HTTP/1.1 and 2, TLS, compression, proxies (HTTPS_PROXY, NO_PROXY, …) and certificate bundles
/// (CURL_CA_BUNDLE, SSL_CERT_FILE; read when a connection's handle is made) as users of curl expect. All transports
/// share one pool of connections, which are kept open: calls to one host, one after the other, use one connection.
/// Redirects are not followed, so no key gets to another host: the answer's status is 3xx then. Starts no thread but
/// what libcurl needs to look up a name.
///
/// Errors while a request runs: network (name, connection, TLS, reset), protocol (headers over 256 KiB, broken
/// compression), not_configured (a URL that is none), timeout (the system's own, for connecting; most_time),
/// invalid_argument (an address that is not public).
std::shared_ptr<Transport> make_curl_transport(const CurlSettings& settings = {});

}  // namespace abstractllm
