// SPDX-License-Identifier: Apache-2.0
#include "hub/import/model_folder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

class ModelFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(root_);
    fs::create_directories(root_ / "model" / "1_Pooling");
    write("model/config.json", R"({"a": 1})");
    write("model/1_Pooling/config.json", "{}");
    write("secret", "mine");
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(root_ / name) << text; }

  fs::path root_ = fs::temp_directory_path() / ("model_folder_test_" + std::to_string(::getpid()));
  ModelFolder folder_{root_ / "model"};
};

TEST_F(ModelFolderTest, FindsFilesByName) {
  EXPECT_TRUE(folder_.has("config.json"));
  EXPECT_TRUE(folder_.has("1_Pooling/config.json"));
  EXPECT_FALSE(folder_.has("1_Pooling"));
  EXPECT_FALSE(folder_.has("model.safetensors"));
  EXPECT_EQ(folder_.files(), std::vector<std::string>{"config.json"});
  EXPECT_EQ(folder_.json("config.json").value()["a"], 1);
}

TEST_F(ModelFolderTest, KeepsANameInsideTheFolder) {
  for (const char* name : {"../secret", "/etc/passwd", "1_Pooling/../../secret", "", ".", "1_Pooling//config.json"}) {
    EXPECT_FALSE(folder_.has(name)) << name;
    const auto text = folder_.text(name);
    ASSERT_FALSE(text) << name;
    EXPECT_EQ(text.error().kind, ErrorKind::engine_failed) << name;
  }
}

TEST_F(ModelFolderTest, RefusesALinkThatLeavesTheFolder) {
  fs::create_symlink("../secret", root_ / "model" / "chat_template.jinja");
  fs::create_symlink("config.json", root_ / "model" / "inside.json");
  const auto text = folder_.text("chat_template.jinja");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().kind, ErrorKind::not_configured);
  EXPECT_NE(text.error().message.find("leads out of"), std::string::npos) << text.error().message;
  EXPECT_TRUE(folder_.has("inside.json"));
}

TEST_F(ModelFolderTest, FollowsTheLinksOfTheHubsCache) {
  const fs::path repository = root_ / "models--o--n";
  fs::create_directories(repository / "blobs");
  fs::create_directories(repository / "snapshots" / "c0ffee");
  write("models--o--n/blobs/0123", "text");
  fs::create_symlink("../../blobs/0123", repository / "snapshots" / "c0ffee" / "vocab.txt");
  const ModelFolder snapshot(repository / "snapshots" / "c0ffee");
  EXPECT_EQ(snapshot.text("vocab.txt").value(), "text");
}

TEST_F(ModelFolderTest, LimitsSizeAndNesting) {
  EXPECT_EQ(folder_.text("config.json", 3).error().kind, ErrorKind::engine_failed);
  write("model/deep.json", std::string(65, '[') + std::string(65, ']'));
  EXPECT_EQ(folder_.json("deep.json").error().kind, ErrorKind::engine_failed);
  write("model/deep.json", std::string(64, '[') + std::string(64, ']'));
  EXPECT_TRUE(folder_.json("deep.json"));
  write("model/broken.json", "{\"a\": ");
  const auto broken = folder_.json("broken.json");
  EXPECT_EQ(broken.error().kind, ErrorKind::engine_failed);
  EXPECT_NE(broken.error().message.find("broken.json"), std::string::npos);
}

}  // namespace
}  // namespace abstractllm
