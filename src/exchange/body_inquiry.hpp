// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "exchange/inquiry.hpp"

namespace abstractllm {

/// An operation whose answer is read as one body.
class BodyInquiry : public Inquiry {
 public:
  const std::shared_ptr<const HttpRequest>& request() const override { return request_; }
  const std::shared_ptr<Transport>& transport() const override { return transport_; }
  Result<void> restart() override;
  Result<void> take_head(const HttpHead& head) override;
  Result<void> feed(std::string_view bytes) override;
  Result<void> finish() override;
  const Reading& reading() const override { return reading_; }

 protected:
  /// `what` names the answer in errors: "the listing of models". A body larger than `most_bytes` is an error.
  BodyInquiry(std::shared_ptr<const HttpRequest> request, std::shared_ptr<Transport> transport, std::string what,
              std::size_t most_bytes = std::size_t{64} << 20);

  /// Takes the whole body of an answer with a status below 300.
  virtual Result<void> take(std::string body) = 0;
  /// Returns the Error for a body that is too large.
  virtual Error too_large() const;

  void set_target(std::shared_ptr<const HttpRequest> request, std::shared_ptr<Transport> transport);
  /// Makes idle_timeout apply from the connection on, and not only after the first bytes.
  void set_flowing() { reading_.flowing = true; }
  const std::string& what() const { return what_; }
  std::size_t most_bytes() const { return most_bytes_; }

 private:
  std::shared_ptr<const HttpRequest> request_;
  std::shared_ptr<Transport> transport_;
  std::string what_;
  std::size_t most_bytes_;
  std::string body_;
  Reading reading_;
};

}  // namespace abstractllm
