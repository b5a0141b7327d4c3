// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/embedding.hpp"
#include "abstractllm/provider.hpp"
#include "core/operation_inquiry.hpp"
#include "exchange/sequence.hpp"

namespace abstractllm {

/// A call for vectors that is checked. Its requests only have to be sent.
struct EmbedTask {
  std::shared_ptr<const Provider> provider;
  std::shared_ptr<const Protocol> protocol;
  std::shared_ptr<Transport> transport;
  Options options;  ///< merged
  EmbeddingRules rules;
  std::string_view prefix;  ///< goes before each text
  std::vector<std::string> texts;
  std::vector<Warning> warnings;
};

/// The requests of a call for vectors, one after the other, each with as many texts as the provider accepts. A failure
/// of one ends the call.
class EmbedPlan final : public CallPlan {
 public:
  /// `answer` gets the vectors when the last request has ended well.
  EmbedPlan(EmbedTask task, std::shared_ptr<Embeddings> answer);

  Result<std::optional<Stage>> next(const Error* failure) override;

  /// Returns the request for the texts from `begin` on, with its URL and key. Errors: invalid_argument, not_configured.
  Result<HttpRequest> request(std::size_t begin) const;

 private:
  std::size_t end_of_request(std::size_t begin) const;
  Error about_texts(Error error) const;
  Result<void> take_vectors();
  void finish();

  EmbedTask task_;
  std::shared_ptr<Embeddings> answer_;
  std::shared_ptr<OperationInquiry<Embeddings>> inquiry_;
  std::size_t begin_ = 0;  // the texts of the running request
  std::size_t end_ = 0;
  std::vector<float> values_;
  std::size_t dimensions_ = 0;
  bool usage_known_ = true;
  std::int64_t input_tokens_ = 0;
};

}  // namespace abstractllm
