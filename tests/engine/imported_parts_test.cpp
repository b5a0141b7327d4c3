// SPDX-License-Identifier: Apache-2.0
//
// Checkpoints of more than a text model: with a vision tower, with adapters of their own.
#include <gtest/gtest.h>

#include "abstractllm/abstractllm.hpp"
#include "abstractllm/import.hpp"
#include "ask.hpp"
#include "support/fabricated.hpp"
#include "support/pictures.hpp"

namespace abstractllm::engine_test {
namespace {

using namespace testing_support;

constexpr const char* letters = R"({"grammar": "root ::= [a-z]+", "ignore_eos": true})";

/// A fabricated checkpoint, and a cache of its own.
class Fabricated {
 public:
  explicit Fabricated(const std::string& name) {
    write_recipe_named(name, folder_);
    setenv("XDG_CACHE_HOME", cache_.path().c_str(), 1);
  }
  ~Fabricated() { unsetenv("XDG_CACHE_HOME"); }
  Fabricated(const Fabricated&) = delete;
  Fabricated& operator=(const Fabricated&) = delete;

  Options options() const { return Options().model(folder_.path().string()).temperature(0).extra_body(letters); }

 private:
  CheckpointFolder folder_;
  CheckpointFolder cache_;
};

std::string text_of(const Result<Response>& reply) { return reply ? reply->text : reply.error().message; }

class SeeingModel : public testing::TestWithParam<const char*> {};

TEST_P(SeeingModel, AnswersAccordingToThePicture) {
  const Fabricated checkpoint(std::string("seeing/") + GetParam());
  const auto model = create_llm("huggingface", checkpoint.options().max_tokens(16));
  ASSERT_TRUE(model) << model.error().message;
  const auto seen = [&](const std::string& picture) {
    return text_of(model->generate("What is this?", Options().image(Image::bytes(picture))));
  };
  const std::string first = seen(png(32, 32, red));
  EXPECT_EQ(first.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), std::string::npos) << first;
  EXPECT_EQ(seen(png(32, 32, red)), first);
  EXPECT_NE(seen(png_checkerboard(32, 32)), first);
  EXPECT_EQ(model->capabilities()->vision, true);
}

INSTANTIATE_TEST_SUITE_P(Forms, SeeingModel, testing::Values("gemma3", "llava", "smolvlm"));

TEST(Phi4mm, AnswersInPartsAsTransformersDoes) {
  const Fabricated checkpoint("phi4mm");
  const auto answers = expected_answers("phi4mm", "base");
  ASSERT_FALSE(answers.empty());
  // In a longer context the engine takes the long factors from the beginning.
  const auto model = create_llm("huggingface", checkpoint.options().max_tokens(12).context_size(256));
  ASSERT_TRUE(model) << model.error().message;
  for (const auto& [prompt, answer] : answers) {
    std::string text;
    Stream stream = model->stream(prompt);
    for (const StreamEvent& event : stream)
      if (const auto* delta = std::get_if<TextDelta>(&event)) text += delta->text;
    EXPECT_EQ(text, answer);
  }
}

TEST(Phi4mm, AnswersWithAnAdapterAsTransformersDoes) {
  const Fabricated checkpoint("phi4mm");
  const auto imported = import_model(*checkpoint.options().model());
  ASSERT_TRUE(imported) << imported.error().message;
  ASSERT_EQ(imported->adapters.size(), 2U);
  for (const ImportedAdapter& adapter : imported->adapters) {
    const auto answers = expected_answers("phi4mm", adapter.name);
    ASSERT_FALSE(answers.empty()) << adapter.name;
    const auto model =
        create_llm("huggingface", checkpoint.options().max_tokens(12).context_size(256).adapters({adapter.file}));
    ASSERT_TRUE(model) << model.error().message;
    for (const auto& [prompt, answer] : answers) EXPECT_EQ(text_of(model->generate(prompt)), answer) << adapter.name;
  }
}

}  // namespace
}  // namespace abstractllm::engine_test
