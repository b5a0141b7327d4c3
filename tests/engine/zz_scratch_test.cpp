#include <fstream>
#include <iostream>
#include <sstream>
#include "engine/ask.hpp"
namespace abstractllm::engine_test {
TEST(Scratch, Run) {
  const char* m = std::getenv("SCRATCH_MODEL");
  if (!m) GTEST_SKIP();
  std::ifstream in(std::getenv("SCRATCH_BODY"));
  std::stringstream ss;
  ss << in.rdbuf();
  auto t = *make_llama_cpp_transport(Options{}.model(m).threads(2));
  const char* path = std::getenv("SCRATCH_PATH");
  for (int i = 0; i < 3; ++i) {
    const auto began = Clock::now();
    const auto c = std::clock();
    Reply r = drain(*open(*t, ss.str(), std::string("local:///v1/") + (path ? path : "embeddings")));
    std::cout << r.status << " " << std::chrono::duration<double>(Clock::now() - began).count() << " cpu "
              << double(std::clock() - c) / CLOCKS_PER_SEC << "\n";
    for (auto& w : r.warnings) std::cout << w.code << ": " << w.message << "\n";
    if (r.error) std::cout << r.error->message << "\n";
    if (i == 2) std::ofstream(std::getenv("SCRATCH_OUT")) << r.body;
  }
}
}  // namespace abstractllm::engine_test
