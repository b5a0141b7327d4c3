// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/param.hpp"

#include <utility>

namespace abstractllm {

Param Param::minimum(schema_detail::SchemaNumber value) const {
  Param copy = *this;
  copy.limits_.minimum = value;
  return copy;
}

Param Param::maximum(schema_detail::SchemaNumber value) const {
  Param copy = *this;
  copy.limits_.maximum = value;
  return copy;
}

Param Param::min_length(std::size_t value) const {
  Param copy = *this;
  copy.limits_.min_length = value;
  return copy;
}

Param Param::max_length(std::size_t value) const {
  Param copy = *this;
  copy.limits_.max_length = value;
  return copy;
}

Param Param::pattern(std::string value) const {
  Param copy = *this;
  copy.pattern_ = std::move(value);
  return copy;
}

Param Param::one_of(std::vector<std::string> values) const {
  Param copy = *this;
  copy.one_of_ = std::move(values);
  return copy;
}

Param Param::min_items(std::size_t value) const {
  Param copy = *this;
  copy.limits_.min_items = value;
  return copy;
}

Param Param::max_items(std::size_t value) const {
  Param copy = *this;
  copy.limits_.max_items = value;
  return copy;
}

schema_detail::SchemaLimits Param::limits() const {
  schema_detail::SchemaLimits limits = limits_;
  limits.pattern = pattern_;
  if (one_of_) limits.one_of = &*one_of_;
  return limits;
}

}  // namespace abstractllm
