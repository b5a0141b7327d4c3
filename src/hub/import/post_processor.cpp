// SPDX-License-Identifier: Apache-2.0
#include "hub/import/post_processor.hpp"

#include <array>
#include <vector>

namespace abstractllm {
namespace {

/// A step of a template: a special token, or one of the two texts.
struct Step {
  std::string token;
  std::string text;
};

std::vector<Step> read_template(const std::optional<JsonElement>& steps) {
  std::vector<Step> read;
  for_each(steps, [&](JsonElement step) {
    const auto [token, text] = members(step, std::array<std::string_view, 2>{"SpecialToken", "Sequence"});
    read.push_back({std::string(token ? text_of(member(*token, "id")) : ""),
                    std::string(text ? text_of(member(*text, "id")) : "")});
  });
  return read;
}

class Reader {
 public:
  explicit Reader(const TokenizerFiles& files) : files_(files) {
    for (const std::string_view kind : {"bos", "eos", "unk", "sep", "pad", "cls", "mask"}) {
      const auto text = token_text(files.setting(std::string(kind) + "_token"));
      if (text && !text->empty()) names().emplace(kind, *text);
    }
  }

  AddedSpecials read() {
    copy("cls", "bos");
    copy("sep", "eos");
    if (!files_.tokenizer) return std::move(result_);
    if (const auto processor = files_.tokenizer->member("post_processor")) read_processor(*processor);
    return std::move(result_);
  }

 private:
  std::map<std::string, std::string, std::less<>>& names() { return result_.names; }
  std::string name(std::string_view kind) const {
    const auto found = result_.names.find(kind);
    return found == result_.names.end() ? "" : found->second;
  }

  void copy(std::string_view from, std::string_view to) {
    if (name(to).empty() && !name(from).empty()) names().insert_or_assign(std::string(to), name(from));
  }

  void name_if_unnamed(std::string_view kind, std::string_view text) {
    if (!text.empty()) names().emplace(kind, text);
  }

  void read_processor(JsonElement processor) {
    const auto [type, processors] = members(processor, std::array<std::string_view, 2>{"type", "processors"});
    if (processors) for_each(processors, [&](JsonElement part) { read_processor(part); });
    if (text_of(type) == "RobertaProcessing" || text_of(type) == "BertProcessing") read_pair(processor, text_of(type));
    if (text_of(type) == "TemplateProcessing") read_templates(processor);
  }

  /// {"cls": ["<s>", 0], "sep": ["</s>", 2]}
  void read_pair(JsonElement processor, std::string_view type) {
    const auto text = [&](std::string_view key) {
      std::string_view first;
      for_each(member(processor, key), [&](JsonElement part) {
        if (first.empty()) first = text_of(part);
      });
      return first;
    };
    result_.encloses = true;
    name_if_unnamed("cls", text("cls"));
    name_if_unnamed("sep", text("sep"));
    copy("cls", "bos");
    copy("sep", "eos");
    if (type != "RobertaProcessing") return;
    for (const char* kind : {"bos", "eos", "sep"}) result_.adds[kind] = true;
  }

  void read_templates(JsonElement processor) {
    const auto [single, pair] = members(processor, std::array<std::string_view, 2>{"single", "pair"});
    const std::vector<Step> steps = read_template(single);
    std::string first;
    std::string last;
    if (steps.size() > 1) {
      first = steps.front().token;
      last = steps.back().token;
    }
    if (!first.empty()) read_first(first);
    if (!last.empty()) read_last(last);
    result_.encloses = !first.empty() && !last.empty();
    read_separator(read_template(pair), first, last);
  }

  void read_first(const std::string& first) {
    if (!files_.settings) names().insert_or_assign("bos", first);
    name_if_unnamed("bos", first);
    if (first != name("bos")) name_if_unnamed("cls", first);
    result_.adds["bos"] = first == name("bos") || first == name("cls");
  }

  void read_last(const std::string& last) {
    if (files_.settings && !name("eos").empty() && last != name("eos")) names().insert_or_assign("eot", name("eos"));
    names().insert_or_assign("eos", last);
    result_.adds["eos"] = true;
  }

  /// FIRST A SEPARATOR SEPARATOR B LAST
  void read_separator(std::vector<Step> steps, const std::string& first, const std::string& last) {
    if (steps.empty()) return;
    if (!last.empty() && steps.back().token == last) steps.pop_back();
    if (!first.empty() && !steps.empty() && steps.front().token == first) steps.erase(steps.begin());
    if (steps.size() < 3 || steps.front().text != "A" || steps.back().text != "B") return;
    const std::string end = name("eos");
    const auto separates = [&](const Step& step) {
      return !step.token.empty() && (step.token == name("sep") || step.token == end);
    };
    bool adds = separates(steps[1]) && last.empty();
    if (steps.size() == 4 && separates(steps[2])) adds = true;
    result_.adds["sep"] = adds;
    if (adds) name_if_unnamed("sep", end);
  }

  const TokenizerFiles& files_;
  AddedSpecials result_;
};

}  // namespace

AddedSpecials read_added_specials(const TokenizerFiles& files) { return Reader(files).read(); }

}  // namespace abstractllm
