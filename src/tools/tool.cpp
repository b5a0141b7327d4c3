// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/tool.hpp"

#include <utility>

#include "tools/tool_impl.hpp"

namespace abstractllm {
namespace {

/// Reads the schema. What is wrong with it becomes the tool's fault.
std::shared_ptr<Tool::Impl> described(std::string name, std::string description, std::string schema_json) {
  auto impl = std::make_shared<Tool::Impl>();
  impl->name = std::move(name);
  impl->description = std::move(description);
  impl->schema_json = std::move(schema_json);
  auto schema = ToolSchema::read(impl->schema_json);
  if (schema) {
    impl->schema = *std::move(schema);
  } else {
    impl->fault = std::move(schema).error();
    constexpr std::string_view subject = "the schema";
    std::string& message = impl->fault->message;
    const std::string named = std::string(subject) + " of tool '" + impl->name + "'";
    message = message.starts_with(subject) ? named + message.substr(subject.size()) : named + ": " + message;
  }
  if (impl->name.empty()) impl->fault = Error(ErrorKind::invalid_argument, "a tool has no name");
  return impl;
}

}  // namespace

Tool Tool::declared(std::string name, std::string description, std::string schema_json) {
  return Tool(described(std::move(name), std::move(description), std::move(schema_json)));
}

Tool Tool::raw(std::string name, std::string description, std::string schema_json, Raw function) {
  auto impl = described(std::move(name), std::move(description), std::move(schema_json));
  if (!function) impl->fault = Error(ErrorKind::invalid_argument, "tool '" + impl->name + "' has no function");
  impl->run = std::move(function);
  return Tool(std::move(impl));
}

Tool Tool::raw_task(std::string name, std::string description, std::string schema_json, RawTask function) {
  auto impl = described(std::move(name), std::move(description), std::move(schema_json));
  if (!function) impl->fault = Error(ErrorKind::invalid_argument, "tool '" + impl->name + "' has no function");
  impl->run_later = std::move(function);
  return Tool(std::move(impl));
}

Tool Tool::typed(std::string name, std::string description, Result<std::string> schema, Raw run, RawTask run_later) {
  auto impl = described(std::move(name), std::move(description), schema.value_or("{}"));
  if (!schema) {
    impl->schema.reset();
    impl->schema_json.clear();
    impl->fault = Error(ErrorKind::invalid_argument, "tool '" + impl->name + "': " + schema.error().message);
  }
  if (!run && !run_later) impl->fault = Error(ErrorKind::invalid_argument, "tool '" + impl->name + "' has no function");
  impl->run = std::move(run);
  impl->run_later = std::move(run_later);
  return Tool(std::move(impl));
}

Tool Tool::hosted(std::string json) {
  auto impl = std::make_shared<Impl>();
  impl->hosted_json = std::move(json);
  return Tool(std::move(impl));
}

const std::string& Tool::name() const noexcept { return impl_->name; }
const std::string& Tool::description() const noexcept { return impl_->description; }
const std::string& Tool::schema_json() const noexcept { return impl_->schema_json; }
const std::string& Tool::hosted_json() const noexcept { return impl_->hosted_json; }
const ToolSchema* Tool::schema() const noexcept { return impl_->schema.get(); }
bool Tool::is_runnable() const noexcept { return impl_->run || impl_->run_later; }
const std::optional<Error>& Tool::fault() const noexcept { return impl_->fault; }

}  // namespace abstractllm
