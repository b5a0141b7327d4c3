// SPDX-License-Identifier: Apache-2.0
#include "providers/open_transport.hpp"

#include "base/log.hpp"
#include "transport/replay/recorder.hpp"
#include "transport/replay/replay.hpp"

namespace abstractllm {
namespace {

CurlSettings settings_from(const Options& options) {
  CurlSettings settings;
  if (options.max_connections_per_host())
    settings.max_connections_per_host = static_cast<int>(*options.max_connections_per_host());
  return settings;
}

std::shared_ptr<Transport> open_http(const Options& options) {
  CurlSettings settings = settings_from(options);
  if (!options.insecure().value_or(false)) return make_curl_transport(settings);
  log({LogLevel::warn,
       "tls_not_verified",
       "the server's certificate is not verified: anyone on the way can read the key",
       {}});
  settings.tls = TlsCheck::off;
  return make_curl_transport(settings);
}

}  // namespace

Result<std::shared_ptr<Transport>> open_transport(const Provider& provider, const Options& options) {
  if (options.replay()) {
    auto replayed = make_replay_transport(*options.replay());
    if (!replayed || !options.record()) return replayed;
    return make_recording_transport(*std::move(replayed), *options.record());
  }
  Result<std::shared_ptr<Transport>> transport =
      provider.transport ? provider.transport(options) : Result<std::shared_ptr<Transport>>(open_http(options));
  if (!transport || !options.record()) return transport;
  return make_recording_transport(*std::move(transport), *options.record());
}

std::shared_ptr<Transport> open_media_transport(const Options& options, Addresses addresses) {
  CurlSettings settings = settings_from(options);
  settings.addresses = addresses;
  settings.most_time = std::chrono::seconds(30);
  if (options.insecure().value_or(false)) settings.tls = TlsCheck::off;
  return make_curl_transport(settings);
}

}  // namespace abstractllm
