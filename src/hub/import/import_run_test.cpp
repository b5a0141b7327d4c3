// SPDX-License-Identifier: Apache-2.0
#include "hub/import/import_run.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/disk_file.hpp"
#include "base/json.hpp"
#include "base/process.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

/// A Llama of one layer whose weights are zeros.
class TinyCheckpoint {
 public:
  explicit TinyCheckpoint(const fs::path& folder) {
    fs::create_directories(folder);
    std::ofstream(folder / "config.json") << config();
    std::ofstream(folder / "tokenizer.json") << tokenizer();
    std::ofstream(folder / "tokenizer_config.json") << R"({"bos_token": "<s>", "eos_token": "<s>"})";
    std::ofstream(folder / "model.safetensors", std::ios::binary) << weights();
  }

 private:
  static constexpr std::int64_t width = 32;
  static constexpr std::int64_t rows = 257;

  static std::string config() {
    return R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 32, "intermediate_size": 32,
      "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2, "vocab_size": 257, "hidden_act": "silu",
      "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "max_position_embeddings": 64, "tie_word_embeddings": true,
      "bos_token_id": 256, "eos_token_id": 256})";
  }
  /// The letters of bytes are the printable ones, and for the others those from U+0100 on.
  static std::string tokenizer() {
    Json vocab = Json::object();
    int others = 0;
    for (int byte = 0; byte < 256; ++byte) {
      const bool plain = (byte > 32 && byte < 127) || (byte > 160 && byte != 173);
      const int code = plain ? byte : 256 + others++;
      std::string letter(1, static_cast<char>(code));
      if (code > 127) letter = {static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
      vocab.emplace(letter, byte);
    }
    Json level = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}, {"trim_offsets", true}};
    Json token = {{"id", 256},       {"content", "<s>"},    {"special", true},     {"lstrip", false},
                  {"rstrip", false}, {"normalized", false}, {"single_word", false}};
    Json made = {{"added_tokens", Json::array({token})},
                 {"pre_tokenizer", level},
                 {"decoder", level},
                 {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", Json::array()}}}};
    return dump_json(made);
  }
  static std::string weights() {
    Json header = Json::object();
    std::int64_t at = 0;
    const auto add = [&](const std::string& name, std::vector<std::int64_t> shape) {
      std::int64_t bytes = 4;
      for (const std::int64_t size : shape) bytes *= size;
      header.emplace(name, Json{{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {at, at + bytes}}});
      at += bytes;
    };
    add("model.embed_tokens.weight", {rows, width});
    add("model.norm.weight", {width});
    for (const char* name : {"input_layernorm", "post_attention_layernorm"})
      add(std::string("model.layers.0.") + name + ".weight", {width});
    for (const char* name : {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
                             "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"})
      add(std::string("model.layers.0.") + name + ".weight", {width, width});
    const std::string text = dump_json(header);
    std::string whole(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) whole[i] = static_cast<char>(text.size() >> (8 * i) & 255);
    return whole + text + std::string(static_cast<std::size_t>(at), '\0');
  }
};

class ImportRuns : public testing::Test {
 protected:
  ImportRuns() : folder_(fs::temp_directory_path() / ("import-run-" + std::to_string(process_id()))) {
    fs::remove_all(folder_);
    const TinyCheckpoint made(folder_ / "source");
    engine_.write = [this](const GgufModel&, const std::string& path, const GgufWatch& watch) -> Result<void> {
      ++writes_;
      std::ofstream(path) << "GGUF whole";
      if (watch.on_bytes) watch.on_bytes(1, 1);
      if (while_writing_) while_writing_();
      return {};
    };
    engine_.quantize = [this](const std::string& from, const std::string& to, const Quantisation& type,
                              const GgufWatch&) -> Result<void> {
      EXPECT_TRUE(fs::exists(from));
      std::ofstream(to) << "GGUF " << type.name;
      if (quantiser_fails_) return Error(ErrorKind::engine_failed, "no");
      return {};
    };
    engine_.quantisations = [] { return std::vector<Quantisation>{{"Q8_0", 8.5}}; };
    engine_.most_model_bytes = [this] { return most_bytes_; };
  }
  ~ImportRuns() override { fs::remove_all(folder_); }

  ImportJob job() {
    ImportJob made;
    made.source = folder_ / "source";
    made.name = made.source.string();
    made.place = place_of_folder(folder_ / "imported", made.source, source_files(made.source));
    return made;
  }
  Result<ImportedModel> run(const ImportJob& job) { return run_import(job, engine_, Clock::system()); }
  std::vector<std::string> left() const {
    std::vector<std::string> found;
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(folder_ / "imported" / "folders", failure))
      found.push_back(entry.path().filename().string());
    return found;
  }

  fs::path folder_;
  GgufEngine engine_;
  int writes_ = 0;
  bool quantiser_fails_ = false;
  std::int64_t most_bytes_ = 0;
  std::function<void()> while_writing_;
};

TEST_F(ImportRuns, WriteOnceAndReuse) {
  const auto first = run(job());
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_FALSE(first->reused);
  EXPECT_EQ(first->type, "F32");
  EXPECT_EQ(first->size_bytes, 10);
  const auto second = run(job());
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->reused);
  EXPECT_EQ(second->model_file, first->model_file);
  EXPECT_EQ(writes_, 1);
}

TEST_F(ImportRuns, RefuseASourceThatChangesMeanwhile) {
  while_writing_ = [this] { std::ofstream(folder_ / "source/tokenizer_config.json") << "{} "; };
  const auto made = run(job());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::engine_failed);
  EXPECT_NE(made.error().message.find("'tokenizer_config.json'"), std::string::npos) << made.error().message;
  EXPECT_TRUE(left().empty());
  while_writing_ = [this] { std::ofstream(folder_ / "source/chat_template.jinja") << "new"; };
  EXPECT_FALSE(run(job()));
  EXPECT_TRUE(left().empty());
}

TEST_F(ImportRuns, RemoveTheFileBetweenWhenTheQuantiserFails) {
  ImportJob wanted = job();
  wanted.type = import_type("q8_0", engine_).value();
  quantiser_fails_ = true;
  EXPECT_FALSE(run(wanted));
  EXPECT_TRUE(left().empty());
  quantiser_fails_ = false;
  const auto made = run(wanted);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->type, "Q8_0");
  EXPECT_EQ(left().size(), 2U);  // the model and its notes
}

TEST_F(ImportRuns, QuantiseWhatWasImportedBefore) {
  ASSERT_TRUE(run(job()));
  ImportJob wanted = job();
  wanted.type = import_type("Q8_0", engine_).value();
  ASSERT_TRUE(run(wanted));
  EXPECT_EQ(writes_, 1);
}

TEST_F(ImportRuns, WarnOfAModelThatCannotBeLoaded) {
  most_bytes_ = 1000;
  const auto made = run(job());
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_EQ(made->warnings.size(), 1U);
  EXPECT_EQ(made->warnings[0].code, "model_exceeds_memory");
  EXPECT_EQ(run(job())->warnings, made->warnings);  // also the next time
  EXPECT_FALSE(check_memory("x", 1001, ImportType(), engine_));
  EXPECT_TRUE(check_memory("x", 1000, ImportType(), engine_));
  EXPECT_TRUE(check_memory("x", 1500, import_type("Q8_0", engine_).value(), engine_));
}

TEST_F(ImportRuns, RemoveWhatDeadProcessesLeftAndNothingElse) {
  const ImportPlace place = *job().place;
  fs::create_directories(place.folder);
  const fs::path dead = place.model("F32").string() + ".1-1.tmp";
  const fs::path other = place.folder / "other-F32-v1.gguf.1-1.tmp";
  for (const fs::path& path : {dead, other}) std::ofstream(path) << "GG";
  ASSERT_TRUE(run(job()));
  EXPECT_FALSE(fs::exists(dead));
  EXPECT_TRUE(fs::exists(other));
}

TEST_F(ImportRuns, EndWhenTheyAreStoppedAndLeaveNothing) {
  std::stop_source stop;
  ImportJob wanted = job();
  wanted.stop = stop.get_token();
  const auto lock_folder = wanted.place->lock().parent_path();
  fs::create_directories(lock_folder);
  auto held = FileLock::try_take(wanted.place->lock());
  ASSERT_TRUE(held && *held);
  int waited = 0;
  wanted.on_progress = [&](const ImportProgress& now) {
    EXPECT_EQ(now.stage, ImportProgress::Stage::waiting);
    if (++waited == 2) stop.request_stop();
  };
  const auto made = run(wanted);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(left().empty());
}

TEST_F(ImportRuns, KnowTheNamesOfTypes) {
  EXPECT_EQ(import_type("", engine_)->name, "");
  EXPECT_EQ(import_type("bf16", engine_)->name, "BF16");
  const auto unknown = import_type("Q4_K_X", engine_);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::invalid_argument);
  EXPECT_NE(unknown.error().message.find("Q8_0"), std::string::npos);
  ImportJob wanted = job();
  wanted.type = import_type("F16", engine_).value();
  const auto other = run(wanted);
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("F32"), std::string::npos) << other.error().message;
}

}  // namespace
}  // namespace abstractllm
