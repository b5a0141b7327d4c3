// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/capability.hpp"
#include "abstractllm/embedding.hpp"
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

/// What a server's endpoint for embeddings accepts. The defaults are for an unknown server of OpenAI's form. A field
/// without a name is one that the server does not have.
class EmbeddingRules {
 public:
  EmbeddingRules() {}

  std::size_t most_texts = 32;   ///< texts in one request; more of them become several requests
  std::int64_t most_tokens = 0;  ///< tokens of one request; 0: no limit is known. Each byte counts as a token
  bool takes_empty = true;       ///< an empty text is accepted
  bool takes_base64 = false;     ///< `encoding_format` may be base64, which has a third of the bytes of decimal numbers
  std::string dimensions_field = "dimensions";  ///< for Options::dimensions
  std::string kind_field;                       ///< for Options::embedding_kind
  std::string query_word;                       ///< value of kind_field for "query"
  std::string document_word;                    ///< value of kind_field for "document"
  std::string cut_field;        ///< boolean field that is sent as false, so that a long text is an error and not cut
  std::string normalize_field;  ///< for Options::normalize: -1 asks for vectors as the model gives them
  std::string example_model;    ///< a model for the error that asks for one
};

/// Asks for the vectors of some texts.
class EmbedQuestion {
 public:
  EmbedQuestion() {}

  Options options;                     ///< merged
  std::span<const std::string> texts;  ///< UTF-8, at least one
  std::string_view prefix;             ///< goes before each text
  EmbeddingRules rules;
};

/// Asks how relevant some documents are for a query.
class RerankQuestion {
 public:
  RerankQuestion() {}

  Options options;                         ///< merged
  std::string_view query;                  ///< UTF-8
  std::span<const std::string> documents;  ///< UTF-8, at least one
};

class Request;

using ModelsOperation = Operation<ModelsQuestion, ModelPage>;
/// Asks what the model of these options can do.
using DescribeOperation = Operation<Options, Capabilities>;
/// Asks how many tokens the messages of a chat request have.
using CountTokensOperation = Operation<Request, std::int64_t>;
/// Asks for the vectors of the texts of one request. They come back in the order of the texts.
using EmbedOperation = Operation<EmbedQuestion, Embeddings>;
/// Asks for a ranking. It comes back sorted, and names each document once.
using RerankOperation = Operation<RerankQuestion, Ranking>;

}  // namespace abstractllm
