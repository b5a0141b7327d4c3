// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/gguf_writer.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "base/process.hpp"
#include "gguf.h"
#include "support/tiny_model.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

using File = std::unique_ptr<gguf_context, decltype(&gguf_free)>;

GgufTensor tensor(const std::string& name, std::vector<std::int64_t> sizes, std::byte fill = std::byte{1}) {
  GgufTensor made{name, TensorType::f16, std::move(sizes), {}};
  made.read = [fill, made](const ByteSink& sink) {
    return sink(std::vector<std::byte>(static_cast<std::size_t>(size_bytes(made)), fill));
  };
  return made;
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class GgufWriter : public testing::Test {
 protected:
  GgufWriter() : path_(fs::temp_directory_path() / ("gguf-writer-" + std::to_string(process_id()) + ".gguf")) {}
  ~GgufWriter() override { fs::remove(path_); }

  void expect_refused(const GgufModel& model, const char* word) const {
    const auto written = write_gguf(model, path_.string());
    ASSERT_FALSE(written) << word;
    EXPECT_EQ(written.error().kind, ErrorKind::engine_failed);
    EXPECT_NE(written.error().message.find(word), std::string::npos) << written.error().message;
    EXPECT_FALSE(fs::exists(path_));
  }

  fs::path path_;
};

TEST_F(GgufWriter, WritesWhatTheEngineReads) {
  GgufModel model;
  model.add("general.architecture", std::string("llama"));
  model.add("a", std::uint32_t{7});
  model.add("b", std::vector<std::string>{"x", "", "ÿ"});
  model.add("c", std::vector<bool>{true, false, true});
  model.add("d", std::vector<float>{0.5F});
  model.add("e", std::vector<std::int32_t>{});
  model.tensors = {tensor("first", {3, 5}), tensor("second", {7}, std::byte{2})};
  std::vector<std::int64_t> told;
  ASSERT_TRUE(
      write_gguf(model, path_.string(), {{}, [&](std::int64_t bytes, std::int64_t) { told.push_back(bytes); }}));
  EXPECT_EQ(told, (std::vector<std::int64_t>{0, 30, 44}));

  ggml_context* tensors = nullptr;
  const File file(gguf_init_from_file(path_.c_str(), {false, &tensors}), &gguf_free);
  ASSERT_TRUE(file);
  EXPECT_EQ(gguf_get_n_kv(file.get()), 6);
  EXPECT_EQ(gguf_get_val_u32(file.get(), gguf_find_key(file.get(), "a")), 7U);
  EXPECT_STREQ(gguf_get_arr_str(file.get(), gguf_find_key(file.get(), "b"), 2), "ÿ");
  EXPECT_EQ(gguf_get_arr_n(file.get(), gguf_find_key(file.get(), "e")), 0U);
  const ggml_tensor* second = ggml_get_tensor(tensors, "second");
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->ne[0], 7);
  EXPECT_EQ(static_cast<const char*>(second->data)[13], 2);
  ggml_free(tensors);
}

TEST_F(GgufWriter, RefusesWhatWouldEndTheProcess) {
  GgufModel model;
  model.add("key", true);
  model.add("key", true);
  expect_refused(model, "'key' occurs twice");
  model = {};
  model.add("", true);
  expect_refused(model, "a key is empty");
  model = {};
  model.add("general.alignment", std::uint32_t{3});
  expect_refused(model, "general.alignment");
  model = {};
  model.add("texts", std::vector<std::string>{std::string("a\0b", 3)});
  expect_refused(model, "NUL");
  const std::string long_name(64, 'x');
  const std::pair<std::vector<GgufTensor>, const char*> cases[] = {
      {{tensor("t", {1}), tensor("t", {1})}, "'t' occurs twice"},
      {{tensor("", {1})}, "tensor name ''"},
      {{tensor(long_name, {1})}, "1 to 63 bytes"},
      {{tensor("t", {})}, "0 dimensions"},
      {{tensor("t", {1, 1, 1, 1, 1})}, "5 dimensions"},
      {{tensor("t", {4, 0})}, "a dimension of 0"},
      {{tensor("t", {-4, -4})}, "a dimension of -4"},
      {{tensor("t", {std::int64_t{1} << 32, std::int64_t{1} << 32})}, "too large"},
      {{tensor("t", {std::int64_t{1} << 49}), tensor("u", {std::int64_t{1} << 48})}, "together"},
  };
  for (const auto& [tensors, word] : cases) {
    model = {};
    model.tensors = tensors;
    expect_refused(model, word);
  }
}

TEST_F(GgufWriter, TakesATensorInPiecesAndRefusesAnotherSize) {
  GgufModel model;
  model.tensors = {tensor("a", {3}), tensor("b", {2})};
  model.tensors[0].read = [](const ByteSink& sink) -> Result<void> {
    for (const char letter : {'u', 'v', 'w', 'x', 'y', 'z'})
      if (auto taken = sink(std::as_bytes(std::span(&letter, 1))); !taken) return taken;
    return {};
  };
  ASSERT_TRUE(write_gguf(model, path_.string()));
  const auto text = read_text(path_);
  EXPECT_EQ(text.substr(text.size() - 64),
            "uvwxyz" + std::string(26, '\0') + std::string(4, '\1') + std::string(28, '\0'));
  for (const std::vector<std::int64_t>& sizes : {std::vector<std::int64_t>{2}, {4}}) {
    model.tensors[0].sizes = sizes;
    const auto written = write_gguf(model, path_.string());
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, ErrorKind::internal);
    EXPECT_FALSE(fs::exists(path_));
  }
}

TEST_F(GgufWriter, LeavesNothingAfterAnError) {
  GgufModel model;
  model.tensors = {tensor("a", {1000}), tensor("b", {1000})};
  model.tensors[1].read = [](const ByteSink&) { return Result<void>(Error(ErrorKind::engine_failed, "cut")); };
  EXPECT_EQ(write_gguf(model, path_.string()).error().message, "cut");
  EXPECT_FALSE(fs::exists(path_));
  std::stop_source stop;
  model.tensors[1].read = model.tensors[0].read;
  const auto stopped = write_gguf(model, path_.string(), {stop.get_token(), [&](std::int64_t bytes, std::int64_t) {
                                                            if (bytes > 0) stop.request_stop();
                                                          }});
  EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
  EXPECT_FALSE(fs::exists(path_));
  const auto nowhere = write_gguf(model, (path_ / "below").string());
  EXPECT_EQ(nowhere.error().kind, ErrorKind::not_configured);
  EXPECT_NE(nowhere.error().message.find("below"), std::string::npos);
}

TEST_F(GgufWriter, QuantisesAndStops) {
  const std::string from = path_.string() + ".from";
  testing_support::write_tiny_model(from);
  const Quantisation type{"Q8_0", 8.5};
  int told = 0;
  const auto done = quantize_gguf(from, path_.string(), type, {{}, [&](std::int64_t, std::int64_t) { ++told; }});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_GT(told, 1);
  EXPECT_LT(fs::file_size(path_), fs::file_size(from));
  std::stop_source stop;
  const auto stopped = quantize_gguf(from, path_.string(), type,
                                     {stop.get_token(), [&](std::int64_t, std::int64_t) { stop.request_stop(); }});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_FALSE(quantize_gguf(from, path_.string(), {"Q9_9", 9}));
  fs::resize_file(from, 1000);
  const auto damaged = quantize_gguf(from, path_.string(), type);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().kind, ErrorKind::engine_failed);
  EXPECT_FALSE(fs::exists(path_));
  fs::remove(from);
}

}  // namespace
}  // namespace abstractllm
