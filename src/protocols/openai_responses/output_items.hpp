// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"
#include "base/json_parser.hpp"
#include "protocols/call_arguments.hpp"

namespace abstractllm::openai_responses {

enum class ItemKind { unknown, message, reasoning, call, hosted, other };

/// One element of an answer's `output`: which of it has become events, and what is needed to tell the rest.
struct OutputItem {
  std::optional<std::int64_t> output_index;
  std::string id;
  ItemKind kind = ItemKind::unknown;
  std::string text;             ///< delivered, all parts joined
  std::string reasoning;        ///< the same; a summary comes before the reasoning itself
  std::size_t annotations = 0;  ///< delivered
  std::size_t logprobs = 0;     ///< delivered
  ToolCall call;
  std::size_t streamed = 0;  ///< bytes of the call's arguments that have become events
  bool started = false;      ///< ToolCallStarted was appended: the name is known
  bool listed = false;       ///< it is in the answer's own `output`
  bool cut = false;          ///< the server says that it is incomplete
  bool ended = false;        ///< PartEnded with the server's data, or HostedToolCall, was appended
};

/// An event of a stream, or an element of an answer's `output`, with the parser that knows the spelling of its objects.
struct ItemSource {
  JsonElement json;
  const JsonParser& parser;
};

/// Turns the output items of one answer into events. The same text comes up to four times (deltas, the item's end, the
/// answer's end). It becomes events once, at its first occurrence.
///
/// An event belongs to the item of its `output_index`. Without one, it belongs to the item of its `item_id`. Without
/// either, it belongs to the latest item, and so do arguments that only have an unknown index. Items of tools that the
/// server itself runs become HostedToolCall when they are complete. Each item's text, and each item's reasoning, is a
/// part of its own.
class OutputItems {
 public:
  /// Takes an event of a stream. Unknown types are skipped.
  void take_event(std::string_view type, const ItemSource& event, Decoded& out);

  /// Takes the `output` list of a whole answer. What has not become events yet becomes events.
  void take_output(const std::optional<JsonElement>& output, const JsonParser& parser, Decoded& out);

  /// Appends one ToolCall for each call. Call it once, at the end. `cut_short` means that the answer ended early.
  /// Returns whether there is a call that can be run.
  bool finish(bool cut_short, std::vector<StreamEvent>& events);

  bool has_calls() const;

 private:
  void take_added(const ItemSource& event, Decoded& out);
  void take_done(const ItemSource& event, Decoded& out);
  void take_text(const ItemSource& event, Decoded& out);
  void take_reasoning(const ItemSource& event, Decoded& out);
  void take_annotation(const ItemSource& event, Decoded& out);
  void take_arguments(const ItemSource& event, Decoded& out);
  void take_all_arguments(const ItemSource& event, Decoded& out);

  OutputItem* find(const std::optional<std::int64_t>& output_index, std::string_view id);
  OutputItem& of_event(JsonElement event);
  OutputItem& call_of_event(JsonElement event);
  OutputItem& add(const std::optional<std::int64_t>& output_index, std::string_view id);
  OutputItem* find_listed(JsonElement element, std::size_t before);
  void describe(OutputItem& item, JsonElement element, Decoded& out);
  OutputItem* find_unlisted(const ItemSource& element, ItemKind kind, std::size_t before, std::size_t& position);
  void complete(OutputItem& item, const ItemSource& element, Decoded& out);
  void complete_message(OutputItem& item, JsonElement element, Decoded& out);
  static void complete_hosted(OutputItem& item, const ItemSource& element, Decoded& out);
  void separate(const OutputItem& item, PartKind kind, Decoded& out);
  void complete_reasoning(OutputItem& item, const ItemSource& element, Decoded& out);
  void end_message(OutputItem& item, JsonElement element, Decoded& out) const;
  void add_arguments(OutputItem& item, std::string_view fragment, Decoded& out) const;
  void start(OutputItem& item, std::vector<StreamEvent>& events);
  static void stream(OutputItem& item, std::vector<StreamEvent>& events);

  std::vector<OutputItem> items_;
  std::map<std::int64_t, std::size_t> by_index_;           // output_index -> position in items_
  std::map<std::string, std::size_t, std::less<>> by_id_;  // item id or call id -> position in items_
  CallIds ids_;
  std::size_t latest_text_ = std::string::npos;       // position in items_ of the item whose text came last
  std::size_t latest_reasoning_ = std::string::npos;  // the same for reasoning
};

}  // namespace abstractllm::openai_responses
