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

/// What a listing shows of a model.
struct ModelInfo {
  std::string id;                              ///< what Options::model takes
  std::string description;                     ///< the provider's name for people, or empty
  std::optional<std::int64_t> size_bytes;      ///< of a model on a disk
  std::optional<std::int64_t> context_tokens;  ///< longest input, where the provider says
  Capabilities capabilities;                   ///< as the provider says, else as a table of known models has it
};

/// One operation of a wire format whose answer is one body: how the question becomes a request, and how the body
/// becomes an answer. Both functions are pure and thread-safe. Chat is not one of these, because it streams.
template <class Question, class Answer>
class Operation {
 public:
  Operation(std::function<Result<HttpRequest>(const Question&)> encode_question,
            std::function<Result<Answer>(std::string_view)> decode_answer)
      : encode(std::move(encode_question)), decode(std::move(decode_answer)) {}

  /// The url is a path that starts with '/'. Errors: invalid_argument.
  std::function<Result<HttpRequest>(const Question&)> encode;
  /// Takes the body of an answer with status 2xx. Errors: protocol.
  std::function<Result<Answer>(std::string_view body)> decode;
};

/// Asks for one page of the listing of models.
class ModelsQuestion {
 public:
  ModelsQuestion() {}

  Options options;
  std::string page;  ///< ModelPage::next_page of the page before; empty: the first page
};

/// One page of a listing of models.
class ModelPage {
 public:
  ModelPage() {}

  std::vector<ModelInfo> models;
  std::string next_page;  ///< what asks for the next page; empty: this is the last one
};

class Request;

using ModelsOperation = Operation<ModelsQuestion, ModelPage>;
/// Asks what the model of these options can do.
using DescribeOperation = Operation<Options, Capabilities>;
/// Asks how many tokens the messages of a chat request have.
using CountTokensOperation = Operation<Request, std::int64_t>;

}  // namespace abstractllm
