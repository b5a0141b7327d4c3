// SPDX-License-Identifier: Apache-2.0
#include "providers/known_models.hpp"

#include <span>

namespace abstractllm {
namespace {

struct KnownModel {
  std::string_view provider;
  std::string_view name;  ///< beginning of the model's name
  bool able;
};

constexpr KnownModel seeing_models[] = {
#define ABSTRACTLLM_MODEL(provider, name, sees) {#provider, name, sees},
#define ABSTRACTLLM_HEARING(provider, name, hears)
#include "providers/known_models.def"
#undef ABSTRACTLLM_MODEL
#undef ABSTRACTLLM_HEARING
};

constexpr KnownModel hearing_models[] = {
#define ABSTRACTLLM_MODEL(provider, name, sees)
#define ABSTRACTLLM_HEARING(provider, name, hears) {#provider, name, hears},
#include "providers/known_models.def"
#undef ABSTRACTLLM_MODEL
#undef ABSTRACTLLM_HEARING
};

/// The row with the longest name decides.
std::optional<bool> find_in(std::span<const KnownModel> models, std::string_view provider, std::string_view model) {
  const KnownModel* closest = nullptr;
  for (const KnownModel& each : models)
    if (each.provider == provider && model.starts_with(each.name) &&
        (closest == nullptr || each.name.size() > closest->name.size()))
      closest = &each;
  if (closest == nullptr) return std::nullopt;
  return closest->able;
}

enum class Fetches { no, yes };
enum class Answers { no, yes };

struct ImageRules {
  std::string_view provider;
  Fetches fetches;
  Answers describes;
  std::int64_t count;
  std::int64_t bytes;
  std::int64_t side;
  std::int64_t many;
  std::int64_t side_of_many;
};

constexpr ImageRules image_rules[] = {
#define ABSTRACTLLM_IMAGE_RULES(provider, fetches, describes, count, bytes, side, many, side_of_many) \
  {#provider, Fetches::fetches, Answers::describes, count, bytes, side, many, side_of_many},
#include "providers/image_rules.def"
#undef ABSTRACTLLM_IMAGE_RULES
};

}  // namespace

void apply_image_rules(Provider& provider) {
  for (const ImageRules& row : image_rules) {
    if (row.provider != provider.name) continue;
    provider.fetches_image_urls = row.fetches == Fetches::yes;
    provider.describes_models = row.describes == Answers::yes;
    provider.image_limits.count = row.count;
    provider.image_limits.bytes = row.bytes;
    provider.image_limits.side = row.side;
    provider.image_limits.many = row.many;
    provider.image_limits.side_of_many = row.side_of_many;
  }
}

std::optional<bool> known_vision(std::string_view provider, std::string_view model) {
  return find_in(seeing_models, provider, model);
}

std::optional<bool> known_hearing(std::string_view provider, std::string_view model) {
  return find_in(hearing_models, provider, model);
}

}  // namespace abstractllm
