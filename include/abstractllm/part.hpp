// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "abstractllm/audio.hpp"
#include "abstractllm/export.hpp"
#include "abstractllm/file.hpp"
#include "abstractllm/image.hpp"

namespace abstractllm {

// None of these types is an aggregate, because users pass them in. GCC 12 corrupts memory if a co_await expression
// makes a temporary aggregate.

/// Data that a provider wants back with a part of its answer: the signature of its reasoning, encrypted reasoning, a
/// marker of a message. It is opaque to this library and keeps the provider's spelling. It is sent only to the same
/// provider, protocol and host. If it names no host, only provider and protocol have to match.
///
/// The object is a cheap handle: copies share one immutable value, and any number of threads may use it. A
/// default-constructed object is empty. Two objects are equal if all their fields are equal.
class ABSTRACTLLM_API ProviderData {
 public:
  ProviderData() {}
  /// `json` is JSON text. Invalid JSON is not sent: a call with it fails with invalid_argument. An empty text makes an
  /// empty object.
  ProviderData(std::string provider, std::string protocol, std::string host, std::string model, std::string json);

  bool empty() const noexcept { return fields_ == nullptr; }
  /// The provider's name in this library: "anthropic".
  const std::string& provider() const noexcept { return fields().provider; }
  /// The wire format: "anthropic_messages".
  const std::string& protocol() const noexcept { return fields().protocol; }
  /// The host of the server, with its port if the URL has one: "api.anthropic.com". It is empty if it is not known.
  const std::string& host() const noexcept { return fields().host; }
  /// The model that answered, as the provider names it. It is not compared.
  const std::string& model() const noexcept { return fields().model; }
  /// The provider's JSON, unchanged.
  const std::string& json() const noexcept { return fields().json; }

  bool operator==(const ProviderData& other) const;

 private:
  struct Fields {
    std::string provider, protocol, host, model, json;
    bool operator==(const Fields&) const = default;
  };
  const Fields& fields() const noexcept;

  std::shared_ptr<const Fields> fields_;
};

/// Text in UTF-8.
struct Text {
  Text() {}
  Text(const char* content) : text(content) {}             // NOLINT(google-explicit-constructor): a part is text
  Text(std::string content) : text(std::move(content)) {}  // NOLINT(google-explicit-constructor)
  Text(std::string_view content) : text(content) {}        // NOLINT(google-explicit-constructor)

  std::string text;
  ProviderData provider_data;  ///< see ProviderData
  bool operator==(const Text&) const = default;
};

/// The reasoning of a model before its answer, as far as its provider shows it. If the provider wants it back,
/// provider_data is set. The text may then be empty (redacted or encrypted reasoning). Without provider_data it is sent
/// only if the wire format has a field for plain reasoning.
struct Reasoning {
  Reasoning() {}
  explicit Reasoning(std::string content, ProviderData data = {})
      : text(std::move(content)), provider_data(std::move(data)) {}

  std::string text;
  ProviderData provider_data;  ///< see ProviderData
  bool operator==(const Reasoning&) const = default;
};

/// A function call that the model requests.
struct ToolCall {
  ToolCall() {}
  ToolCall(std::string call_id, std::string tool_name, std::string arguments = {}, bool is_incomplete = false)
      : id(std::move(call_id)),
        name(std::move(tool_name)),
        arguments_json(std::move(arguments)),
        incomplete(is_incomplete) {}

  std::string id;              ///< the provider's id, or a generated one if it gives none
  std::string name;            ///< function name
  std::string arguments_json;  ///< JSON text as the model wrote it; it may be invalid or cut off, so parse it with care
  bool incomplete = false;     ///< the answer ended before the arguments did: do not run this call
  ProviderData provider_data;  ///< see ProviderData
  bool operator==(const ToolCall&) const = default;
};

/// Something that a tool of the provider did (see Tool::hosted()): a web search, a run of code. The provider has already
/// run it, so there is nothing to answer.
struct HostedToolCall {
  HostedToolCall() {}
  HostedToolCall(std::string call_id, std::string tool_name, std::string data = {}, ProviderData wanted_back = {})
      : id(std::move(call_id)),
        name(std::move(tool_name)),
        data_json(std::move(data)),
        provider_data(std::move(wanted_back)) {}

  std::string id;              ///< the provider's id; the result of a call may be a part of its own, with the same id
  std::string name;            ///< the provider's name of the tool: "web_search"
  std::string data_json;       ///< the provider's JSON, unchanged
  ProviderData provider_data;  ///< see ProviderData; without it the part is not sent back
  bool operator==(const HostedToolCall&) const = default;
};

/// One part of the result of a function call.
using ResultPart = std::variant<Text, Image>;

/// The result of a function call, for the model to read.
struct ABSTRACTLLM_API ToolResult {
  ToolResult() {}
  ToolResult(std::string call_id, std::string tool_name, std::string content, bool is_an_error = false)
      : id(std::move(call_id)), name(std::move(tool_name)), text(std::move(content)), is_error(is_an_error) {}
  /// A result with images. `text` becomes all their text, joined without separators.
  ToolResult(std::string call_id, std::string tool_name, std::vector<ResultPart> content, bool is_an_error = false);

  std::string id;                 ///< id of the ToolCall
  std::string name;               ///< name of the ToolCall; may be empty if the call is in the same conversation
  std::string text;               ///< the result, UTF-8
  std::vector<ResultPart> parts;  ///< text and images in order; empty if the result is only its text
  bool is_error = false;       ///< the call failed, and the text says why; only Anthropic's format has a field for it
  ProviderData provider_data;  ///< see ProviderData
  /// How long the tool ran. It is set where this library ran the tool, in events and in Step::tool_results.
  std::optional<std::chrono::microseconds> duration;
  bool operator==(const ToolResult&) const = default;
};

/// One part of a message or of an answer.
using Part = std::variant<Text, Image, Audio, File, Reasoning, ToolCall, ToolResult, HostedToolCall>;

}  // namespace abstractllm
