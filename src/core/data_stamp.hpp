// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "abstractllm/provider.hpp"
#include "core/endpoint.hpp"

namespace abstractllm {

/// Names the owner of the provider data in an answer: a Decoder knows only the JSON.
class DataStamp {
 public:
  DataStamp() = default;
  DataStamp(std::string provider, std::string protocol, std::string model)
      : provider_(std::move(provider)), protocol_(std::move(protocol)), model_(std::move(model)) {}

  /// `request` is the one that was made for the call, not signed or redirected. `model` is the one that answered, or
  /// "".
  ProviderData stamped(std::string json, const HttpRequest& request, const std::string& model) {
    if (json.empty()) return {};
    if (host_.empty()) host_ = server_of(request.url);
    return {provider_, protocol_, host_, model.empty() ? model_ : model, std::move(json)};
  }

  /// Stamps the provider data of a call.
  template <class Call>
  void stamp(Call& call, const HttpRequest& request, const std::string& model) {
    if (!call.provider_data.empty()) call.provider_data = stamped(call.provider_data.json(), request, model);
  }

 private:
  std::string provider_;
  std::string protocol_;
  std::string model_;
  std::string host_;  // once provider data needs it
};

}  // namespace abstractllm
