// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/capability.hpp"
#include "abstractllm/options.hpp"
#include "abstractllm/result.hpp"
#include "abstractllm/transport.hpp"

namespace abstractllm {

/// One model of a listing.
struct ModelInfo {
  std::string id;                              ///< the value for Options::model
  std::string description;                     ///< the provider's name for people, or empty
  std::optional<std::int64_t> size_bytes;      ///< of a model on disk
  std::optional<std::int64_t> context_tokens;  ///< longest input, if the provider reports it
  Capabilities capabilities;                   ///< as the provider reports them, otherwise from a table of known models
};

/// One operation of a wire format whose answer is one body. It encodes a question as a request and decodes the body of
/// the answer. Both functions are pure and thread-safe. Chat is not an Operation, because it streams.
template <class Question, class Answer>
class Operation {
 public:
  Operation(std::function<Result<HttpRequest>(const Question&)> encode_question,
            std::function<Result<Answer>(std::string_view)> decode_answer)
      : encode(std::move(encode_question)), decode(std::move(decode_answer)) {}

  /// Encodes the question. The url is a path that starts with '/'. Errors: invalid_argument.
  std::function<Result<HttpRequest>(const Question&)> encode;
  /// Decodes the body of an answer with status 2xx. Errors: protocol, and a failure that the body reports.
  std::function<Result<Answer>(std::string_view body)> decode;
};

/// Asks for one page of the listing of models.
class ModelsQuestion {
 public:
  ModelsQuestion() {}

  Options options;
  std::string page;  ///< ModelPage::next_page of the previous page; empty for the first page
};

/// One page of a listing of models.
class ModelPage {
 public:
  ModelPage() {}

  std::vector<ModelInfo> models;
  std::string next_page;  ///< requests the next page; empty on the last page
};

class Request;

using ModelsOperation = Operation<ModelsQuestion, ModelPage>;
/// Asks what the model of these options can do.
using DescribeOperation = Operation<Options, Capabilities>;
/// Asks how many tokens the messages of a chat request have.
using CountTokensOperation = Operation<Request, std::int64_t>;

}  // namespace abstractllm
