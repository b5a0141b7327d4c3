// SPDX-License-Identifier: Apache-2.0
#include "core/operations.hpp"

#include <utility>

#include "core/endpoint.hpp"
#include "providers/known_models.hpp"

namespace abstractllm {
namespace {

constexpr int most_pages = 1000;
constexpr std::size_t most_models = 1'000'000;

Error has_no(const Provider& provider, const std::string& operation) {
  return {ErrorKind::unsupported, "provider " + provider.name + " " + operation};
}

AskedOf asked_of(const Provider& provider, const Options& options) {
  return {provider.name, options.model().value_or("")};
}

/// Reads a listing page by page.
class ListModelsPlan final : public CallPlan {
 public:
  using Page = OperationInquiry<ModelPage>;

  ListModelsPlan(std::shared_ptr<const Provider> provider, std::shared_ptr<const Protocol> protocol, Options options,
                 std::shared_ptr<Transport> transport, std::shared_ptr<std::vector<ModelInfo>> models)
      : provider_(std::move(provider)),
        protocol_(std::move(protocol)),
        options_(std::move(options)),
        transport_(std::move(transport)),
        models_(std::move(models)) {}

  Result<HttpRequest> request(const std::string& page) const {
    ModelsQuestion question;
    question.options = options_;
    question.page = page;
    return address(*provider_, options_, protocol_->models()->encode(question));
  }

  Result<std::optional<Stage>> next(const Error* failure) override {
    if (failure != nullptr) return *failure;
    std::string page;
    if (page_) {
      if (auto taken = take_page(); !taken) return std::move(taken).error();
      page = page_->answer().next_page;
      if (page.empty()) return std::optional<Stage>();
    }
    auto http = request(page);
    if (!http) return std::move(http).error();
    page_ = std::make_shared<Page>(protocol_, protocol_->models()->decode,
                                   std::make_shared<const HttpRequest>(*std::move(http)), transport_,
                                   "the listing of models", authorize_of(*provider_, options_));
    return std::optional(Stage{page_, operation_policy(options_)});
  }

 private:
  Result<void> take_page() {
    ModelPage& page = page_->answer();
    for (ModelInfo& info : page.models) {
      const Capabilities known = known_capabilities(*provider_, Options().model(info.id));
      if (!info.capabilities.vision) info.capabilities.vision = known.vision;
      if (!info.capabilities.hearing) info.capabilities.hearing = known.hearing;
      models_->push_back(std::move(info));
    }
    if (++pages_ > most_pages || models_->size() > most_models || (!page.next_page.empty() && page.next_page == last_))
      return Error(ErrorKind::protocol, "the listing of models does not come to an end");
    last_ = page.next_page;
    return {};
  }

  std::shared_ptr<const Provider> provider_;
  std::shared_ptr<const Protocol> protocol_;
  Options options_;
  std::shared_ptr<Transport> transport_;
  std::shared_ptr<std::vector<ModelInfo>> models_;
  std::shared_ptr<Page> page_;
  std::string last_;
  int pages_ = 0;
};

template <class Answer>
OperationCall<Answer> call_of(AskedOf asked, std::shared_ptr<Inquiry> inquiry, const Options& options,
                              std::function<Answer()> answer) {
  return {std::move(asked), Sequence(Stage{std::move(inquiry), operation_policy(options)}, random_number),
          std::move(answer), options.stop_token(), options.executor()};
}

}  // namespace

Policy operation_policy(const Options& options) {
  Policy policy = policy_from(options);
  policy.awaited = "answer";
  return policy;
}

Capabilities known_capabilities(const Provider& provider, const Options& options) {
  Capabilities found = provider.capabilities ? provider.capabilities(options) : Capabilities();
  const std::string model = options.model().value_or("");
  if (!found.vision) found.vision = known_vision(provider.name, model);
  if (!found.hearing) found.hearing = known_hearing(provider.name, model);
  return found;
}

Result<std::shared_ptr<const Protocol>> choose_protocol(const Provider& provider, const Options& options) {
  if (!options.protocol()) return provider.protocols.front();
  for (const auto& protocol : provider.protocols)
    if (protocol->name() == *options.protocol()) return protocol;
  std::string spoken;
  for (const auto& protocol : provider.protocols)
    spoken += (spoken.empty() ? "" : ", ") + std::string(protocol->name());
  return Error(ErrorKind::invalid_argument, "provider " + provider.name + " does not speak protocol '" +
                                                *options.protocol() + "'; it speaks " + spoken);
}

Result<OperationCall<std::vector<ModelInfo>>> models_call(
    const std::shared_ptr<const Provider>& provider, const Options& options,
    const std::function<Result<std::shared_ptr<Transport>>(const Options&)>& open) {
  using Models = std::vector<ModelInfo>;
  auto models = std::make_shared<Models>();
  const auto answer = [models] { return *models; };
  if (provider->list_models) {
    auto listed = provider->list_models(options);
    if (!listed) return std::move(listed).error();
    *models = *std::move(listed);
    return known_call<Models>(*provider, options, answer);
  }
  auto protocol = choose_protocol(*provider, options);
  if (!protocol) return std::move(protocol).error();
  if ((*protocol)->models() == nullptr) return has_no(*provider, "has no listing of models");
  if (auto has_key = check_key(*provider, options); !has_key) return std::move(has_key).error();
  auto transport = open(options);
  if (!transport) return std::move(transport).error();
  auto plan = std::make_unique<ListModelsPlan>(provider, *protocol, options, *std::move(transport), models);
  if (auto first = plan->request(""); !first) return std::move(first).error();
  return OperationCall<Models>{
      {provider->name, ""}, Sequence(std::move(plan), random_number), answer, options.stop_token(), options.executor()};
}

Result<std::shared_ptr<OperationInquiry<Capabilities>>> describe_inquiry(const Provider& provider,
                                                                         const Options& options,
                                                                         std::shared_ptr<Transport> transport) {
  auto protocol = choose_protocol(provider, options);
  if (!protocol) return std::move(protocol).error();
  const DescribeOperation* operation = (*protocol)->describe();
  if (operation == nullptr) return has_no(provider, "does not say what a model can do");
  if (auto has_key = check_key(provider, options); !has_key) return std::move(has_key).error();
  auto http = address(provider, options, operation->encode(options));
  if (!http) return std::move(http).error();
  return std::make_shared<OperationInquiry<Capabilities>>(
      *protocol, operation->decode, std::make_shared<const HttpRequest>(*std::move(http)), std::move(transport),
      "the model's description", authorize_of(provider, options));
}

Result<OperationCall<Capabilities>> describe_call(const Provider& provider, const Options& options,
                                                  std::shared_ptr<Transport> transport) {
  auto inquiry = describe_inquiry(provider, options, std::move(transport));
  if (!inquiry) return std::move(inquiry).error();
  AskedOf asked = asked_of(provider, options);
  return call_of<Capabilities>(std::move(asked), *inquiry, options, [of = *inquiry] { return of->answer(); });
}

Result<OperationCall<void>> load_call(const Provider& provider, const Options& options,
                                      std::shared_ptr<Transport> transport) {
  auto inquiry = describe_inquiry(provider, options, std::move(transport));
  if (!inquiry) return std::move(inquiry).error();
  AskedOf asked = asked_of(provider, options);
  return call_of<void>(std::move(asked), *inquiry, options, [] {});
}

Result<OperationCall<std::int64_t>> count_tokens_call(const Provider& provider, const PreparedRequest& prepared,
                                                      std::shared_ptr<Transport> transport) {
  const CountTokensOperation* operation = prepared.protocol->count_tokens();
  if (!provider.counts_tokens || operation == nullptr) return has_no(provider, "does not count tokens before a call");
  if (!prepared.media.empty())
    return Error(ErrorKind::unsupported, "tokens of images, audio and documents are not counted");
  const Options& options = prepared.request.options;
  auto http = address(provider, options, operation->encode(prepared.request));
  if (!http) return std::move(http).error();
  AskedOf asked = asked_of(provider, options);
  auto inquiry = std::make_shared<OperationInquiry<std::int64_t>>(
      prepared.protocol, operation->decode, std::make_shared<const HttpRequest>(*std::move(http)), std::move(transport),
      "the count of tokens", authorize_of(provider, options));
  return call_of<std::int64_t>(std::move(asked), inquiry, options, [inquiry] { return inquiry->answer(); });
}

}  // namespace abstractllm
