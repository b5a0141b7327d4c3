// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzz target without libFuzzer: over all seeds, then over mutations of them, the same ones each time.
//   fuzz_NAME [--mutations N] SEED_FILE_OR_FOLDER…
// An input that ends the process with an abort is left in ./fuzz_failure.bin.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "fuzzing.hpp"

namespace {

namespace fs = std::filesystem;

std::string current;  // what runs, for the signal handler

/// Only what a signal handler may do: no memory, no stdio.
void leave_input(int) {
  constexpr std::string_view told = "the input is in fuzz_failure.bin\n";
  const int file = ::open("fuzz_failure.bin", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  if (file >= 0 && ::write(file, current.data(), current.size()) == static_cast<ssize_t>(current.size()))
    (void)!::write(STDERR_FILENO, told.data(), told.size());
  std::signal(SIGABRT, SIG_DFL);
}

void run(std::string input) {
  current = std::move(input);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(current.data()), current.size());
}

std::vector<std::string> read_seeds(const std::vector<fs::path>& places) {
  std::vector<fs::path> files;
  for (const fs::path& place : places) {
    if (fs::is_regular_file(place)) files.push_back(place);
    if (!fs::is_directory(place)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(place)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> seeds = {""};
  for (const fs::path& path : files) {
    std::ifstream file(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

/// Makes mutants. Only the generator of the standard library is used, not its distributions: these differ between
/// libraries.
class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  std::string next() {
    std::string text = seeds_[below(seeds_.size())];
    for (std::size_t steps = 1 + below(4); steps > 0; --steps) mutate(text);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

  void mutate(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = below(std::min<std::size_t>(text.size() - at, 64) + 1);
    switch (below(7)) {
      case 0: text.erase(at, length); break;
      case 1: text.insert(at, tokens[below(tokens.size())]); break;
      case 2: text.insert(below(text.size() + 1), text.substr(at, length)); break;
      case 3: text.resize(at); break;
      case 4: splice(text, at); break;
      case 5: text.replace(at, length, tokens[below(tokens.size())]); break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
    }
  }

  void splice(std::string& text, std::size_t at) {
    const std::string& other = seeds_[below(seeds_.size())];
    text.resize(at);
    text += other.substr(below(other.size() + 1));
  }

  static constexpr std::array<std::string_view, 36> tokens = {"\n",
                                                              "\r",
                                                              "\r\n",
                                                              "\n\n",
                                                              "data: ",
                                                              "data",
                                                              "event: error\n",
                                                              ": c\n",
                                                              "[DONE]",
                                                              "null",
                                                              "{}",
                                                              "[]",
                                                              "\"\"",
                                                              "0",
                                                              "-1",
                                                              "1e999",
                                                              "\\ud83d",
                                                              "\\u0000",
                                                              "\xEF\xBB\xBF",
                                                              "\xF0\x9F\x98\x80",
                                                              "\xFF",
                                                              "\"error\":",
                                                              "\"usage\":",
                                                              "\"choices\":",
                                                              "\"index\":",
                                                              "\"id\":",
                                                              "\"tool_calls\":",
                                                              "\"content\":",
                                                              "\"message\":",
                                                              "\"delta\":",
                                                              "\"finish_reason\":\"stop\"",
                                                              "[[[[[[[[",
                                                              "}}",
                                                              "{\"a\":",
                                                              ",",
                                                              "\"code\":"};

  const std::vector<std::string>& seeds_;
  std::mt19937_64 random_{20261124};
};

}  // namespace

int main(int argc, char** argv) {
  std::size_t mutations = 1000;
  std::vector<fs::path> places;
  for (int at = 1; at < argc; ++at) {
    if (std::string_view(argv[at]) == "--mutations" && at + 1 < argc) mutations = std::stoul(argv[++at]);
    else places.emplace_back(argv[at]);
  }
  std::signal(SIGABRT, leave_input);
  const std::vector<std::string> seeds = read_seeds(places);
  if (seeds.size() < 2) {
    std::fputs("no seeds\n", stderr);
    return 2;
  }
  for (const std::string& seed : seeds) run(seed);
  Mutator mutator(seeds);
  for (std::size_t count = 0; count < mutations; ++count) run(mutator.next());
  std::printf("%zu seeds and %zu mutations: all well\n", seeds.size(), mutations);
  return 0;
}
