// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Returns Request::images one by one while an encoder goes through the messages.
class RequestImages {
 public:
  explicit RequestImages(const Request& request) : request_(request) {}

  /// Returns the data of the next Image among the parts.
  const ImageData& next() { return request_.images.at(next_++); }

 private:
  const Request& request_;
  std::size_t next_ = 0;
};

}  // namespace abstractllm
