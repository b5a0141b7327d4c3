// SPDX-License-Identifier: Apache-2.0
#include "base/source_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <string>

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

class SourceFileTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_ = fs::temp_directory_path() / ("source_file_test_" + std::to_string(::getpid()));
};

TEST_F(SourceFileTest, ReadsAtAPosition) {
  std::ofstream(folder_ / "f") << "0123456789";
  const auto file = SourceFile::open(folder_ / "f");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), 10);
  std::array<std::byte, 3> part{};
  ASSERT_TRUE(file->read_at(4, part));
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(part.data()), 3), "456");
}

TEST_F(SourceFileTest, SaysWhereAFileEnds) {
  std::ofstream(folder_ / "f") << "0123456789";
  const auto file = SourceFile::open(folder_ / "f");
  ASSERT_TRUE(file);
  std::array<std::byte, 3> part{};
  const auto read = file->read_at(8, part);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::not_configured);
  EXPECT_NE(read.error().message.find("ends at byte 10"), std::string::npos) << read.error().message;
}

TEST_F(SourceFileTest, NeverWaitsForAPipe) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  for (const char* name : {"pipe", ".", "missing"}) {
    const auto file = SourceFile::open(folder_ / name);
    ASSERT_FALSE(file) << name;
    EXPECT_EQ(file.error().kind, ErrorKind::not_configured) << name;
  }
}

}  // namespace
}  // namespace abstractllm
