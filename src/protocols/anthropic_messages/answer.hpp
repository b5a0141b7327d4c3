// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/answer_reader.hpp"
#include "protocols/anthropic_messages/usage.hpp"
#include "protocols/call_arguments.hpp"

namespace abstractllm::anthropic_messages {

/// Turns the events of one Messages answer, or its body, into StreamEvents. What the server's own tools do
/// (`server_tool_use`, `mcp_tool_use` and their `…_tool_result`) becomes HostedToolCall. Other blocks than these, text,
/// thinking (also redacted) and tool_use are skipped. Each block is a part.
class MessagesAnswer final : public AnswerReader {
 public:
  Result<void> take(const AnswerObject& object, Decoded& out) override;
  bool is_ended() const override { return ended_; }
  Result<void> finish(Form form, bool end_marked, Decoded& out) override;

 private:
  enum class BlockKind { text, thinking, redacted, tool, hosted, other };
  struct Block {
    BlockKind kind = BlockKind::other;
    ToolCall call;          ///< of a tool block
    std::string input;      ///< of a tool block: the arguments that came with its start; empty if there were none
    HostedToolCall hosted;  ///< of a hosted block: what came with its start; `input` is what the deltas add
    bool streamed = false;  ///< of a tool block: each fragment becomes an event
    std::string signature;  ///< of a thinking block
  };

  void take_event(std::string_view type, const AnswerObject& object, Decoded& out);
  void take_message(const AnswerObject& object, Decoded& out);
  void take_message_start(JsonElement message, Decoded& out);
  void take_message_delta(JsonElement root, Decoded& out);
  void take_usage(JsonElement usage, Decoded& out);
  void take_stop_reason(JsonElement parent, Decoded& out);
  void start_block(std::int64_t index, JsonElement content, const JsonParser& source, Decoded& out);
  void start_hosted(Block& block, std::string_view type, JsonElement content, const JsonParser& source, Decoded& out);
  static void end_hosted(Block& block, Decoded& out);
  void start_call(Block& block, const std::optional<JsonElement>& id, Decoded& out);
  void take_delta(std::int64_t index, JsonElement delta, Decoded& out);
  void interrupt_part(std::int64_t index, Decoded& out);
  Block* tool_of(std::int64_t index);
  static void end_part(const Block& block, Decoded& out);
  void add_arguments(Block& block, std::string_view fragment, Decoded& out) const;
  void stop_block(std::int64_t index, Decoded& out);
  void settle_unsure(bool at_the_cut, Decoded& out);
  void close(Block& block, bool at_the_cut, Decoded& out);

  std::map<std::int64_t, Block> open_;     // by the index that the server gives, which may be any number
  std::optional<std::int64_t> open_part_;  // the index of the open block of text or thinking
  std::optional<Block> unsure_;            // a stopped call without arguments: it has none, or it is cut
  std::int64_t latest_index_ = 0;
  std::size_t call_count_ = 0;
  CallIds ids_;
  std::map<std::string, std::string, std::less<>> hosted_names_;  // by the ids of the calls
  bool any_complete_ = false;                                     // there is a call that can be run
  std::string stop_reason_;
  MessagesUsage usage_;
  bool ended_ = false;
};

}  // namespace abstractllm::anthropic_messages
