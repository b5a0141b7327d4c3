// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "abstractllm/json.hpp"
#include "abstractllm/llm.hpp"
#include "commands/commands.hpp"
#include "commands/run_command.hpp"
#include "interrupt.hpp"
#include "npy_file.hpp"
#include "text_lines.hpp"

namespace abstractllm::cli {
namespace {

/// The sums of a·b and of b·b. Sixteen sums of each, because the compiler may not change the order of additions, and
/// one sum would wait for itself.
struct Products {
  explicit Products(const float* a, const float* b, std::size_t size) {
    constexpr std::size_t lanes = 16;
    std::array<float, lanes> dots{};
    std::array<float, lanes> squares{};
    std::size_t at = 0;
    for (; at + lanes <= size; at += lanes) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        dots[lane] += a[at + lane] * b[at + lane];
        squares[lane] += b[at + lane] * b[at + lane];
      }
    }
    for (; at < size; ++at) {
      dot += static_cast<double>(a[at]) * static_cast<double>(b[at]);
      square += static_cast<double>(b[at]) * static_cast<double>(b[at]);
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      dot += static_cast<double>(dots[lane]);
      square += static_cast<double>(squares[lane]);
    }
  }
  double dot = 0;
  double square = 0;
};

struct Match {
  double score;
  std::uint64_t row;
  /// Whether it comes before `other`: a larger score, then a smaller number.
  bool operator<(const Match& other) const { return score != other.score ? score > other.score : row < other.row; }
};

/// Keeps the best matches.
class BestMatches {
 public:
  explicit BestMatches(std::size_t most) : most_(most) {}

  void offer(Match match) {
    if (heap_.size() == most_ && !(match < heap_.front())) return;
    if (heap_.size() == most_) {
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.pop_back();
    }
    heap_.push_back(match);
    std::push_heap(heap_.begin(), heap_.end());
  }
  std::vector<Match> take() && {
    std::sort_heap(heap_.begin(), heap_.end());
    return std::move(heap_);
  }

 private:
  std::size_t most_;
  std::vector<Match> heap_;  // the worst one is first
};

Result<std::vector<Match>> search(NpyReader& file, std::span<const float> query, std::size_t most,
                                  const std::stop_token& stop) {
  const double length = std::sqrt(Products(query.data(), query.data(), query.size()).square);
  if (!(length > 0) || !std::isfinite(length))
    return Error(ErrorKind::protocol, "the vector of QUERY has no direction: its length is 0, or it is too large");
  BestMatches best(most);
  std::uint64_t row = 0;
  for (;;) {
    if (stop.stop_requested()) return Error(ErrorKind::cancelled, "the search was stopped");
    const auto rows = file.next();
    if (!rows) return rows.error();
    if (rows->empty()) return std::move(best).take();
    for (std::size_t at = 0; at < rows->size(); at += query.size(), ++row) {
      const Products products(query.data(), rows->data() + at, query.size());
      if (!std::isfinite(products.square) || !std::isfinite(products.dot))
        return Error(ErrorKind::invalid_argument,
                     "vector " + std::to_string(row) + " of the file has numbers that are not finite, or too large");
      // A vector of zeros is like nothing.
      const double score = products.square > 0 ? products.dot / (length * std::sqrt(products.square)) : 0;
      best.offer({std::clamp(score, -1.0, 1.0), row});
    }
  }
}

/// Returns the texts of these matches by their numbers. Errors: invalid_argument if the file has another number of
/// texts than there are vectors.
Result<std::map<std::uint64_t, std::string>> texts_of(const std::vector<Match>& matches, const std::string& path,
                                                      std::uint64_t rows, int wake) {
  std::map<std::uint64_t, std::string> texts;
  for (const Match& match : matches) texts.emplace(match.row, std::string());
  auto lines = TextLines::open(path, wake);
  if (!lines) return std::move(lines).error();
  std::uint64_t count = 0;
  for (;; ++count) {
    auto text = lines->next();
    if (!text) return std::move(text).error();
    if (!*text) break;
    if (const auto wanted = texts.find(count); wanted != texts.end()) wanted->second = **std::move(text);
  }
  if (count != rows)
    return Error(ErrorKind::invalid_argument, "'" + path + "' has " + std::to_string(count) + " texts, but there are " +
                                                  std::to_string(rows) +
                                                  " vectors: it is not the file they were made of");
  return texts;
}

std::string score_text(double score) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4f", score);
  return text.data();
}

class MatchPrinter {
 public:
  MatchPrinter(const SimilarArgs& args, const std::map<std::uint64_t, std::string>& texts)
      : args_(args), texts_(texts) {}

  std::string print(const std::vector<Match>& matches, const Embeddings& query) const {
    return args_.format == Format::json ? as_json(matches, query) : as_lines(matches);
  }

 private:
  std::string as_lines(const std::vector<Match>& matches) const {
    std::string lines;
    for (const Match& match : matches) {
      lines += score_text(match.score) + "\t" + std::to_string(match.row);
      if (args_.texts_file) lines += "\t" + printable(texts_.at(match.row));
      lines += "\n";
    }
    return lines;
  }

  std::string as_json(const std::vector<Match>& matches, const Embeddings& query) const {
    std::string results;
    for (const Match& match : matches) {
      std::array<char, 32> score{};
      std::snprintf(score.data(), score.size(), "%.9g", match.score);
      results +=
          (results.empty() ? "" : ",") + ("{\"index\":" + std::to_string(match.row)) + ",\"score\":" + score.data();
      if (args_.texts_file) results += ",\"text\":" + json_string(texts_.at(match.row));
      results += "}";
    }
    std::string json = "{\"model\":" + json_string(query.model) + ",\"results\":[" + results + "]";
    if (query.usage.input_tokens.known())
      json += ",\"usage\":{\"input_tokens\":" + std::to_string(query.usage.input_tokens.value_or(0)) + "}";
    return json + "}\n";
  }

  const SimilarArgs& args_;
  const std::map<std::uint64_t, std::string>& texts_;
};

Result<std::string> answer(const SimilarArgs& args, const Llm& llm, const Interrupt& interrupt) {
  Result<NpyReader> file = NpyReader::open(args.file);
  if (!file) return std::move(file).error();
  const auto query = llm.embed(args.query, Options().stop_token(interrupt.token()));
  if (!query) return query.error();
  if (!args.quiet && args.format == Format::text) report_warnings(query->warnings);
  if (file->shape().rows > 0 && query->dimensions() != file->shape().columns)
    return Error(ErrorKind::invalid_argument,
                 "the vectors of '" + args.file + "' have " + std::to_string(file->shape().columns) +
                     " numbers, and that of QUERY has " + std::to_string(query->dimensions()) +
                     ": was the file made by another model?");
  const auto matches = search(*file, (*query)[0], static_cast<std::size_t>(args.count), interrupt.token());
  if (!matches) return matches.error();
  std::map<std::uint64_t, std::string> texts;
  if (args.texts_file) {
    auto found = texts_of(*matches, *args.texts_file, file->shape().rows, interrupt.descriptor());
    if (!found) return std::move(found).error();
    texts = *std::move(found);
  }
  return MatchPrinter(args, texts).print(*matches, *query);
}

int run(const SimilarArgs& args) {
  Output output;
  const Interrupt interrupt;  // before anything starts a thread
  output.give_up_when_readable(interrupt.descriptor());
  const LogSink log = log_to_standard_error(args.verbosity);
  const Result<Llm> llm = create_llm(args.provider, args.options);
  if (!llm) return report_error(llm.error(), args.format);
  const auto text = answer(args, *llm, interrupt);
  if (!text) return report_error(text.error(), args.format);
  output.write(*text);
  return output.given_up() ? exit_code(ErrorKind::cancelled) : finish_output(output, args.format);
}

}  // namespace

int find_similar(Words words) {
  return run_command("similar", requested_format(words), parse_similar(words),
                     [](const auto& args) { return run(args); });
}

}  // namespace abstractllm::cli
