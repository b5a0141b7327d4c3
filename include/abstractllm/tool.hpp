// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/error.hpp"
#include "abstractllm/export.hpp"
#include "abstractllm/message.hpp"
#include "abstractllm/part.hpp"
#include "abstractllm/result.hpp"
#include "abstractllm/task.hpp"

namespace abstractllm {

class ToolSchema;

/// What a running tool can know about its call. It lives until the tool has ended. The tool that got it may use it on
/// any thread.
class ToolContext {
 public:
  ToolContext(std::string call_id, std::stop_token stop, std::shared_ptr<const std::vector<Message>> conversation)
      : call_id_(std::move(call_id)), stop_(std::move(stop)), conversation_(std::move(conversation)) {}

  /// The id of the ToolCall.
  const std::string& call_id() const noexcept { return call_id_; }
  /// A stop is requested when nobody waits for the result any more: the call was stopped, or Options::tool_timeout has
  /// passed. A tool that takes long should look at it.
  const std::stop_token& stop_token() const noexcept { return stop_; }
  /// The conversation so far. Its last message is the assistant's, with the call.
  const std::vector<Message>& messages() const noexcept { return *conversation_; }

 private:
  std::string call_id_;
  std::stop_token stop_;
  std::shared_ptr<const std::vector<Message>> conversation_;
};

/// The answer of Options::approve_tool to one call.
class Approval {
 public:
  /// The tool runs.
  static Approval allow() { return Approval(true, {}, std::nullopt); }
  /// The tool runs with these arguments in place of the model's. They are checked like the model's.
  static Approval allow_with(std::string arguments_json) { return Approval(true, {}, std::move(arguments_json)); }
  /// The tool does not run. The model reads the reason as the error of its call.
  static Approval deny(std::string reason = "the user did not allow it") {
    return Approval(false, std::move(reason), std::nullopt);
  }

  bool is_allowed() const noexcept { return allowed_; }
  const std::string& reason() const noexcept { return reason_; }
  const std::optional<std::string>& arguments_json() const noexcept { return arguments_json_; }

 private:
  Approval(bool allowed, std::string reason, std::optional<std::string> arguments_json)
      : allowed_(allowed), reason_(std::move(reason)), arguments_json_(std::move(arguments_json)) {}

  bool allowed_;
  std::string reason_;
  std::optional<std::string> arguments_json_;
};

/// Decides about one call before its tool runs. See Options::approve_tool.
using ApproveTool = std::function<Approval(const ToolCall& call, ToolContext& context)>;

/// A function that a model can call.
///
/// **Capture by value.** A tool keeps its own copy of the callable, and the callable may outlive the call that runs it:
/// a call that is stopped or times out does not wait for its tools. A reference to a local variable then dangles. Share
/// what several tools need with a std::shared_ptr.
///
/// The model may call a tool several times at once, so the callable must be thread-safe. It runs on a thread of the
/// library's pool. A tool that returns a Task runs on the executor of the call, or on the library's loop thread if there
/// is none, where it must not block.
///
/// The object is a cheap handle: copies share one immutable value, and any number of threads may use it. A factory never
/// fails. What is wrong with a name or a schema is an Error of the call (invalid_argument), and of Options::validate().
class ABSTRACTLLM_API Tool {
 public:
  /// Takes the arguments as the model wrote them, valid for the schema, and returns the text that the model reads.
  using Raw = std::function<Result<std::string>(const std::string& arguments_json, ToolContext& context)>;
  /// The same for a tool that waits without blocking a thread.
  using RawTask = std::function<Task<Result<std::string>>(std::string arguments_json, ToolContext& context)>;

  /// A tool that the program runs itself: its calls are in Response::tool_calls. `schema_json` is the JSON Schema of the
  /// arguments, an object.
  static Tool declared(std::string name, std::string description, std::string schema_json);
  /// A tool that gets its arguments as JSON text. An Error that it returns is a result for the model to read.
  static Tool raw(std::string name, std::string description, std::string schema_json, Raw function);
  /// The same for a tool that waits without blocking a thread.
  static Tool raw_task(std::string name, std::string description, std::string schema_json, RawTask function);
  /// A tool that the provider runs, as its entry in the provider's list of tools: `{"type": "web_search"}`. It is sent
  /// unchanged. What it did is the event and part HostedToolCall.
  static Tool hosted(std::string json);

  /// The name. It is empty for a hosted tool.
  const std::string& name() const noexcept;
  const std::string& description() const noexcept;
  /// The JSON Schema of the arguments, as it was given or made. It is empty for a hosted tool.
  const std::string& schema_json() const noexcept;
  /// The provider's JSON of a hosted tool, or empty.
  const std::string& hosted_json() const noexcept;
  bool is_hosted() const noexcept { return !hosted_json().empty(); }
  /// Whether this library runs it.
  bool is_runnable() const noexcept;

  /// What is wrong with the tool itself, if anything.
  const std::optional<Error>& fault() const noexcept;

  class Impl;
  // These are for the library.
  /// The schema as it was read. It is null for a hosted tool, and if the schema is the fault.
  const ToolSchema* schema() const noexcept;
  const Impl& impl() const noexcept { return *impl_; }

 private:
  explicit Tool(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

  std::shared_ptr<const Impl> impl_;
};

}  // namespace abstractllm
