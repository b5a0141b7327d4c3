// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"
#include "protocols/answer_decoder.hpp"

namespace abstractllm {

/// The parts that differ between wire formats. make_protocol() adds what they share.
struct WireFormat {
  std::string_view name;

  // For chat.
  std::function<Result<EncodedRequest>(const Request&)> encode;
  std::unique_ptr<AnswerReader> (*make_reader)() = nullptr;
  Framing framing = Framing::events;
  MediaSupport media;                                                                 ///< see Protocol::media()
  std::optional<Warning> (*check_usage)(const HttpRequest&, const Usage&) = nullptr;  ///< may be null

  std::optional<ModelsOperation> models;
  std::optional<DescribeOperation> describe;
  std::optional<CountTokensOperation> count_tokens;
  std::optional<EmbedOperation> embed;
  std::optional<RerankOperation> rerank;

  std::span<const std::string_view> engine_options;  ///< see Protocol::engine_options()
  std::span<const std::string_view> call_paths;      ///< see Protocol::call_paths()
};

std::shared_ptr<const Protocol> make_protocol(WireFormat format);

template <class Reader>
std::unique_ptr<AnswerReader> make_reader() {
  return std::make_unique<Reader>();
}

}  // namespace abstractllm
