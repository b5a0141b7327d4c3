// SPDX-License-Identifier: Apache-2.0
#include "exchange/body_inquiry.hpp"

#include <utility>

namespace abstractllm {

BodyInquiry::BodyInquiry(std::shared_ptr<const HttpRequest> request, std::shared_ptr<Transport> transport,
                         std::string what, std::size_t most_bytes)
    : request_(std::move(request)), transport_(std::move(transport)), what_(std::move(what)), most_bytes_(most_bytes) {}

Result<void> BodyInquiry::restart() {
  body_.clear();
  reading_ = Reading();
  return {};
}

Result<void> BodyInquiry::take_head(const HttpHead&) { return {}; }

Result<void> BodyInquiry::feed(std::string_view bytes) {
  if (bytes.size() > most_bytes_ - body_.size()) return too_large();
  body_ += bytes;
  reading_.new_content = reading_.answered = reading_.flowing = true;
  return {};
}

Result<void> BodyInquiry::finish() {
  Result<void> taken = take(std::move(body_));
  body_.clear();
  reading_.finished = taken.has_value();
  return taken;
}

Error BodyInquiry::too_large() const { return {ErrorKind::protocol, what_ + " is too large"}; }

void BodyInquiry::set_target(std::shared_ptr<const HttpRequest> request, std::shared_ptr<Transport> transport) {
  request_ = std::move(request);
  transport_ = std::move(transport);
}

}  // namespace abstractllm
