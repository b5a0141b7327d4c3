// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/part.hpp"

namespace abstractllm {

ProviderData::ProviderData(std::string provider, std::string protocol, std::string host, std::string model,
                           std::string json) {
  if (json.empty()) return;
  fields_ = std::make_shared<const Fields>(
      Fields{std::move(provider), std::move(protocol), std::move(host), std::move(model), std::move(json)});
}

const ProviderData::Fields& ProviderData::fields() const noexcept {
  static const Fields none;
  return fields_ ? *fields_ : none;
}

bool ProviderData::operator==(const ProviderData& other) const {
  return fields_ == other.fields_ || fields() == other.fields();
}

}  // namespace abstractllm
