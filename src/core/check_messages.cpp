// SPDX-License-Identifier: Apache-2.0
#include "core/check_messages.hpp"

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>

#include "core/endpoint.hpp"

namespace abstractllm {
namespace {

/// Returns why a part is not allowed in a message of this role, as the rest of a sentence, or null.
struct Misfit {
  Role role;

  const char* operator()(const Text&) const {
    return role == Role::tool ? "has the role tool and holds text outside of a result" : nullptr;
  }
  const char* operator()(const Image&) const {
    return role == Role::tool ? "has the role tool and holds an image" : nullptr;
  }
  const char* operator()(const Audio&) const {
    return role == Role::tool ? "has the role tool and holds audio" : nullptr;
  }
  const char* operator()(const File&) const {
    return role == Role::tool ? "has the role tool and holds a file" : nullptr;
  }
  const char* operator()(const Reasoning&) const {
    return role == Role::assistant ? nullptr : "holds reasoning; only those of the assistant can";
  }
  const char* operator()(const ToolCall&) const {
    return role == Role::assistant ? nullptr : "holds a tool call; only those of the assistant can";
  }
  const char* operator()(const ToolResult& result) const {
    if (role != Role::tool) return "holds a tool result; only those with the role tool can";
    return result.id.empty() ? "holds a tool result without the id of its call" : nullptr;
  }
  const char* operator()(const HostedToolCall&) const {
    return role == Role::assistant ? nullptr : "holds a hosted tool call; only those of the assistant can";
  }
};

/// Whether `data` belongs to another provider, protocol or host.
struct Foreign {
  const Provider& provider;
  const Protocol& protocol;
  std::string host;

  bool operator()(const ProviderData& data) const {
    if (data.empty()) return false;
    if (data.provider() != provider.name || data.protocol() != protocol.name()) return true;
    return !data.host().empty() && data.host() != host;
  }
  bool operator()(const Attachment&) const { return false; }
  template <class PartType>
  requires(!std::is_base_of_v<Attachment, PartType>) bool operator()(const PartType& part) const {
    return (*this)(part.provider_data);
  }
};

struct HasData {
  bool operator()(const Attachment&) const { return false; }
  template <class PartType>
  requires(!std::is_base_of_v<Attachment, PartType>) bool operator()(const PartType& part) const {
    return !part.provider_data.empty();
  }
};

struct TakeOff {
  void operator()(Attachment&) const {}
  template <class PartType>
  requires(!std::is_base_of_v<Attachment, PartType>) void operator()(PartType& part) const { part.provider_data = {}; }
};

Message without_foreign_data(const Message& message, const Foreign& foreign, bool& loses_reasoning) {
  std::vector<Part> parts;
  for (Part part : message.parts()) {
    if (std::visit(foreign, part)) {
      std::visit(TakeOff(), part);
      if (const auto* reasoning = std::get_if<Reasoning>(&part)) {
        loses_reasoning = true;
        if (reasoning->text.empty()) continue;
      }
      // What Gemini wants back with a call is the state of its reasoning (docs/wire-formats.md#gemini).
      if (std::holds_alternative<ToolCall>(part)) loses_reasoning = true;
      // Nobody else can read it.
      if (std::holds_alternative<HostedToolCall>(part)) continue;
    }
    parts.push_back(std::move(part));
  }
  return {message.role(), std::move(parts)};
}

}  // namespace

Result<void> check_messages(const std::vector<Message>& messages) {
  if (messages.empty()) return Error(ErrorKind::invalid_argument, "there is no message to answer");
  for (std::size_t index = 0; index < messages.size(); ++index) {
    const Message& message = messages[index];
    const auto wrong = [&](const char* problem) {
      return Error(ErrorKind::invalid_argument, "messages[" + std::to_string(index) + "] " + problem);
    };
    if (message.role() == Role::tool && message.parts().empty()) return wrong("has the role tool but holds no result");
    for (const Part& part : message.parts())
      if (const char* problem = std::visit(Misfit{message.role()}, part)) return wrong(problem);
  }
  if (!messages.back().text().empty() || !messages.back().parts().empty()) return {};
  const std::size_t last = messages.size() - 1;
  return Error(ErrorKind::invalid_argument,
               last == 0 ? std::string("the prompt is empty")
                         : "messages[" + std::to_string(last) + "] is empty, and it is the one to answer");
}

bool hold_provider_data(const std::vector<Message>& messages) {
  return std::any_of(messages.begin(), messages.end(), [](const Message& message) {
    return std::any_of(message.parts().begin(), message.parts().end(),
                       [](const Part& part) { return std::visit(HasData(), part); });
  });
}

bool drop_foreign_data(std::vector<Message>& messages, const Provider& provider, const Protocol& protocol,
                       std::string_view url) {
  const Foreign foreign{provider, protocol, server_of(url)};
  bool loses_reasoning = false;
  for (Message& message : messages)
    if (std::any_of(message.parts().begin(), message.parts().end(),
                    [&](const Part& part) { return std::visit(foreign, part); }))
      message = without_foreign_data(message, foreign, loses_reasoning);
  if (loses_reasoning)
    std::erase_if(messages, [](const Message& message) {
      return message.role() == Role::assistant && message.text().empty() && message.parts().empty();
    });
  return loses_reasoning;
}

}  // namespace abstractllm
