// SPDX-License-Identifier: Apache-2.0
//
// The engine's own way from a body to texts (tools/server/server-context.cpp, handle_embeddings_impl and post_rerank,
// v0.5.0), without its thread per request. What llama-server would cut, guess or let end the process is refused.
#include "engines/llama_cpp/embedding_request.hpp"

#include <limits>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/json.hpp"
#include "engines/llama_cpp/marked_prompt.hpp"

namespace abstractllm {
namespace {

using Tokens = std::vector<llama_token>;

constexpr std::size_t most_texts_of_a_request = 100'000;
constexpr std::size_t most_bytes_of_a_text = std::size_t{1} << 20U;  // the tokenizer may take a second for it
constexpr std::size_t most_bytes_of_pairs = std::size_t{1} << 30U;   // a query counts once for each document

/// A refusal on the way.
struct RefusedRequest {
  DirectAnswer answer;
};

[[noreturn]] void give_up(const std::string& message) { throw RefusedRequest{refuse(message)}; }

/// "input" for a single text, otherwise "input[3]".
using Name = std::string;

[[noreturn]] void give_up_too_long(const Name& name, std::size_t tokens, const LoadedModel& model) {
  const std::int64_t longest = model.embeddings()->longest_text();
  const bool could_be_longer = longest < model.meta().model_n_ctx_train;
  json error = format_error_response(
      name + ": request (" + std::to_string(tokens) + " tokens) exceeds the available context size (" +
          std::to_string(longest) + " tokens): split the text" + (could_be_longer ? ", or raise context_size" : ""),
      ERROR_TYPE_EXCEED_CONTEXT_SIZE);
  error["n_prompt_tokens"] = tokens;
  error["n_ctx"] = longest;
  throw RefusedRequest{refuse_with(error)};
}

const Json* member(const Json& body, const char* name) {
  const auto found = body.find(name);
  return found == body.end() || found->is_null() ? nullptr : &*found;
}

std::int64_t integer(const Json& body, const char* name, std::int64_t least, std::int64_t most, std::int64_t unset) {
  const Json* value = member(body, name);
  if (value == nullptr) return unset;
  const bool fits = value->is_number_integer() && *value >= least && *value <= most;
  if (!fits)
    give_up(std::string("\"") + name + "\" must be an integer from " + std::to_string(least) + " to " +
            std::to_string(most));
  return value->get<std::int64_t>();
}

std::string text_of(const Json& value, const Name& name) {
  if (!value.is_string()) give_up("\"" + name + "\" must be a string; it is " + value.type_name());
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > most_bytes_of_a_text)
    give_up("\"" + name + "\" has " + std::to_string(text.size()) + " bytes; a text may have " +
            std::to_string(most_bytes_of_a_text));
  return text;
}

std::vector<std::pair<Name, std::string>> texts_of(const Json& body, const char* member_name) {
  const Json* value = member(body, member_name);
  const std::string name = member_name;
  if (value == nullptr) give_up("\"" + name + "\" is missing");
  if (!value->is_array()) return {{name, text_of(*value, name)}};
  if (value->empty()) give_up("\"" + name + "\" has no texts");
  if (value->size() > most_texts_of_a_request)
    give_up("\"" + name + "\" has " + std::to_string(value->size()) + " texts; a request may have " +
            std::to_string(most_texts_of_a_request));
  std::vector<std::pair<Name, std::string>> texts;
  for (const Json& each : *value) {
    Name each_name = name + "[" + std::to_string(texts.size()) + "]";
    std::string text = text_of(each, each_name);
    texts.emplace_back(std::move(each_name), std::move(text));
  }
  return texts;
}

EmbeddingForm form_of(const Json& body, const LoadedModel& model) {
  EmbeddingForm form;
  const Json* name = member(body, "model");
  form.model = name != nullptr && name->is_string() ? name->get<std::string>() : model.meta().model_name;
  return form;
}

EmbeddingForm vector_form(const Json& body, const LoadedModel& model) {
  EmbeddingForm form = form_of(body, model);
  const auto own = static_cast<std::int64_t>(model.embeddings()->dimensions());
  form.dimensions = static_cast<std::size_t>(integer(body, "dimensions", 1, own, own));
  form.normalise = static_cast<int>(integer(body, "embd_normalize", -1, 100, 2));
  if (const Json* format = member(body, "encoding_format")) {
    if (*format != "float" && *format != "base64") give_up("\"encoding_format\" must be \"float\" or \"base64\"");
    form.base64 = *format == "base64";
  }
  return form;
}

/// Makes tokens of texts, and checks and counts them.
class TextReader {
 public:
  TextReader(const std::shared_ptr<Call>& call, const LoadedModel& model, EmbeddingForm form) : model_(model) {
    prepared_.call = call;
    prepared_.form = std::move(form);
  }

  void add(const Name& name, TextTokens text) {
    const Tokens& tokens = text.tokens;
    if (model_.stopping() || prepared_.call->abandoned()) give_up("nobody waits for the answer");
    if (tokens.empty())
      give_up("\"" + name + "\" is empty, and the model's tokenizer makes no token of it: leave it out");
    const auto longest = static_cast<std::size_t>(model_.embeddings()->longest_text());
    if (tokens.size() > longest) give_up_too_long(name, tokens.size(), model_);
    prepared_.form.prompt_tokens += static_cast<std::int64_t>(tokens.size());
    prepared_.texts.push_back(std::move(text));
  }

  PreparedTexts take() { return std::move(prepared_); }

 private:
  const LoadedModel& model_;
  PreparedTexts prepared_;
};

PreparedTexts prepare_vectors(const std::shared_ptr<Call>& call, const Json& body, const LoadedModel& model) {
  if (model.embeddings()->scores())
    give_up(
        "this model scores documents for a query, it makes no embeddings: use rerank, or take a model for "
        "embeddings");
  TextReader reader(call, model, vector_form(body, model));
  for (const auto& [name, text] : texts_of(body, "input"))
    reader.add(name, TextTokens{common_tokenize(model.vocab(), text, true, true)});
  return reader.take();
}

/// The engine's format_prompt_rerank (tools/server/server-common.cpp, v0.5.0), which reads the query only once.
class PairWriter {
 public:
  PairWriter(std::string query, const LoadedModel& model)
      : model_(model), vocab_(model.vocab()), query_(std::move(query)), mark_(new_mark()) {
    if (const char* form = llama_model_chat_template(model.model(), "rerank")) form_ = form;
    else query_tokens_ = common_tokenize(vocab_, query_, false, false);
  }

  TextTokens tokens(const std::string& document) const {
    return form_ ? TextTokens{written(document)} : joined(document);
  }

 private:
  /// Special tokens come from the template alone, and never from the query or the document.
  Tokens written(const std::string& document) const {
    std::string query = query_;
    std::string text = document;
    const bool marked_query = mark_special_spellings(query, model_.special_tokens(), mark_);
    const bool marked_text = mark_special_spellings(text, model_.special_tokens(), mark_);
    const std::string prompt = filled(query, text);
    if (!marked_query && !marked_text) return common_tokenize(vocab_, prompt, false, true);
    return tokenize_marked(vocab_, model_.special_tokens(), prompt, mark_, false);
  }

  /// At once, so that a query with "{document}" stays as it is.
  std::string filled(const std::string& query, const std::string& document) const {
    std::string prompt;
    for (std::size_t at = 0; at < form_->size();) {
      const auto replace = [&](std::string_view place, const std::string& text) {
        if (form_->compare(at, place.size(), place) != 0) return false;
        prompt += text;
        at += place.size();
        return true;
      };
      if (!replace("{query}", query) && !replace("{document}", document)) prompt += (*form_)[at++];
    }
    return prompt;
  }

  TextTokens joined(const std::string& document) const {
    const Tokens text = common_tokenize(vocab_, document, false, false);
    llama_token end = llama_vocab_eos(vocab_);
    if (end == LLAMA_TOKEN_NULL) end = llama_vocab_sep(vocab_);
    TextTokens pair;
    Tokens& tokens = pair.tokens;
    const auto add = [&tokens](bool wanted, llama_token token) {
      if (wanted && token != LLAMA_TOKEN_NULL) tokens.push_back(token);
    };
    add(llama_vocab_get_add_bos(vocab_), llama_vocab_bos(vocab_));
    tokens.insert(tokens.end(), query_tokens_.begin(), query_tokens_.end());
    add(llama_vocab_get_add_eos(vocab_), end);
    add(llama_vocab_get_add_sep(vocab_), llama_vocab_sep(vocab_));
    pair.second_text = tokens.size();
    tokens.insert(tokens.end(), text.begin(), text.end());
    add(llama_vocab_get_add_eos(vocab_), end);
    return pair;
  }

  const LoadedModel& model_;
  const llama_vocab* vocab_;
  std::optional<std::string> form_;
  std::string query_;
  std::string mark_;
  Tokens query_tokens_;
};

PreparedTexts prepare_scores(const std::shared_ptr<Call>& call, const Json& body, const LoadedModel& model) {
  if (!model.embeddings()->scores())
    give_up("this model does not score documents for a query: take a model for reranking");
  const Json* query = member(body, "query");
  if (query == nullptr) give_up("\"query\" is missing");
  std::string query_text = text_of(*query, "query");
  if (const Json* documents = member(body, "documents"); documents != nullptr && !documents->is_array())
    give_up("\"documents\" must be an array of strings");
  const auto documents = texts_of(body, "documents");
  if (query_text.size() > most_bytes_of_pairs / documents.size())
    give_up("\"query\" is too long for so many documents: send fewer at once");
  const PairWriter pairs(std::move(query_text), model);
  EmbeddingForm form = form_of(body, model);
  form.scores = true;
  const auto all = static_cast<std::int64_t>(documents.size());
  form.top_n = static_cast<std::size_t>(integer(body, "top_n", 1, std::numeric_limits<std::int64_t>::max(), all));
  TextReader reader(call, model, std::move(form));
  for (const auto& [name, text] : documents) reader.add(name, pairs.tokens(text));
  return reader.take();
}

/// In the form of llama-server's GET /models.
DirectAnswer describe_embedder(const LoadedModel& model) {
  const server_context_meta& meta = model.meta();
  const json capabilities = json::array({model.embeddings()->scores() ? "rerank" : "embedding"});
  const json facts = {{"n_ctx", model.embeddings()->longest_text()},
                      {"n_ctx_train", meta.model_n_ctx_train},
                      {"n_embd", model.embeddings()->dimensions()},
                      {"n_params", meta.model_n_params},
                      {"size", meta.model_size}};
  return {200,
          safe_json_to_str({{"object", "list"},
                            {"models", json::array({{{"name", meta.model_name}, {"capabilities", capabilities}}})},
                            {"data", json::array({{{"id", meta.model_name}, {"object", "model"}, {"meta", facts}}})}})};
}

std::variant<PreparedTexts, DirectAnswer> prepare_texts_by_path(const std::shared_ptr<Call>& call,
                                                                const LoadedModel& model) {
  const std::string_view path = path_of(call->request().url);
  if (path.ends_with("/models")) return describe_embedder(model);
  if (path.find("/chat/completions") != path.npos)
    return refuse(model.embeddings()->scores() ? "this model scores documents for a query, it cannot answer"
                                               : "this model makes embeddings, it cannot answer");
  const bool scores = path.ends_with("/rerank");
  if (!scores && !path.ends_with("/embeddings"))
    return refuse("the local engine has no " + std::string(path), ERROR_TYPE_NOT_FOUND);
  const auto body = parse_json(call->request().body, "the request");
  if (!body) return refuse(body.error().message);
  if (!body->is_object()) return refuse("the request is not a JSON object");
  for (const Warning& warning : model.warnings()) call->warn(warning);
  return scores ? prepare_scores(call, *body, model) : prepare_vectors(call, *body, model);
}

}  // namespace

std::variant<PreparedTexts, DirectAnswer> tokenise_texts(const std::shared_ptr<Call>& call, const LoadedModel& model,
                                                         const AdapterScales& adapters) {
  try {
    auto prepared = prepare_texts_by_path(call, model);
    if (auto* texts = std::get_if<PreparedTexts>(&prepared)) texts->adapters = adapters;
    return prepared;
  } catch (RefusedRequest& refused) {
    return std::move(refused.answer);
  } catch (const std::bad_alloc&) {
    return refuse("not enough memory for this request", ERROR_TYPE_SERVER);
  } catch (const std::exception& failure) {
    return refuse(failure.what());
  }
}

}  // namespace abstractllm
