// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/message.hpp"
#include "abstractllm/options.hpp"
#include "abstractllm/provider.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"
#include "abstractllm/stream.hpp"

namespace abstractllm {

/// A model to talk to: a provider and options. Cheap to copy (copies share everything) and thread-safe: any number of
/// threads may call one Llm at once.
///
/// Options are merged anew at each call: call over instance over environment (ABSTRACTLLM_MODEL, …) over the provider's
/// defaults.
class ABSTRACTLLM_API Llm {
 public:
  class Impl;
  explicit Llm(std::shared_ptr<const Impl> impl);

  /// Asks and waits for the whole answer. `prompt` is UTF-8 and not empty.
  ///
  /// Errors: every kind of docs/errors.md. What had arrived before a failure is in Error::partial.
  Result<Response> generate(std::string prompt, const Options& options = {}) const;
  Result<Response> generate(std::vector<Message> messages, const Options& options = {}) const;

  /// Asks and hands the answer out as it comes. Errors, even of validation, come out of the first Stream::next(). The
  /// stream may outlive the Llm.
  Stream stream(std::string prompt, const Options& options = {}) const;
  Stream stream(std::vector<Message> messages, const Options& options = {}) const;

  /// The request that generate (Delivery::body) or stream (Delivery::stream) would send; sends nothing, loads nothing.
  Result<HttpRequest> request(std::vector<Message> messages, const Options& options = {},
                              Delivery delivery = Delivery::stream) const;

  /// The provider's name.
  const std::string& provider() const noexcept;

 private:
  std::shared_ptr<const Impl> impl_;
};

/// Makes a handle; starts nothing, loads nothing, sends nothing.
///
/// Errors: invalid_argument for an unknown provider (the message lists the known ones and the nearest name) and for
/// options out of range; not_configured where the provider cannot work at all (no key, engine not built).
ABSTRACTLLM_API Result<Llm> create_llm(std::string_view provider, const Options& options = {});

}  // namespace abstractllm
