// SPDX-License-Identifier: Apache-2.0
#include "base/file_identity.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace abstractllm {
namespace {

TEST(FileIdentity, ChangesWithTheContentAndWithTheFileBehindTheName) {
  const auto folder = std::filesystem::temp_directory_path() / ("file-identity-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const std::string name = (folder / "a").string();
  EXPECT_FALSE(file_identity(name));
  std::ofstream(name) << "one";
  const auto first = file_identity(name);
  ASSERT_TRUE(first);
  EXPECT_EQ(file_identity(name), first);
  std::filesystem::create_symlink(name, folder / "link");
  EXPECT_EQ(file_identity((folder / "link").string()), first);
  std::ofstream(name, std::ios::app) << "more";
  EXPECT_NE(file_identity(name), first);
  std::ofstream(folder / "b") << "one";
  std::filesystem::rename(folder / "b", name);
  EXPECT_NE(file_identity(name)->number, first->number);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace abstractllm
