// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "base/base64.hpp"
#include "hub/import/bpe_merges.hpp"
#include "hub/import/charsmap.hpp"
#include "hub/import/merge_scores.hpp"
#include "hub/import/protobuf.hpp"
#include "hub/import/tokenizer.hpp"
#include "support/checkpoint_files.hpp"

namespace abstractllm {
namespace {

using testing_support::CheckpointFolder;

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value > 127; value >>= 7) bytes += static_cast<char>((value & 127) | 128);
  return bytes + static_cast<char>(value);
}

std::string bytes_field(std::uint64_t number, const std::string& bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + bytes;
}
std::string number_field(std::uint64_t number, std::uint64_t value) { return varint(number << 3) + varint(value); }

std::string little_endian(std::uint32_t value) {
  std::string bytes;
  for (int at = 0; at < 4; ++at) bytes += static_cast<char>(value >> (8 * at));
  return bytes;
}

std::string piece(const std::string& text, float score, std::uint64_t type) {
  return bytes_field(1, bytes_field(1, text) + varint(2 << 3 | 5) + little_endian(std::bit_cast<std::uint32_t>(score)) +
                            number_field(3, type));
}

/// <unk> <s> </s> <0x00> … <0xFF> ▁ a ▁a
std::string sentencepiece_bytes() {
  std::string bytes = piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3);
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (unsigned byte = 0; byte < 256; ++byte)
    bytes += piece({'<', '0', 'x', digits[byte >> 4], digits[byte & 15], '>'}, 0, 6);
  bytes += piece("▁", -2, 1) + piece("a", -3, 1) + piece("▁a", -1, 1);
  return bytes + bytes_field(2, number_field(3, 2)) + bytes_field(3, number_field(3, 1) + number_field(4, 0));
}

Result<std::vector<GgufEntry>> import_bytes(const std::string& bytes, std::int64_t rows = 264) {
  const CheckpointFolder folder;
  folder.write("tokenizer.model", bytes);
  folder.write("added_tokens.json", R"({"<extra>": 262, "<far>": 5000})");
  folder.write("tokenizer_config.json",
               R"({"added_tokens_decoder": {"263": {"content": "<|x|>", "special": false}}, "add_bos_token": true})");
  return read_tokenizer(ModelFolder(folder.path()), {Json::object(), "llama", rows});
}

TEST(SentencePieceModel, IsReadWithItsScoresAndTypes) {
  const auto entries = import_bytes(sentencepiece_bytes());
  ASSERT_TRUE(entries) << entries.error().message;
  EXPECT_EQ(std::get<std::string>(entries->at(0).value), "llama");
  EXPECT_EQ(std::get<std::string>(entries->at(1).value), "default");
  const auto& texts = std::get<std::vector<std::string>>(entries->at(2).value);
  const auto& scores = std::get<std::vector<float>>(entries->at(3).value);
  const auto& types = std::get<std::vector<std::int32_t>>(entries->at(4).value);
  EXPECT_EQ(texts.at(261), "▁a");
  EXPECT_EQ(scores.at(261), -1);
  EXPECT_EQ(std::vector<std::int32_t>(types.end() - 6, types.end()), (std::vector<std::int32_t>{6, 1, 1, 1, 4, 3}));
  EXPECT_EQ(std::vector<std::int32_t>(types.begin(), types.begin() + 4), (std::vector<std::int32_t>{2, 3, 3, 6}));
}

TEST(SentencePieceModel, HasTheBlanksOfTokenizerJson) {
  const Json blanks = Json::parse(R"({"type": "Replace", "pattern": {"String": " "}, "content": "▁"})");
  const Json prepend = Json::parse(R"({"type": "Prepend", "prepend": "▁"})");
  const Json both = {{"type", "Sequence"}, {"normalizers", {prepend, blanks}}};
  for (const Json& normalizer : {blanks, both}) {
    const testing_support::CheckpointFolder folder;
    const Json model = {{"type", "BPE"}, {"byte_fallback", true}, {"vocab", Json::object()}, {"merges", Json::array()}};
    folder.write("tokenizer.json", Json{{"normalizer", normalizer}, {"model", model}}.dump());
    folder.write("tokenizer.model", sentencepiece_bytes());
    const auto entries = read_tokenizer(ModelFolder(folder.path()), {Json::object(), "llama", 264});
    ASSERT_TRUE(entries) << entries.error().message;
    const auto found = std::find_if(entries->begin(), entries->end(), [](const GgufEntry& entry) {
      return entry.key == "tokenizer.ggml.add_space_prefix";
    });
    EXPECT_EQ(found == entries->end() || std::get<bool>(found->value), normalizer == both);
  }
}

TEST(SentencePieceModel, IsRefusedWhereverItIsCut) {
  const std::string whole = sentencepiece_bytes();
  const std::size_t settings =
      whole.size() -
      (bytes_field(2, number_field(3, 2)) + bytes_field(3, number_field(3, 1) + number_field(4, 0))).size();
  for (std::size_t size = 0; size < settings; size += size < 200 ? 1 : 37)
    EXPECT_FALSE(import_bytes(whole.substr(0, size))) << size;
}

TEST(SentencePieceModel, IsRefusedIfItIsHostile) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {std::string(1000, '\xFF'), "no SentencePiece model"},
      {varint(1 << 3 | 2) + varint(~0ULL), "no SentencePiece model"},
      {varint(1 << 3 | 3), "no SentencePiece model"},
      {std::string(1, '\0'), "no SentencePiece model"},
      {piece("a", 0, 9), "token 0 is damaged"},
      {piece("a", std::numeric_limits<float>::quiet_NaN(), 1), "token 0 is damaged"},
      {piece("\xC0\x80", 0, 1), "token 0 is damaged"},
      {piece("a", 0, 1) + piece("a", 0, 1), "has two ids"},
      {piece(std::string(5000, 'a'), 0, 1), "has 5000 bytes"},
      {sentencepiece_bytes() + piece("b", 0, 1) + piece("c", 0, 1) + piece("d", 0, 1), "only 264 rows"},
      {piece("a", 0, 1) + bytes_field(2, number_field(3, 3)), "only BPE and Unigram"},
      {piece("a", 0, 1) + bytes_field(2, number_field(3, 2)) + bytes_field(3, number_field(4, 0)), "no token <0x00>"},
      {piece("a", 0, 1), "no unknown token"},
      {sentencepiece_bytes() + bytes_field(3, bytes_field(2, "map")), "no normalizer"},
      {"<!DOCTYPE html>", "no SentencePiece model"},
  };
  for (const auto& [bytes, part] : cases) {
    const auto entries = import_bytes(bytes);
    ASSERT_FALSE(entries) << part;
    EXPECT_NE(entries.error().message.find(part), std::string::npos) << entries.error().message;
  }
}

TEST(Protobuf, DoesNotRecurseInto1000Levels) {
  std::string nested;
  for (int level = 0; level < 1000; ++level) nested = bytes_field(1, nested);
  ProtobufReader reader(nested);
  EXPECT_TRUE(reader.next());
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.failed());
}

/// A trie in which `from` is replaced by the text at `offset`.
std::string charsmap(char from, std::uint32_t offset) {
  std::vector<std::uint32_t> units(256);
  const auto byte = static_cast<unsigned char>(from);
  units[0] = 0U << 10;                                 // the root's children are at their own bytes
  units[byte] = byte | 1U << 8 | (byte ^ 255U) << 10;  // it has a value, at 255
  units[255] = 1U << 31 | offset;
  std::string bytes = little_endian(1024);
  for (const std::uint32_t unit : units) bytes += little_endian(unit);
  return bytes + std::string("b\0", 2);
}

TEST(Charsmap, IsFollowedToItsEnds) {
  EXPECT_TRUE(check_charsmap(charsmap('a', 0), "f"));
  EXPECT_FALSE(check_charsmap(charsmap('a', 2), "f")) << "a text past the end";
  EXPECT_FALSE(check_charsmap(charsmap('a', 0).substr(0, 1029), "f")) << "a text without an end";
  std::string far = charsmap('a', 0);
  far[4 + 4 * 'a' + 2] = '\x7F';
  EXPECT_FALSE(check_charsmap(far, "f")) << "a node past the end";
  for (const char* bytes : {"", "abc", "\xFF\xFF\xFF\xFF", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"})
    EXPECT_FALSE(check_charsmap(bytes, "f"));
}

/// Tokens with these texts, and merges of pairs.
struct Merges {
  Vocabulary tokens = *Vocabulary::with_rows(32, "f");
  std::vector<Merge> merges;
  Merges(const std::vector<std::string>& texts, const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::int64_t id = 0;
    for (const std::string& text : texts) EXPECT_TRUE(tokens.add(id++, text, TokenType::normal));
    for (const auto& [left, right] : pairs) merges.push_back(*make_merge(left, right, tokens));
  }
  bool has_scores() const { return scores_of_merges(tokens, merges).has_value(); }
};

TEST(MergeScores, FollowTheOrderOfTheMerges) {
  const Merges merges({"a", "b", "c", "ab", "abc", "bc"}, {{"a", "b"}, {"b", "c"}, {"ab", "c"}, {"a", "bc"}});
  const auto scores = scores_of_merges(merges.tokens, merges.merges);
  ASSERT_TRUE(scores);
  EXPECT_EQ(scores->at(3), -1);
  EXPECT_EQ(scores->at(5), -2);
  EXPECT_EQ(scores->at(4), -3);
}

TEST(MergeScores, IgnoreMergesThatNeverHappen) {
  // "a" takes "b" before "c" can, so nothing joins "a" and "bc", and it does not matter when "abc" comes from them.
  const Merges merges({"a", "b", "c", "ab", "abc", "bc"}, {{"a", "bc"}, {"a", "b"}, {"b", "c"}, {"ab", "c"}});
  const auto scores = scores_of_merges(merges.tokens, merges.merges);
  ASSERT_TRUE(scores);
  EXPECT_EQ(scores->at(4), -3);
  EXPECT_TRUE(Merges({"a", "b", "c", "ab", "abc", "bc"}, {{"a", "b"}, {"b", "c"}, {"ab", "c"}}).has_scores());
}

TEST(MergeScores, DoNotExistWhereTheEngineWouldJoinOtherwise) {
  EXPECT_FALSE(Merges({"a", "b", "c", "ab", "abc", "bc"}, {{"b", "c"}, {"a", "b"}, {"ab", "c"}}).has_scores())
      << "a + bc";
  EXPECT_FALSE(Merges({"b", "ab"}, {}).has_scores()) << "a character that is no token joins";
  Merges bytes({"a", "<0x41>", "a<0x41>"}, {{"a", "<0x41>"}});
  bytes.tokens.set_type(1, TokenType::byte);
  EXPECT_FALSE(bytes.has_scores()) << "a byte joins";
}

/// The engine's way: the neighbours whose text is the token with the highest score, then those on the left.
std::vector<std::int32_t> join_by_score(const Merges& merges, const std::vector<float>& scores,
                                        std::vector<std::int32_t> symbols) {
  while (true) {
    std::optional<std::pair<std::size_t, std::int64_t>> best;
    for (std::size_t at = 0; at + 1 < symbols.size(); ++at) {
      const auto id = merges.tokens.find(merges.tokens.text(symbols[at]) + merges.tokens.text(symbols[at + 1]));
      if (id && (!best || scores[static_cast<std::size_t>(*id)] > scores[static_cast<std::size_t>(best->second)]))
        best = {at, *id};
    }
    if (!best) return symbols;
    symbols[best->first] = static_cast<std::int32_t>(best->second);
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best->first) + 1);
  }
}

/// Tokens of a and b, and most of their merges in any order, as the number has it.
Merges made_merges(std::uint32_t number) {
  const auto next = [&number](std::size_t below) {
    number = number * 1664525U + 1013904223U;
    return (number >> 8) % below;
  };
  std::vector<std::string> texts = {"a", "b"};
  const auto is_token = [&](const std::string& text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
  };
  while (texts.size() < 9) {
    std::string text = texts[next(texts.size())] + texts[next(texts.size())];
    if (text.size() <= 6 && !is_token(text)) texts.push_back(std::move(text));
  }
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& text : texts) {
    for (std::size_t at = 1; at < text.size(); ++at) {
      if (is_token(text.substr(0, at)) && is_token(text.substr(at)))
        pairs.emplace_back(text.substr(0, at), text.substr(at));
    }
  }
  for (std::size_t at = pairs.size() - 1; at > 0; --at) std::swap(pairs[at], pairs[next(at + 1)]);
  pairs.resize(pairs.size() - next(3));
  return {texts, pairs};
}

TEST(MergeScores, LeadToTheSameTokensForAllTextsWhereTheyExist) {
  int proven = 0;
  for (std::uint32_t number = 0; number < 120; ++number) {
    const Merges merges = made_merges(number);
    const auto scores = scores_of_merges(merges.tokens, merges.merges);
    if (!scores) continue;
    ++proven;
    const MergeTable table(merges.merges);
    for (std::uint32_t bits = 0; bits < 1U << 9; ++bits) {
      std::vector<std::int32_t> symbols;
      for (int at = 0; at < 9; ++at) symbols.push_back(static_cast<std::int32_t>(bits >> at & 1));
      ASSERT_EQ(table.apply(symbols).symbols, join_by_score(merges, *scores, symbols)) << number << " " << bits;
    }
  }
  EXPECT_GT(proven, 20);
  EXPECT_LT(proven, 110);
}

/// The lengths of runs of blanks in the vocabulary of Mistral, in its order.
const std::vector<std::size_t> run_lengths = {2, 4, 8, 5, 16, 6, 12, 13, 10, 14, 3, 9, 7, 11, 1};

/// Their merges, sorted by the parts' places in the vocabulary, as older files have them, or the longest parts first,
/// as newer ones have them.
Merges runs_of_blanks(bool longest_first) {
  const auto is_token = [](std::size_t length) {
    return std::find(run_lengths.begin(), run_lengths.end(), length) != run_lengths.end();
  };
  std::vector<std::pair<std::size_t, std::size_t>> parts;
  for (const std::size_t left : run_lengths) {
    for (const std::size_t right : run_lengths)
      if (is_token(left + right)) parts.emplace_back(left, right);
  }
  if (longest_first) std::sort(parts.begin(), parts.end(), std::greater<>());
  std::vector<std::string> texts;
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::size_t length : run_lengths) texts.emplace_back(length, '_');
  for (const auto& [left, right] : parts) pairs.emplace_back(std::string(left, '_'), std::string(right, '_'));
  return {texts, pairs};
}

TEST(MergeScores, ExistForTheRunsOfBlanksOfRealFiles) {
  for (const bool longest_first : {false, true}) {
    const Merges merges = runs_of_blanks(longest_first);
    const auto scores = scores_of_merges(merges.tokens, merges.merges);
    ASSERT_TRUE(scores);
    const MergeTable table(merges.merges);
    for (std::size_t length = 1; length <= 70; ++length) {
      const std::vector<std::int32_t> symbols(length, static_cast<std::int32_t>(run_lengths.size()) - 1);
      ASSERT_EQ(table.apply(symbols).symbols, join_by_score(merges, *scores, symbols)) << length;
    }
  }
}

TEST(MergeTable, MergesAsRankAndPlaceSay) {
  const Merges merges({"a", "b", "aa", "ab"}, {{"a", "a"}, {"a", "b"}});
  const MergeTable table(merges.merges);
  EXPECT_EQ(table.apply({0, 0, 0, 1}).symbols, (std::vector<std::int32_t>{2, 3}));
  EXPECT_EQ(table.apply({0, 0, 0, 1}).last_rank, 1);
  EXPECT_EQ(table.apply({1, 0}).symbols, (std::vector<std::int32_t>{1, 0}));
  EXPECT_EQ(table.apply({1, 0}).last_rank, -1);
  EXPECT_EQ(table.apply({}).symbols, std::vector<std::int32_t>());
}

}  // namespace
}  // namespace abstractllm
