// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/marked_prompt.hpp"

#include <algorithm>
#include <charconv>
#include <random>
#include <string_view>

#include "common.h"

namespace abstractllm {
namespace {

using Found = SpecialTokens::Found;

/// JSON text without its escapes, and the origin of each byte.
struct Unescaped {
  std::string text;
  std::vector<std::size_t> from;
  void add(std::string_view bytes, std::size_t at) {
    text += bytes;
    from.insert(from.end(), bytes.size(), at);
  }
};

void add_escape(Unescaped& result, std::string_view json_text, std::size_t& at) {
  const std::size_t began = at;
  const char kind = json_text[at + 1];
  at += 2;
  if (kind == '"' || kind == '\\' || kind == '/') return result.add(json_text.substr(began + 1, 1), began);
  unsigned code = 0;
  if (kind != 'u' || json_text.size() - at < 4) return result.add(" ", began);
  const char* digits = json_text.data() + at;
  if (std::from_chars(digits, digits + 4, code, 16).ptr != digits + 4) return result.add(" ", began);
  at += 4;
  std::string character;
  if (code < 0x80) character = static_cast<char>(code);
  else if (code < 0x800)
    character = {static_cast<char>(0xC0U | (code >> 6U)), static_cast<char>(0x80U | (code & 0x3FU))};
  else
    character = {static_cast<char>(0xE0U | (code >> 12U)), static_cast<char>(0x80U | ((code >> 6U) & 0x3FU)),
                 static_cast<char>(0x80U | (code & 0x3FU))};
  result.add(character, began);
}

Unescaped unescaped(std::string_view json_text) {
  Unescaped result;
  for (std::size_t at = 0; at < json_text.size();) {
    if (json_text[at] == '\\' && at + 1 < json_text.size()) add_escape(result, json_text, at);
    else result.add(json_text.substr(at, 1), at), ++at;
  }
  return result;
}

std::string with_marks(std::string_view text, const std::vector<std::size_t>& positions, const std::string& mark) {
  std::string marked;
  std::size_t done = 0;
  for (const std::size_t position : positions) {
    if (position < done) continue;
    (marked += text.substr(done, position - done)) += mark;
    done = position;
  }
  return marked += text.substr(done);
}

class Marker {
 public:
  Marker(const SpecialTokens& specials, const std::string& mark) : specials_(specials), mark_(mark) {}

  bool marked() const { return marked_; }

  void mark(json& value, bool of_assistant = false) {
    if (value.is_string()) return mark_string(value, of_assistant);
    if (value.is_array())
      for (json& item : value) mark(item, of_assistant);
    if (!value.is_object()) return;
    of_assistant = of_assistant || (value.contains("role") && value.at("role") == "assistant");
    bool renames = false;
    for (const auto& [key, item] : value.items()) {
      mark_member(key, item, of_assistant);
      renames = renames || !specials_.find(key).empty();
    }
    if (renames) mark_keys(value);
  }

 private:
  void mark_member(const std::string& key, json& item, bool of_assistant) {
    if (key == "image_url" || key == "input_audio" || key == "input_video" || key == "video_url") return;
    if (key == "arguments" && item.is_string()) return mark_arguments(item);
    if (key == "content" && item.is_array()) return mark_parts(item, of_assistant);
    mark(item, of_assistant);
  }

  std::vector<std::size_t> positions_in(std::string_view text, bool of_assistant) const {
    std::vector<std::size_t> positions;
    for (const Found& found : specials_.find(text)) {
      const std::string_view spelling = text.substr(found.at, found.size);
      if (of_assistant && (spelling.find("think") != text.npos || spelling.find("THINK") != text.npos)) continue;
      positions.push_back(found.inside);
    }
    return positions;
  }

  void write(json& value, std::string_view text, const std::vector<std::size_t>& positions) {
    if (positions.empty()) return;
    marked_ = true;
    value = with_marks(text, positions, mark_);
  }

  void mark_string(json& value, bool of_assistant) {
    const auto text = value.get<std::string>();
    write(value, text, positions_in(text, of_assistant));
  }

  /// Templates use arguments unchanged or parsed.
  void mark_arguments(json& value) {
    const auto text = value.get<std::string>();
    const Unescaped plain = unescaped(text);
    std::vector<std::size_t> positions;
    for (const std::size_t position : positions_in(plain.text, false)) positions.push_back(plain.from[position]);
    write(value, text, positions);
  }

  /// Templates write the parts of a message one after the other.
  void mark_parts(json& parts, bool of_assistant) {
    std::string whole;
    for (json& part : parts)
      if (is_text(part)) whole += part.at("text").get<std::string>();
      else mark(part, of_assistant);
    const auto positions = positions_in(whole, of_assistant);
    std::size_t began = 0;
    for (json& part : parts) {
      if (!is_text(part)) continue;
      const auto text = part.at("text").get<std::string>();
      std::vector<std::size_t> own;
      for (const std::size_t position : positions)
        if (position > began && position <= began + text.size()) own.push_back(position - began);
      write(part.at("text"), text, own);
      began += text.size();
    }
  }

  static bool is_text(const json& part) {
    return part.is_object() && part.contains("text") && part.at("text").is_string();
  }

  void mark_keys(json& object) {
    json renamed = json::object();
    for (const auto& [key, item] : object.items()) renamed[with_marks(key, positions_in(key, false), mark_)] = item;
    marked_ = true;
    object = std::move(renamed);
  }

  const SpecialTokens& specials_;
  const std::string& mark_;
  bool marked_ = false;
};

/// A prompt without its marks, and their positions.
struct Cuts {
  std::string text;
  std::vector<std::size_t> at;
  bool within(const Found& found) const {
    const auto next = std::upper_bound(at.begin(), at.end(), found.at);
    return next != at.end() && *next < found.end();
  }
};

Cuts without_marks(const std::string& prompt, const std::string& mark) {
  Cuts cuts;
  std::size_t done = 0;
  for (std::size_t next = 0; (next = prompt.find(mark, done)) != prompt.npos; done = next + mark.size()) {
    cuts.text.append(prompt, done, next - done);
    cuts.at.push_back(cuts.text.size());
  }
  cuts.text.append(prompt, done);
  return cuts;
}

class MarkedTokenizer {
 public:
  MarkedTokenizer(const llama_vocab* vocab, const SpecialTokens& specials, Cuts cuts)
      : vocab_(vocab), specials_(specials), cuts_(std::move(cuts)) {}

  std::vector<llama_token> tokens(bool with_ends) {
    if (with_ends && llama_vocab_get_add_bos(vocab_)) tokens_.push_back(llama_vocab_bos(vocab_));
    std::size_t behind_special = 0;
    for (const Found& found : specials_.find(cuts_.text)) {
      if (found.at < behind_special || cuts_.within(found)) continue;
      add_text(behind_special, found.at);
      behind_special = found.end();
    }
    add_text(behind_special, cuts_.text.size());
    add(done_, cuts_.text.size(), true);
    if (with_ends && llama_vocab_get_add_eos(vocab_)) tokens_.push_back(llama_vocab_eos(vocab_));
    return std::move(tokens_);
  }

 private:
  /// Text between two special tokens of the template. Text without marks stays together with them.
  void add_text(std::size_t begin, std::size_t end) {
    const auto first = std::upper_bound(cuts_.at.begin(), cuts_.at.end(), begin);
    if (first == cuts_.at.end() || *first >= end) return;
    add(done_, begin, true);
    const std::size_t before = tokens_.size();
    add(begin, end, false);
    const auto is_special = [this](llama_token token) { return specials_.contains(token); };
    if (std::none_of(tokens_.begin() + static_cast<std::ptrdiff_t>(before), tokens_.end(), is_special)) return;
    // A token that the tokenizer finds in any text. Only a cut in the text hides it.
    tokens_.resize(before);
    for (auto cut = first; cut != cuts_.at.end() && *cut < end; ++cut) {
      add(begin, *cut, false);
      begin = *cut;
    }
    add(begin, end, false);
  }

  void add(std::size_t begin, std::size_t end, bool parse_special) {
    done_ = end;
    if (begin >= end) return;
    const auto part = common_tokenize(vocab_, cuts_.text.substr(begin, end - begin), false, parse_special);
    tokens_.insert(tokens_.end(), part.begin(), part.end());
  }

  const llama_vocab* vocab_;
  const SpecialTokens& specials_;
  const Cuts cuts_;
  std::vector<llama_token> tokens_;
  std::size_t done_ = 0;
};

}  // namespace

std::string new_mark() {
  std::random_device device;
  std::string mark;
  for (int i = 0; i < 4; ++i) mark += std::to_string(1'000'000'000U + device() % 1'000'000'000U);
  return mark;
}

bool mark_special_spellings(json& body, const SpecialTokens& specials, const std::string& mark) {
  Marker marker(specials, mark);
  for (const char* key : {"messages", "tools", "chat_template_kwargs"})
    if (body.contains(key)) marker.mark(body.at(key));
  return marker.marked();
}

bool mark_special_spellings(std::string& text, const SpecialTokens& specials, const std::string& mark) {
  std::vector<std::size_t> positions;
  for (const Found& found : specials.find(text)) positions.push_back(found.inside);
  if (positions.empty()) return false;
  text = with_marks(text, positions, mark);
  return true;
}

std::vector<llama_token> tokenize_marked(const llama_vocab* vocab, const SpecialTokens& specials,
                                         const std::string& prompt, const std::string& mark, bool with_ends) {
  return MarkedTokenizer(vocab, specials, without_marks(prompt, mark)).tokens(with_ends);
}

}  // namespace abstractllm
