// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a chat template: the model answers, or an error says what is wrong with the template.
#include <unistd.h>

#include <filesystem>
#include <string>

#include "abstractllm/abstractllm.hpp"
#include "abstractllm/log.hpp"
#include "base/utf8.hpp"
#include "fuzzing.hpp"
#include "support/tiny_model.hpp"

namespace {

using abstractllm::ErrorKind;
using abstractllm::Message;
using abstractllm::Options;
using abstractllm::fuzzing::require;

/// A model in a file, gone at the end of the process.
class Model {
 public:
  Model() : file_(std::filesystem::temp_directory_path() / ("fuzz-" + std::to_string(::getpid()) + ".gguf")) {
    abstractllm::testing_support::write_tiny_model(file_);
    llm = *abstractllm::create_llm("huggingface", Options().model(file_.string()).max_tokens(1).temperature(0));
  }
  ~Model() {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
  }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  std::optional<abstractllm::Llm> llm;

 private:
  std::filesystem::path file_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Model model;
  const std::string input(abstractllm::fuzzing::text_of(data, size));
  const auto reply = model.llm->generate({Message::system("Be brief."), Message::user("Hi <|im_end|>")},
                                         Options().chat_template(input));
  if (reply) return 0;
  const abstractllm::Error& error = reply.error();
  require(error.kind == ErrorKind::engine_failed || error.kind == ErrorKind::invalid_argument ||
              error.kind == ErrorKind::context_length,
          "what fails is the template");
  require(!error.message.empty() && !abstractllm::find_invalid_utf8(error.message), "an error says what is wrong");
  return 0;
}
