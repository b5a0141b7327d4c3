// SPDX-License-Identifier: Apache-2.0
//
// Pictures for a model in this process.
#include <gtest/gtest.h>

#include <filesystem>

#include "abstractllm/abstractllm.hpp"
#include "ask.hpp"
#include "support/pictures.hpp"

namespace abstractllm::engine_test {
namespace {

using namespace testing_support;

constexpr const char* letters = R"({"grammar": "root ::= [a-z]+", "ignore_eos": true})";

Options looking() { return Options().temperature(0).max_tokens(16).extra_body(letters); }

Llm seeing(const TinyModelFile& model, const TinyProjectorFile& projector) {
  return create_llm("huggingface", model.options().mmproj(projector.path())).value();
}

std::string seen(const Llm& model, const std::string& picture) {
  const auto reply = model.generate("What is this?", looking().image(Image::bytes(picture)));
  return reply ? reply->text : reply.error().message;
}

TEST(EngineVision, DifferentPicturesGiveDifferentAnswersAndOnePictureTheSame) {
  const TinyModelFile file;
  const TinyProjectorFile projector;
  const Llm model = seeing(file, projector);
  const std::string first = seen(model, png(32, 32, red));
  EXPECT_EQ(first.size(), 16u) << first;
  EXPECT_NE(seen(model, png_checkerboard(32, 32)), first);
  EXPECT_EQ(seen(model, png(32, 32, red)), first);
  EXPECT_EQ(model.capabilities()->vision, true);
}

TEST(EngineVision, PicturesCountAsInputAndAreKeptForTheNextQuestion) {
  const TinyModelFile file;
  const TinyProjectorFile projector;
  const Llm model = seeing(file, projector);
  const auto text = model.generate("What is this?", looking());
  const auto first = model.generate("What is this?", looking().image(Image::bytes(png(32, 32))));
  const auto again = model.generate("What is this?", looking().image(Image::bytes(png(32, 32))));
  ASSERT_TRUE(text && first && again);
  EXPECT_EQ(first->usage.input_tokens.value_or(0), text->usage.input_tokens.value_or(0) + tiny_picture_tokens);
  EXPECT_GE(again->usage.cached_input_tokens.value_or(0), tiny_picture_tokens);
  EXPECT_EQ(again->text, first->text);
}

TEST(EngineVision, SeveralPicturesInSeveralTurns) {
  const TinyModelFile file;
  const TinyProjectorFile projector;
  const Llm model = seeing(file, projector);
  const auto ask = [&](const std::string& a, const std::string& b) {
    const auto reply =
        model.generate({Message::user({Image::bytes(a), std::string("or"), Image::bytes(b)}),
                        Message::assistant("Yes."), Message::user({std::string("And"), Image::bytes(a)})},
                       looking());
    return reply ? reply->text : reply.error().message;
  };
  const std::string one = ask(png(32, 32, red), png_checkerboard(32, 32));
  EXPECT_EQ(one.size(), 16u) << one;
  EXPECT_NE(one, ask(png_checkerboard(32, 32), png(32, 32, red)));
}

TEST(EngineVision, AtTheSameTimeAsTextAndStopped) {
  const TinyModelFile file;
  const TinyProjectorFile projector;
  const Llm model = seeing(file, projector);
  const std::string expected = seen(model, png(32, 32, red));
  std::vector<std::future<Result<Response>>> answers;
  std::stop_source stop;
  for (int i = 0; i < 12; ++i) {
    Options options = looking();
    if (i % 2 == 0) options.image(Image::bytes(png(32, 32, red)));
    if (i % 3 == 2) options.stop_token(stop.get_token());
    answers.push_back(model.generate_future("What is this?", options));
  }
  stop.request_stop();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto reply = answers[i].get();
    if (i % 3 == 2) continue;  // stopped, or just in time
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_TRUE(i % 2 == 1 || reply->text == expected) << i << ": " << reply->text;
  }
}

TEST(EngineVision, AProjectorBesideTheModelIsFound) {
  const Folder folder;
  const std::string model = (folder / "model.gguf").string();
  testing_support::write_tiny_model(model);
  const Options options = Options().model(model).threads(1).context_size(2048);
  const auto dropped = create_llm("huggingface", options)->generate("Hi", looking().image(Image::bytes(png(32, 32))));
  ASSERT_TRUE(dropped) << dropped.error().message;
  ASSERT_EQ(dropped->warnings.front().code, "image_dropped");
  testing_support::write_tiny_projector((folder / "mmproj-tiny.gguf").string());
  const auto reply = create_llm("huggingface", Options(options).context_size(1024))
                         ->generate("Hi", looking().image(Image::bytes(png(32, 32))));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_TRUE(reply->warnings.empty() || reply->warnings.front().code != "image_dropped");
}

TEST(EngineVision, AProjectorThatDoesNotFitIsSaid) {
  const TinyModelFile file;
  TinyProjector other;
  other.model_width = 48;
  const TinyProjectorFile projector(other);
  const auto reply = seeing(file, projector).generate("Hi", looking().image(Image::bytes(png(32, 32))));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::engine_failed);
  EXPECT_NE(reply.error().message.find("mismatch between text model"), std::string::npos) << reply.error().message;
}

TEST(EngineVision, AProjectorThatIsNoneIsSaid) {
  const TinyModelFile file;
  for (const std::string& path : {std::string("/no/such/mmproj.gguf"), file.path()}) {
    const auto reply = create_llm("huggingface", file.options().mmproj(path))
                           ->generate("Hi", looking().image(Image::bytes(png(32, 32))));
    ASSERT_FALSE(reply) << path;
    EXPECT_NE(reply.error().message.find(path), std::string::npos) << reply.error().message;
  }
}

TEST(EngineVision, APictureThatCannotBeDecodedIsSaid) {
  const TinyModelFile file;
  const TinyProjectorFile projector;
  const Llm model = seeing(file, projector);
  for (const std::string& picture : {png_beginning(32, 32), gif_beginning(32, 32), lossy_webp_beginning(32, 32)}) {
    const auto reply = model.generate("Hi", looking().image(Image::bytes(picture)));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ErrorKind::invalid_argument) << reply.error().message;
  }
  EXPECT_EQ(seen(model, png(32, 32)).size(), 16u) << "the model goes on";
}

TEST(EngineVision, MorePicturesThanFitAreSaid) {
  const TinyModelFile file;
  const TinyProjectorFile projector;
  const Llm model =
      create_llm("huggingface", file.options().mmproj(projector.path()).context_size(64).parallel(1)).value();
  Options options = looking();
  for (int i = 0; i < 80; ++i) options.image(Image::bytes(png(32, 32)));
  const auto reply = model.generate("Hi", options);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::context_length) << reply.error().message;
}

}  // namespace
}  // namespace abstractllm::engine_test
