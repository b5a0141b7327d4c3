// SPDX-License-Identifier: Apache-2.0
#include "hub/gguf_choice.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <tuple>
#include <unordered_set>

namespace abstractllm {
namespace {

constexpr std::string_view ending = ".gguf";
constexpr std::string_view projector_word = "mmproj";
// First the best quality for the memory, then smaller and worse ones, then files without quantisation.
constexpr std::array<std::string_view, 18> preferred_quants = {"Q4_K_M", "Q4_K_S", "Q4_K",   "Q4_0", "Q4_1", "IQ4_NL",
                                                               "IQ4_XS", "Q5_K_M", "Q5_K_S", "Q5_0", "Q6_K", "Q8_0",
                                                               "Q3_K_L", "Q3_K_M", "Q3_K_S", "F16",  "BF16", "F32"};
constexpr std::array<std::string_view, 6> companion_words = {projector_word, "imatrix", "mtp-",
                                                             "eagle3-",      "dflash-", "dspark-"};

std::string upper(std::string_view text) {
  std::string made(text);
  for (char& c : made)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return made;
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// The numbers in "-00002-of-00005" at the end, or zeros if there are none.
std::pair<int, int> part_of(std::string_view stem) {
  constexpr std::size_t length = 15;
  if (stem.size() <= length) return {0, 0};
  const std::string_view tail = stem.substr(stem.size() - length);
  if (tail[0] != '-' || upper(tail.substr(6, 4)) != "-OF-") return {0, 0};
  const auto number = [](std::string_view digits) {
    int value = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return failure == std::errc() && end == digits.data() + digits.size() ? value : 0;
  };
  return {number(tail.substr(1, 5)), number(tail.substr(10, 5))};
}

/// Whether the word looks like a quantisation and not like "7B" or "INSTRUCT": letters of this list, followed by a
/// digit.
bool is_quant(std::string_view word) {
  constexpr std::array<std::string_view, 8> beginnings = {"Q", "IQ", "TQ", "F", "BF", "FP", "MXFP", "NVFP"};
  const auto fits = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return std::all_of(word.begin(), word.end(), fits) &&
         std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view beginning) {
           return word.starts_with(beginning) && word.size() > beginning.size() && digit(word[beginning.size()]);
         });
}

std::string quant_of(std::string_view stem) {
  const std::size_t mark = stem.find_last_of("-./");
  std::string word = upper(stem.substr(mark == stem.npos ? 0 : mark + 1));
  return is_quant(word) ? word : std::string();
}

/// The bits of a quantisation: 4 for Q4_K_M, 16 for BF16, 0 if there are none.
int bits_of(std::string_view quant) {
  const std::size_t digit = quant.find_first_of("0123456789");
  int bits = 0;
  if (digit != quant.npos) std::from_chars(quant.data() + digit, quant.data() + quant.size(), bits);
  return bits;
}

/// Whether it is a first part. The other parts follow from it.
bool is_candidate(std::string_view path) {
  const auto name = parse_gguf_name(path);
  return name && name->part == 1 && is_gguf_model(path);
}

/// Whether the name has the quantisation, such as "Q4_K_M" in "x/Model-Q4_K_M.gguf" or
/// "Q4_K_M/Model-Q4_K_M-00001-of-00002.gguf". It ends before a '.' or '-'.
bool mentions(std::string_view path, const std::string& quant) {
  const std::string text = upper(path);
  for (std::size_t at = text.find(quant); at != text.npos; at = text.find(quant, at + 1)) {
    const std::size_t end = at + quant.size();
    if (end < text.size() && (text[end] == '.' || text[end] == '-')) return true;
  }
  return false;
}

/// A file that ends in the quantisation comes before one that has it elsewhere in its name.
const std::string* first_of_quant(const std::vector<std::string>& paths, const std::string& quant) {
  const std::string* mentioned = nullptr;
  for (const std::string& path : paths) {
    if (!is_candidate(path)) continue;
    if (parse_gguf_name(path)->quant == quant) return &path;
    if (mentioned == nullptr && mentions(path, quant)) mentioned = &path;
  }
  return mentioned;
}

const std::string* first_preferred(const std::vector<std::string>& paths) {
  for (const std::string_view quant : preferred_quants)
    if (const std::string* found = first_of_quant(paths, std::string(quant))) return found;
  const auto first = std::find_if(paths.begin(), paths.end(), is_candidate);
  return first == paths.end() ? nullptr : &*first;
}

/// The projector in the nearest folder: the model's own or one above it. If there are several, the one with the nearest
/// bits.
std::string projector_for(const std::vector<std::string>& paths, std::string_view model) {
  const int model_bits = bits_of(parse_gguf_name(model)->quant);
  const std::string_view model_folder = model.substr(0, model.rfind('/') + 1);
  const std::string* best = nullptr;
  std::tuple<std::size_t, int> best_rank;
  for (const std::string& path : paths) {
    const auto name = parse_gguf_name(path);
    if (!name || path.find(projector_word) == path.npos) continue;
    const std::string_view folder = std::string_view(path).substr(0, path.rfind('/') + 1);
    if (!model_folder.starts_with(folder)) continue;
    const std::tuple rank{model_folder.size() - folder.size(), std::abs(bits_of(name->quant) - model_bits)};
    if (best != nullptr && rank >= best_rank) continue;
    best = &path;
    best_rank = rank;
  }
  return best == nullptr ? std::string() : *best;
}

std::string part_path(const GgufName& name, int part) {
  std::array<char, 32> tail{};
  std::snprintf(tail.data(), tail.size(), "-%05d-of-%05d", part, name.parts);
  return name.prefix + tail.data() + std::string(ending);
}

GgufChoice with_companions(const std::vector<std::string>& paths, const std::string& first) {
  GgufChoice choice;
  const GgufName name = *parse_gguf_name(first);
  std::map<int, std::string> parts;
  for (const std::string& path : paths) {
    const auto other = parse_gguf_name(path);
    if (other && other->prefix == name.prefix && other->parts == name.parts) parts.emplace(other->part, path);
  }
  for (auto& [part, path] : parts) choice.model.push_back(std::move(path));
  choice.complete = choice.model.size() == static_cast<std::size_t>(name.parts);
  choice.projector = projector_for(paths, first);
  return choice;
}

}  // namespace

std::optional<GgufName> parse_gguf_name(std::string_view path) {
  if (!path.ends_with(ending) || base_name(path) == ending) return std::nullopt;
  GgufName name;
  std::string_view stem = path.substr(0, path.size() - ending.size());
  if (const auto [part, parts] = part_of(stem); part >= 1 && part <= parts) {
    name.part = part;
    name.parts = parts;
    stem.remove_suffix(15);
  }
  name.prefix = stem;
  name.quant = quant_of(stem);
  return name;
}

bool is_gguf_model(std::string_view path) {
  const std::string_view name = base_name(path);
  return name.ends_with(ending) && std::none_of(companion_words.begin(), companion_words.end(),
                                                [&](std::string_view word) { return name.find(word) != name.npos; });
}

std::optional<GgufChoice> choose_gguf(const std::vector<std::string>& paths, std::string_view quant) {
  const std::string* first = quant.empty() ? first_preferred(paths) : first_of_quant(paths, upper(quant));
  if (first == nullptr) return std::nullopt;
  return with_companions(paths, *first);
}

std::optional<GgufChoice> choose_gguf_file(const std::vector<std::string>& paths, std::string_view file) {
  const auto found = std::find(paths.begin(), paths.end(), file);
  if (found == paths.end()) return std::nullopt;
  const auto name = parse_gguf_name(file);
  if (!name) return std::nullopt;
  // The engine needs the first part, whichever part was named.
  return with_companions(paths, name->part == 1 ? std::string(file) : part_path(*name, 1));
}

std::vector<std::string> gguf_alternatives(const std::vector<std::string>& paths) {
  std::vector<std::string> found;
  std::unordered_set<std::string> known;
  for (const std::string& path : paths) {
    if (!is_candidate(path)) continue;
    const std::string quant = parse_gguf_name(path)->quant;
    const std::string& name = quant.empty() ? path : quant;
    if (known.insert(name).second) found.push_back(name);
  }
  return found;
}

}  // namespace abstractllm
