// SPDX-License-Identifier: Apache-2.0
#include "core/embed_plan.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "core/endpoint.hpp"
#include "core/operations.hpp"

namespace abstractllm {
namespace {

// 2048 vectors of 4096 decimal numbers have about 180 MB. Options::max_response_bytes is the limit that users set.
constexpr std::size_t most_body_bytes = std::size_t{1} << 30;

// So many numbers get their room at once. More of them get it when they have arrived.
constexpr std::size_t most_reserved = std::size_t{1} << 28;

/// Gives each vector the length 1. A vector of zeros stays as it is, because it has no direction.
void normalize(std::vector<float>& values, std::size_t dimensions) {
  for (std::size_t at = 0; at < values.size(); at += dimensions) {
    const std::span<float> vector = std::span(values).subspan(at, dimensions);
    double sum = 0;
    for (const float each : vector) sum += static_cast<double>(each) * static_cast<double>(each);
    if (sum == 0) continue;
    const double length = std::sqrt(sum);
    for (float& each : vector) each = static_cast<float>(each / length);
  }
}

std::string count_of(std::size_t number, const char* what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

}  // namespace

EmbedPlan::EmbedPlan(EmbedTask task, std::shared_ptr<Embeddings> answer)
    : task_(std::move(task)), answer_(std::move(answer)) {}

/// A text that is too long by itself is sent alone: the server knows better what fits.
std::size_t EmbedPlan::end_of_request(std::size_t begin) const {
  const std::size_t last = std::min(task_.texts.size(), begin + std::max<std::size_t>(task_.rules.most_texts, 1));
  if (task_.rules.most_tokens <= 0) return last;
  const auto most = static_cast<std::size_t>(task_.rules.most_tokens);
  std::size_t end = begin;
  std::size_t bytes = 0;
  while (end < last) {
    const std::size_t more = task_.prefix.size() + task_.texts[end].size();
    if (end > begin && (more > most || bytes > most - more)) break;
    bytes += more;
    ++end;
    if (bytes > most) break;
  }
  return end;
}

Result<HttpRequest> EmbedPlan::request(std::size_t begin) const {
  EmbedQuestion question;
  question.options = task_.options;
  question.texts = std::span(task_.texts).subspan(begin, end_of_request(begin) - begin);
  question.prefix = task_.prefix;
  question.rules = task_.rules;
  return address(*task_.provider, task_.options, task_.protocol->embed()->encode(question));
}

Error EmbedPlan::about_texts(Error error) const {
  if (end_ - begin_ < task_.texts.size())
    error.message += " (texts " + std::to_string(begin_) + " to " + std::to_string(end_ - 1) + " of " +
                     std::to_string(task_.texts.size()) + ", counted from 0)";
  return error;
}

Result<std::optional<Stage>> EmbedPlan::next(const Error* failure) {
  if (failure != nullptr) return about_texts(*failure);
  if (inquiry_) {
    if (auto taken = take_vectors(); !taken) return about_texts(std::move(taken).error());
    begin_ = end_;
  }
  if (begin_ == task_.texts.size()) {
    finish();
    return std::optional<Stage>();
  }
  end_ = end_of_request(begin_);
  auto http = request(begin_);
  if (!http) return about_texts(std::move(http).error());
  inquiry_ = std::make_shared<OperationInquiry<Embeddings>>(
      task_.protocol, task_.protocol->embed()->decode, std::make_shared<const HttpRequest>(*std::move(http)),
      task_.transport, "the answer with vectors", authorize_of(*task_.provider, task_.options), most_body_bytes);
  return std::optional(Stage{inquiry_, operation_policy(task_.options)});
}

Result<void> EmbedPlan::take_vectors() {
  const Embeddings& part = inquiry_->answer();
  const std::size_t asked = end_ - begin_;
  if (part.size() != asked)
    return Error(ErrorKind::protocol,
                 "the answer has " + count_of(part.size(), "vector") + " for " + count_of(asked, "text"));
  const auto wanted = task_.options.dimensions();
  if (wanted && !task_.rules.dimensions_field.empty() && static_cast<std::size_t>(*wanted) != part.dimensions())
    return Error(ErrorKind::unsupported, "the vectors have " + count_of(part.dimensions(), "dimension") + ", and not " +
                                             std::to_string(*wanted) +
                                             ": this server or model ignores option dimensions");
  if (dimensions_ != 0 && part.dimensions() != dimensions_)
    return Error(ErrorKind::protocol, "the vectors have " + count_of(part.dimensions(), "dimension") +
                                          ", but those of the texts before have " + std::to_string(dimensions_));
  dimensions_ = part.dimensions();
  if (begin_ == 0) values_.reserve(std::min(dimensions_ * task_.texts.size(), most_reserved));
  values_.insert(values_.end(), part.values().begin(), part.values().end());
  usage_known_ = usage_known_ && part.usage.input_tokens.known();
  input_tokens_ += part.usage.input_tokens.value_or(0);
  if (answer_->model.empty()) answer_->model = part.model;
  for (Warning& warning : inquiry_->warnings())
    if (std::find(task_.warnings.begin(), task_.warnings.end(), warning) == task_.warnings.end())
      task_.warnings.push_back(std::move(warning));
  return {};
}

void EmbedPlan::finish() {
  inquiry_.reset();
  if (task_.options.normalize().value_or(false)) normalize(values_, dimensions_);
  Embeddings all(std::move(values_), dimensions_);
  all.provider = task_.provider->name;
  all.model = answer_->model.empty() ? task_.options.model().value_or("") : std::move(answer_->model);
  if (usage_known_) all.usage.input_tokens = input_tokens_;
  all.warnings = std::move(task_.warnings);
  *answer_ = std::move(all);
}

}  // namespace abstractllm
