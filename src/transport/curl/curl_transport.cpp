// SPDX-License-Identifier: Apache-2.0
#include "transport/curl/curl_transport.hpp"

#include "transport/curl/curl_channel.hpp"

namespace abstractllm {
namespace {

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(const CurlSettings& settings) : settings_(settings) {}

  Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest> request) override {
    return std::unique_ptr<Channel>(std::make_unique<CurlChannel>(std::move(request), settings_));
  }

 private:
  CurlSettings settings_;
};

}  // namespace

std::shared_ptr<Transport> make_curl_transport(const CurlSettings& settings) {
  return std::make_shared<CurlTransport>(settings);
}

}  // namespace abstractllm
