// SPDX-License-Identifier: Apache-2.0
#include "core/embed_call.hpp"

#include <utility>

#include "base/utf8.hpp"
#include "core/embed_plan.hpp"
#include "core/endpoint.hpp"
#include "core/operations.hpp"
#include "core/prepare.hpp"
#include "providers/embedding_rules.hpp"

namespace abstractllm {
namespace {

Error not_offered(const Provider& provider, const Protocol& protocol, const std::string& what,
                  const std::string& others) {
  return {ErrorKind::unsupported, "provider " + provider.name + " has no " + what + " with protocol " +
                                      std::string(protocol.name()) + ". Others have: " + others};
}

/// The default model of a provider is for chat. It is not used here, because its vectors would be of no use.
Result<void> check_model(const Provider& provider, const Options& options, const std::string& what,
                         const std::string& example) {
  const std::string model = options.model().value_or("");
  const bool chat_default = !model.empty() && model == provider.defaults.model();
  if (!chat_default && (!provider.model_required || !model.empty())) return {};
  std::string message = "name " + what + " (option model, -m)";
  if (!example.empty()) message += ", for example " + example;
  if (chat_default) message += "; " + model + " is the default for chat";
  return Error(ErrorKind::invalid_argument, std::move(message));
}

Result<void> check_text(const std::string& text, const std::string& label, bool takes_empty) {
  if (text.empty() && !takes_empty)
    return Error(ErrorKind::invalid_argument, label + " is empty, and this provider refuses empty texts");
  if (const auto offset = find_invalid_utf8(text))
    return Error(ErrorKind::invalid_argument, label + " is not valid UTF-8 at byte " + std::to_string(*offset));
  return {};
}

Result<void> check_texts(const std::vector<std::string>& texts, const char* what, bool takes_empty) {
  for (std::size_t at = 0; at < texts.size(); ++at) {
    const std::string label = what + (" " + std::to_string(at)) + " (counted from 0)";
    if (auto valid = check_text(texts[at], label, takes_empty); !valid) return valid;
  }
  return {};
}

Warning ignored(const char* option, const std::string& why) {
  return {"option_ignored", "option " + std::string(option) + " is not sent: " + why};
}

/// Finds the prefix for Options::embedding_kind, or adds a Warning. Errors: invalid_argument.
Result<void> choose_prefix(EmbedTask& task) {
  const auto& kind = task.options.embedding_kind();
  if (!kind || kind->empty()) return {};
  if (*kind != "query" && *kind != "document")
    return Error(ErrorKind::invalid_argument, "option embedding_kind is '" + *kind + "'; it must be query or document");
  if (!task.rules.kind_field.empty()) return {};
  const std::string model = task.options.model().value_or("");
  const auto prefixes = embedding_prefixes(model);
  if (prefixes) task.prefix = *kind == "query" ? prefixes->query : prefixes->document;
  else
    task.warnings.push_back(ignored(
        "embedding_kind", "it is not known which prefix the model '" + model + "' needs; write it before each text"));
  return {};
}

void warn_of_options(EmbedTask& task) {
  const Options& options = task.options;
  task.warnings = unread_engine_options(*task.provider, *task.protocol, options);
  if (options.dimensions() && task.rules.dimensions_field.empty())
    task.warnings.push_back(ignored("dimensions", "provider " + task.provider->name + " has no field for it"));
  if (options.normalize() == false && task.rules.normalize_field.empty())
    task.warnings.push_back(
        ignored("normalize", "provider " + task.provider->name + " decides by itself how long its vectors are"));
  if (options.insecure().value_or(false)) task.warnings.push_back(tls_not_verified());
}

/// Under Options::strict the first Warning is an error.
Result<void> check_strict(const Options& options, const std::vector<Warning>& warnings) {
  for (const Warning& warning : warnings)
    if (options.strict().value_or(false) && warning.code != "tls_not_verified")
      return Error(ErrorKind::unsupported, warning.message + " (strict)");
  return {};
}

/// Whether these options give the provider a key, if it needs one; then a transport.
Result<std::shared_ptr<Transport>> opened(const Provider& provider, const Options& options, const OpenTransport& open) {
  if (auto has_key = check_key(provider, options); !has_key) return std::move(has_key).error();
  return open(options);
}

Result<EmbedTask> embed_task(const std::shared_ptr<const Provider>& provider, const Options& options,
                             std::vector<std::string> texts) {
  auto protocol = choose_protocol(*provider, options);
  if (!protocol) return std::move(protocol).error();
  if ((*protocol)->embed() == nullptr)
    return not_offered(*provider, **protocol, "embeddings",
                       "openai, mistral, gemini, ollama, and local models (huggingface)");
  EmbedTask task;
  task.provider = provider;
  task.protocol = *std::move(protocol);
  task.options = options;
  task.rules = embedding_rules_of(*provider, options);
  if (auto named = check_model(*provider, options, "an embedding model", task.rules.example_model); !named)
    return std::move(named).error();
  if (auto valid = check_texts(texts, "text", task.rules.takes_empty); !valid) return std::move(valid).error();
  task.texts = std::move(texts);
  warn_of_options(task);
  if (auto chosen = choose_prefix(task); !chosen) return std::move(chosen).error();
  if (auto allowed = check_strict(options, task.warnings); !allowed) return std::move(allowed).error();
  return task;
}

Result<Ranking> completed_ranking(OperationInquiry<Ranking>& inquiry, std::size_t asked, const Provider& provider,
                                  const Options& options) {
  Ranking& ranking = inquiry.answer();
  for (const RankedDocument& each : ranking.documents)
    if (each.index >= asked)
      return Error(ErrorKind::protocol, "the ranking names document " + std::to_string(each.index) + ", but only " +
                                            std::to_string(asked) + " were sent");
  // With extra_body, a user may ask for the best ones only.
  if (ranking.documents.size() != asked && !options.extra_body())
    return Error(ErrorKind::protocol, "the ranking has " + std::to_string(ranking.documents.size()) + " of " +
                                          std::to_string(asked) + " documents");
  ranking.provider = provider.name;
  if (ranking.model.empty()) ranking.model = options.model().value_or("");
  ranking.warnings = std::move(inquiry.warnings());
  return ranking;
}

/// One request for a ranking.
class RerankPlan final : public CallPlan {
 public:
  RerankPlan(std::shared_ptr<const Provider> provider, Options options, std::size_t documents,
             std::shared_ptr<OperationInquiry<Ranking>> inquiry, std::vector<Warning> warnings,
             std::shared_ptr<Ranking> answer)
      : provider_(std::move(provider)),
        options_(std::move(options)),
        documents_(documents),
        inquiry_(std::move(inquiry)),
        warnings_(std::move(warnings)),
        answer_(std::move(answer)) {}

  Result<std::optional<Stage>> next(const Error* failure) override {
    if (failure != nullptr) return *failure;
    if (!std::exchange(sent_, true)) return std::optional(Stage{inquiry_, operation_policy(options_)});
    auto ranking = completed_ranking(*inquiry_, documents_, *provider_, options_);
    if (!ranking) return std::move(ranking).error();
    *answer_ = *std::move(ranking);
    answer_->warnings.insert(answer_->warnings.begin(), warnings_.begin(), warnings_.end());
    return std::optional<Stage>();
  }

 private:
  std::shared_ptr<const Provider> provider_;
  Options options_;
  std::size_t documents_;
  std::shared_ptr<OperationInquiry<Ranking>> inquiry_;
  std::vector<Warning> warnings_;
  std::shared_ptr<Ranking> answer_;
  bool sent_ = false;
};

/// Checks a question for a ranking. Returns its Warnings.
Result<std::vector<Warning>> checked_rerank(const Provider& provider, const Protocol& protocol, const Options& options,
                                            const std::string& query, const std::vector<std::string>& documents) {
  if (protocol.rerank() == nullptr)
    return not_offered(provider, protocol, "ranking",
                       "local models (huggingface), llama_server, vllm, and openai_compatible with the base_url of "
                       "Jina, Voyage or Cohere");
  if (auto named = check_model(provider, options, "a reranker model", ""); !named) return std::move(named).error();
  if (auto valid = check_text(query, "the query", true); !valid) return std::move(valid).error();
  if (auto valid = check_texts(documents, "document", true); !valid) return std::move(valid).error();
  auto warnings = unread_engine_options(provider, protocol, options);
  if (options.insecure().value_or(false)) warnings.push_back(tls_not_verified());
  if (auto allowed = check_strict(options, warnings); !allowed) return std::move(allowed).error();
  return warnings;
}

}  // namespace

Result<OperationCall<Embeddings>> embed_call(const std::shared_ptr<const Provider>& provider, const Options& options,
                                             std::vector<std::string> texts, const OpenTransport& open) {
  const bool nothing = texts.empty();
  auto task = embed_task(provider, options, std::move(texts));
  if (!task) return std::move(task).error();
  auto answer = std::make_shared<Embeddings>();
  const std::function<Embeddings()> take = [answer] { return *answer; };
  if (nothing) {
    answer->provider = provider->name;
    answer->model = options.model().value_or("");
    answer->warnings = std::move(task->warnings);
    return known_call<Embeddings>(*provider, options, take);
  }
  auto transport = opened(*provider, options, open);
  if (!transport) return std::move(transport).error();
  task->transport = *std::move(transport);
  auto plan = std::make_unique<EmbedPlan>(*std::move(task), answer);
  if (auto first = plan->request(0); !first) return std::move(first).error();
  return OperationCall<Embeddings>{{provider->name, options.model().value_or("")},
                                   Sequence(std::move(plan), random_number),
                                   take,
                                   options.stop_token(),
                                   options.executor()};
}

Result<OperationCall<Ranking>> rerank_call(const std::shared_ptr<const Provider>& provider, const Options& options,
                                           const std::string& query, const std::vector<std::string>& documents,
                                           const OpenTransport& open) {
  auto protocol = choose_protocol(*provider, options);
  if (!protocol) return std::move(protocol).error();
  auto warnings = checked_rerank(*provider, **protocol, options, query, documents);
  if (!warnings) return std::move(warnings).error();
  auto answer = std::make_shared<Ranking>();
  const std::function<Ranking()> take = [answer] { return *answer; };
  if (documents.empty()) {
    answer->provider = provider->name;
    answer->model = options.model().value_or("");
    answer->warnings = *std::move(warnings);
    return known_call<Ranking>(*provider, options, take);
  }
  auto transport = opened(*provider, options, open);
  if (!transport) return std::move(transport).error();
  RerankQuestion question;
  question.options = options;
  question.query = query;
  question.documents = documents;
  const RerankOperation& operation = *(*protocol)->rerank();
  auto http = address(*provider, options, operation.encode(question));
  if (!http) return std::move(http).error();
  auto inquiry = std::make_shared<OperationInquiry<Ranking>>(
      *protocol, operation.decode, std::make_shared<const HttpRequest>(*std::move(http)), *std::move(transport),
      "the ranking", authorize_of(*provider, options));
  auto plan = std::make_unique<RerankPlan>(provider, options, documents.size(), std::move(inquiry),
                                           *std::move(warnings), answer);
  return OperationCall<Ranking>{{provider->name, options.model().value_or("")},
                                Sequence(std::move(plan), random_number),
                                take,
                                options.stop_token(),
                                options.executor()};
}

}  // namespace abstractllm
