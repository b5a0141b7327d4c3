// SPDX-License-Identifier: Apache-2.0
//
// Recordings for a model in this process.
#include <gtest/gtest.h>

#include "abstractllm/abstractllm.hpp"
#include "ask.hpp"
#include "base/base64.hpp"
#include "support/pictures.hpp"
#include "support/sounds.hpp"
#include "support/tiny_ear.hpp"

namespace abstractllm::engine_test {
namespace {

using namespace testing_support;
using namespace std::string_literals;

class EngineHearing : public ::testing::Test {
 protected:
  EngineHearing() { write_tiny_ear(ear_); }

  static Options asking() {
    return Options().temperature(0).max_tokens(16).extra_body(R"({"grammar": "root ::= [a-z]+", "ignore_eos": true})");
  }
  Llm hearing() const { return create_llm("huggingface", model_.options().mmproj(ear_)).value(); }
  static std::string heard(const Llm& model, const std::string& sound) {
    const auto reply = model.generate("What is said?", asking().audio(Audio::bytes(sound)));
    return reply ? reply->text : std::string(to_string(reply.error().kind)) + ": " + reply.error().message;
  }

  const TinyModelFile model_;
  const Folder folder_;
  const std::string ear_ = (folder_ / "tiny-ear.gguf").string();
};

TEST_F(EngineHearing, OneRecordingGivesOneAnswer) {
  const Llm model = hearing();
  const std::string first = heard(model, wav(16000));
  EXPECT_EQ(first.size(), 16u) << first;
  EXPECT_EQ(heard(model, wav(16000)), first);
  EXPECT_EQ(model.capabilities()->hearing, true);
  EXPECT_EQ(model.capabilities()->vision, false);
}

TEST_F(EngineHearing, EachFormatIsDecoded) {
  const Llm model = hearing();
  for (const std::string& sound : {wav(8000, 8000), mp3(20), id3_tag(40, std::string(40, '\0')) + mp3(20), flac()})
    EXPECT_EQ(heard(model, sound).size(), 16u) << heard(model, sound);
}

TEST_F(EngineHearing, ARecordingCountsAsInputAndIsKeptForTheNextQuestion) {
  const Llm model = hearing();
  const auto text = model.generate("What is said?", asking());
  const auto first = model.generate("What is said?", asking().audio(Audio::bytes(wav(16000))));
  const auto again = model.generate("What is said?", asking().audio(Audio::bytes(wav(16000))));
  ASSERT_TRUE(text && first && again);
  EXPECT_EQ(first->usage.input_tokens.value_or(0), text->usage.input_tokens.value_or(0) + tiny_recording_tokens);
  EXPECT_GE(again->usage.cached_input_tokens.value_or(0), tiny_recording_tokens);
  EXPECT_EQ(again->text, first->text);
}

TEST_F(EngineHearing, AModelThatHearsDoesNotSee) {
  const auto reply = hearing().generate("Hi", asking().image(Image::bytes(png(8, 8))).audio(Audio::bytes(wav(1600))));
  ASSERT_TRUE(reply) << reply.error().message;
  ASSERT_FALSE(reply->warnings.empty());
  EXPECT_EQ(reply->warnings.front().code, "image_dropped");
}

TEST_F(EngineHearing, AModelThatSeesOrReadsDropsAudio) {
  const TinyProjectorFile eye;
  for (const Options& options : {model_.options(), model_.options().mmproj(eye.path())}) {
    const auto reply = create_llm("huggingface", options)->generate("Hi", asking().audio(Audio::bytes(wav(1600))));
    ASSERT_TRUE(reply) << reply.error().message;
    ASSERT_FALSE(reply->warnings.empty());
    EXPECT_EQ(reply->warnings.front().code, "audio_dropped");
  }
}

TEST_F(EngineHearing, WhatCannotBeDecodedIsSaidAndTheModelGoesOn) {
  const Llm model = hearing();
  const std::string rows[] = {
      id3_tag(100'000, std::string(100'000, 'x')) + std::string(9000, 'x') + "ID3",  // no frame anywhere
      flac_beginning(0) + std::string(100, '\0'),                                    // no length and no frame
      std::string("\xFF\xFB\x90\x64", 4),                                            // a frame that is cut off
  };
  for (const std::string& sound : rows) {
    const std::string answer = heard(model, sound);
    EXPECT_TRUE(answer.starts_with("invalid_argument: ")) << answer;
  }
  EXPECT_EQ(heard(model, wav(1600)).size(), 16u);
}

// The engine would take eight bytes of memory for each claimed sample, or end the process for none at all.
TEST_F(EngineHearing, ClaimsOfAHeaderTakeNoMemory) {
  const Llm model = hearing();
  const std::string audio = wav(1600);
  // Past our own reader, which knows the header: a format chunk whose samples are larger than it says.
  std::string far = wav_header(0xFFFFFFF0).substr(0, 36);
  while (far.size() < 140'000) far += wav_chunk("JUNK", std::string(1000, '\0'));
  far += "data\xF0\xFF\xFF\xFF"s + std::string(100, '\0');
  const std::string answer = heard(model, far);
  EXPECT_TRUE(answer.starts_with("invalid_argument: ") || answer.size() == 16u) << answer;
  EXPECT_EQ(heard(model, audio).size(), 16u);
}

TEST_F(EngineHearing, MoreThanAnHourIsRefusedBeforeItIsDecoded) {
  const std::string hour_and_more = slow_mp3(50'100);
  const std::string answer = heard(hearing(), hour_and_more);
  EXPECT_TRUE(answer.starts_with("invalid_argument: audio 1 has a length of 3607 seconds")) << answer;
  EXPECT_NE(answer.find("takes at most 3600"), std::string::npos) << answer;
}

// The engine's own bound, for what our reader cannot count.
TEST_F(EngineHearing, TheEngineDecodesNoMoreThanAnHour) {
  const auto transport = *make_llama_cpp_transport(model_.options().mmproj(ear_));
  const auto reply = [&](const std::string& sound) {
    const json audio = {{"data", to_base64(sound)}, {"format", "mp3"}};
    const json content = {{{"type", "input_audio"}, {"input_audio", audio}}, {{"type", "text"}, {"text", "Hi"}}};
    return ask(*transport, {{"messages", {{{"role", "user"}, {"content", content}}}}, {"max_tokens", 2}});
  };
  EXPECT_EQ(reply(slow_mp3(20)).status, 200);
  const Reply refused = reply(slow_mp3(50'100));
  EXPECT_EQ(refused.status, 400) << refused.body;
  EXPECT_NE(refused.body.find("longer than an hour (3600 seconds)"), std::string::npos) << refused.body;
  const Reply empty = reply(flac_beginning(0) + std::string(100, '\0'));
  EXPECT_EQ(empty.status, 400) << empty.body;
}

TEST_F(EngineHearing, MoreThanFitsIsSaid) {
  const Llm model = create_llm("huggingface", model_.options().mmproj(ear_).context_size(64).parallel(1)).value();
  // The engine makes the context 256 tokens large, and each half minute is 30 tokens.
  const std::string answer = heard(model, wav(8000 * 300, 8000));
  EXPECT_TRUE(answer.starts_with("context_length: ")) << answer;
}

}  // namespace
}  // namespace abstractllm::engine_test
