// SPDX-License-Identifier: Apache-2.0
#include "transport/curl/curl_transport.hpp"

#include "transport/curl/curl_channel.hpp"

namespace abstractllm {
namespace {

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(TlsCheck tls) : tls_(tls) {}

  Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest> request) override {
    auto channel = std::make_unique<CurlChannel>(std::move(request), tls_);
    if (auto started = channel->start(); !started) return std::move(started).error();
    return std::unique_ptr<Channel>(std::move(channel));
  }

 private:
  TlsCheck tls_;
};

}  // namespace

std::shared_ptr<Transport> make_curl_transport(TlsCheck tls) { return std::make_shared<CurlTransport>(tls); }

}  // namespace abstractllm
