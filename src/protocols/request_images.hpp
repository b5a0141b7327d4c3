// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Hands out Request::images while an encoder goes through the messages.
class RequestImages {
 public:
  explicit RequestImages(const Request& request) : request_(request) {}

  /// That of the next Image among the parts.
  const ImageData& next() { return request_.images.at(next_++); }

 private:
  const Request& request_;
  std::size_t next_ = 0;
};

}  // namespace abstractllm
