// SPDX-License-Identifier: Apache-2.0
#include "hub/import/checkpoint.hpp"

#include <gtest/gtest.h>

#include "support/checkpoint_files.hpp"

namespace abstractllm {
namespace {

using testing_support::CheckpointFolder;
using testing_support::counting;
using testing_support::safetensors_text;

constexpr const char* index_file = "model.safetensors.index.json";

/// Two shards and their index.
void write_shards(const CheckpointFolder& folder) {
  folder.write("s1.safetensors", safetensors_text({counting("a", {2}), counting("b", {3})}));
  folder.write("s2.safetensors", safetensors_text({counting("c", {4})}));
  folder.write(index_file, R"({"metadata": {"total_size": 36},
    "weight_map": {"a": "s1.safetensors", "b": "s1.safetensors", "c": "s2.safetensors"}})");
}

Error error_of(const CheckpointFolder& folder) {
  const auto opened = open_checkpoint(ModelFolder(folder.path()));
  return opened ? Error(ErrorKind::internal, "it was opened") : opened.error();
}

testing::AssertionResult is(const Error& error, ErrorKind kind, const std::string& part) {
  if (error.kind == kind && error.message.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << to_string(error.kind) << ": " << error.message;
}

TEST(Checkpoint, OpensOneFile) {
  const CheckpointFolder folder;
  folder.write("model.safetensors", safetensors_text({counting("a", {2}), counting("b", {3})}));
  const auto opened = open_checkpoint(ModelFolder(folder.path()));
  ASSERT_TRUE(opened) << opened.error().message;
  ASSERT_EQ(opened->tensors.size(), 2U);
  EXPECT_EQ(opened->tensors[1].stored.name, "b");
}

TEST(Checkpoint, OpensShards) {
  const CheckpointFolder folder;
  write_shards(folder);
  const auto opened = open_checkpoint(ModelFolder(folder.path()));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->tensors.size(), 3U);
  EXPECT_TRUE(opened->warnings.empty());
}

TEST(Checkpoint, NamesAMissingShard) {
  const CheckpointFolder folder;
  write_shards(folder);
  std::filesystem::remove(folder.path() / "s2.safetensors");
  EXPECT_TRUE(is(error_of(folder), ErrorKind::not_configured, "s2.safetensors"));
}

TEST(Checkpoint, RefusesAShardOfAnotherRevision) {
  const CheckpointFolder folder;
  write_shards(folder);
  folder.write("s2.safetensors", safetensors_text({counting("d", {4})}));
  EXPECT_TRUE(is(error_of(folder), ErrorKind::engine_failed, "'d'"));
  folder.write("s2.safetensors", safetensors_text(std::vector<testing_support::FileTensor>{}));
  EXPECT_TRUE(is(error_of(folder), ErrorKind::engine_failed, "'c' into 's2.safetensors', which lacks it"));
  folder.write("s2.safetensors", safetensors_text({counting("a", {2}), counting("c", {4})}));
  EXPECT_TRUE(is(error_of(folder), ErrorKind::engine_failed, "different revisions"));
}

TEST(Checkpoint, WarnsAboutAnotherTotalSize) {
  const CheckpointFolder folder;
  write_shards(folder);
  folder.write("s2.safetensors", safetensors_text({counting("c", {5})}));
  const auto opened = open_checkpoint(ModelFolder(folder.path()));
  ASSERT_TRUE(opened) << opened.error().message;
  ASSERT_EQ(opened->warnings.size(), 1U);
  EXPECT_EQ(opened->warnings[0].code, "import_size");
}

TEST(Checkpoint, KeepsTheNamesOfShardsInsideTheFolder) {
  const CheckpointFolder folder;
  for (const char* name : {"../x.safetensors", "/etc/passwd", ""}) {
    folder.write(index_file, std::string(R"({"weight_map": {"a": ")") + name + "\"}}");
    EXPECT_TRUE(is(error_of(folder), ErrorKind::engine_failed, "no path inside")) << name;
  }
}

TEST(Checkpoint, RefusesABrokenIndex) {
  const CheckpointFolder folder;
  for (const char* text :
       {"", "[]", "{}", R"({"weight_map": {}})", R"({"weight_map": {"a": 1}})", R"({"weight_map": [1]})"}) {
    folder.write(index_file, text);
    EXPECT_TRUE(is(error_of(folder), ErrorKind::engine_failed, index_file)) << text;
  }
}

TEST(Checkpoint, NeverOpensPickleFiles) {
  const CheckpointFolder folder;
  EXPECT_TRUE(is(error_of(folder), ErrorKind::not_configured, "model.safetensors"));
  folder.write("pytorch_model.bin", "no pickle at all");
  EXPECT_TRUE(is(error_of(folder), ErrorKind::unsupported, "pickle files are never opened because they can run code"));
}

TEST(Checkpoint, TellsAnAdapterFromAModel) {
  const CheckpointFolder folder;
  folder.write("adapter_model.safetensors", safetensors_text({counting("a", {2})}));
  EXPECT_TRUE(is(error_of(folder), ErrorKind::unsupported, "adapter"));
  EXPECT_TRUE(open_checkpoint_file(ModelFolder(folder.path()), "adapter_model.safetensors"));
}

TEST(Checkpoint, ExplainsALinkThatLeavesTheFolder) {
  const CheckpointFolder folder;
  folder.write("outside/m", safetensors_text({counting("a", {2})}));
  std::filesystem::create_directory(folder.path() / "model");
  std::filesystem::create_symlink("../outside/m", folder.path() / "model" / "model.safetensors");
  const auto opened = open_checkpoint(ModelFolder(folder.path() / "model"));
  ASSERT_FALSE(opened);
  EXPECT_TRUE(is(opened.error(), ErrorKind::not_configured, "leads out of"));
}

}  // namespace
}  // namespace abstractllm
