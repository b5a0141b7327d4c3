// SPDX-License-Identifier: Apache-2.0
#include "transport/replay/recorder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "transport/replay/replay.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

class RecorderTest : public ::testing::Test {
 protected:
  RecorderTest() { fs::create_directories(folder_); }
  ~RecorderTest() override { fs::remove_all(folder_); }

  std::string path(const char* name) const { return (folder_ / name).string(); }
  static mode_t mode(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }
  static Result<std::shared_ptr<Transport>> recorder(const std::string& path) {
    return make_recording_transport(make_replay_transport({RecordedExchange{}}, {}), path);
  }
  static void record_one(const std::string& path) {
    const auto transport = recorder(path);
    ASSERT_TRUE(transport);
    ASSERT_TRUE(
        (*transport)->open(std::make_shared<const HttpRequest>()));  // the exchange is over as soon as it is dropped
  }
  static std::string text_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const fs::path folder_ = fs::temp_directory_path() / ("recorder_test_" + std::to_string(::getpid()));
};

TEST_F(RecorderTest, MakesAFileForItsOwnerAloneWhateverTheUmask) {
  const mode_t before = umask(0);
  record_one(path("new.jsonl"));
  umask(before);
  EXPECT_EQ(mode(path("new.jsonl")), 0600U);
  EXPECT_NE(text_of(path("new.jsonl")).find("request"), std::string::npos);
}

TEST_F(RecorderTest, AppendsToAFileThatIsThereAndKeepsItsMode) {
  std::ofstream(path("old.jsonl")) << "\n";
  ASSERT_EQ(chmod(path("old.jsonl").c_str(), 0644), 0);
  record_one(path("old.jsonl"));
  EXPECT_EQ(mode(path("old.jsonl")), 0644U);
  EXPECT_EQ(text_of(path("old.jsonl")).substr(0, 11), "\n{\"request\"");
}

TEST_F(RecorderTest, LeavesTheModeOfWhatALinkPointsAt) {
  std::ofstream(path("target")) << "\n";
  ASSERT_EQ(chmod(path("target").c_str(), 0666), 0);
  ASSERT_EQ(symlink(path("target").c_str(), path("link").c_str()), 0);
  record_one(path("link"));
  EXPECT_EQ(mode(path("target")), 0666U);
}

TEST_F(RecorderTest, LeavesTheModeOfAPipe) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  ASSERT_EQ(chmod(path("pipe").c_str(), 0666), 0);
  const int reader = open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  record_one(path("pipe"));
  EXPECT_EQ(mode(path("pipe")), 0666U);
  char bytes[10] = {};
  EXPECT_EQ(read(reader, bytes, sizeof bytes), 10);
  close(reader);
}

TEST_F(RecorderTest, GivesItsDescriptorToNoOtherProgram) {
  const auto descriptors = [] {
    std::set<int> open;
    for (int descriptor = 0; descriptor < 1024; ++descriptor)
      if (fcntl(descriptor, F_GETFD) >= 0) open.insert(descriptor);
    return open;
  };
  const std::set<int> before = descriptors();
  const auto transport = recorder(path("new.jsonl"));
  ASSERT_TRUE(transport);
  std::set<int> made = descriptors();
  std::erase_if(made, [&](int descriptor) { return before.contains(descriptor); });
  ASSERT_FALSE(made.empty());
  for (const int descriptor : made) EXPECT_NE(fcntl(descriptor, F_GETFD) & FD_CLOEXEC, 0) << descriptor;
}

TEST_F(RecorderTest, SaysWhyItCannotWrite) {
  const auto refused = recorder(path("no/such/folder"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::not_configured);
  EXPECT_NE(refused.error().message.find("No such file or directory"), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace abstractllm
