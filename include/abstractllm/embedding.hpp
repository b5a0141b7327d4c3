// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/usage.hpp"
#include "abstractllm/warning.hpp"

namespace abstractllm {

/// The input of Llm::embed(): one text, several, or a list of any length. Each converts implicitly:
/// `model.embed("one")`, `model.embed({"one", "two"})`, `model.embed(lines)`.
///
/// It owns its texts. Nothing is checked before the call. The texts are UTF-8.
class Texts {
 public:
  Texts() {}
  /// One text. It must not be null.
  Texts(const char* text) { list_.emplace_back(text); }          // NOLINT(google-explicit-constructor): it is its text
  Texts(std::string text) { list_.push_back(std::move(text)); }  // NOLINT(google-explicit-constructor)
  Texts(std::string_view text) { list_.emplace_back(text); }     // NOLINT(google-explicit-constructor)
  Texts(std::nullptr_t) = delete;

  Texts(std::vector<std::string> list) : list_(std::move(list)) {}  // NOLINT(google-explicit-constructor)

  /// The texts from `{"one", "two", …}`. This is not an initializer_list, because GCC 12 cannot compile one within a
  /// co_await, and it would copy each text.
  template <std::convertible_to<std::string> First, std::convertible_to<std::string> Second,
            std::convertible_to<std::string>... More>
  Texts(First&& first, Second&& second, More&&... more) {
    list_.reserve(2 + sizeof...(more));
    list_.push_back(std::forward<First>(first));
    list_.push_back(std::forward<Second>(second));
    (list_.push_back(std::forward<More>(more)), ...);
  }

  const std::vector<std::string>& list() const& noexcept { return list_; }
  std::vector<std::string>&& list() && noexcept { return std::move(list_); }

 private:
  std::vector<std::string> list_;
};

/// The vectors of some texts, in the order of the texts, in one buffer. Copies share the buffer, so copying is cheap.
class Embeddings {
 public:
  Embeddings() {}
  /// `values` has `dimensions` numbers for each text, one text after the other.
  Embeddings(std::vector<float> values, std::size_t dimensions)
      : dimensions_(dimensions), values_(std::make_shared<const std::vector<float>>(std::move(values))) {}

  /// The number of vectors, which is the number of texts.
  std::size_t size() const noexcept { return dimensions_ == 0 ? 0 : values().size() / dimensions_; }
  bool empty() const noexcept { return size() == 0; }
  /// The length of each vector. 0 if there are none.
  std::size_t dimensions() const noexcept { return dimensions_; }

  /// The vector of text `index`, which must be below size(). It is valid as long as this object or a copy of it.
  std::span<const float> operator[](std::size_t index) const noexcept {
    return values().subspan(index * dimensions_, dimensions_);
  }
  /// All numbers: size() × dimensions(), one vector after the other (C order).
  std::span<const float> values() const noexcept {
    return values_ ? std::span<const float>(*values_) : std::span<const float>();
  }

  Usage usage;           ///< of all requests together; unknown if one of them did not report it
  std::string provider;  ///< provider name
  std::string model;     ///< the model as the provider names it, or the model that was asked for
  std::vector<Warning> warnings;

 private:
  std::size_t dimensions_ = 0;
  std::shared_ptr<const std::vector<float>> values_;
};

/// The place of a document in a Ranking.
struct RankedDocument {
  std::size_t index = 0;  ///< of the document in the question, from 0
  /// How relevant the document is. Larger is better. The scale depends on the model: some give 0 to 1, others any
  /// number. Scores of one model can be compared with each other.
  double score = 0;
  bool operator==(const RankedDocument&) const = default;
};

/// Documents in the order of their relevance for a query.
class Ranking {
 public:
  Ranking() {}

  std::vector<RankedDocument> documents;  ///< the best first; of equal scores, the smaller index first
  Usage usage;
  std::string provider;  ///< provider name
  std::string model;     ///< the model as the provider names it, or the model that was asked for
  std::vector<Warning> warnings;
};

}  // namespace abstractllm
