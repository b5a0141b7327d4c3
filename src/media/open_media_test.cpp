// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/base64.hpp"
#include "media/opened_media.hpp"
#include "support/pictures.hpp"

namespace abstractllm {
namespace {

using namespace testing_support;

constexpr std::int64_t most_bytes = 20'000'000;

class OpenMedia : public ::testing::Test {
 protected:
  OpenMedia() { std::filesystem::create_directories(folder_); }
  ~OpenMedia() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& bytes) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  /// Returns what would be sent, or "kind: message".
  static std::string sent(const Image& image, std::int64_t most = most_bytes) {
    auto source = open_media(MediaKind::image, image, "image 1", most);
    if (!source) return std::string(to_string(source.error().kind)) + ": " + source.error().message;
    if (!source->opened) return source->url;
    std::string base64;
    if (auto read = source->opened->append_base64(base64); !read) return read.error().message;
    return std::string(source->opened->type().media_type) + " " + base64;
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      ("abstractllm-open-image-" + std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id())));
  const std::string picture_ = png(8, 8);
  const std::string expected_ = "image/png " + to_base64(picture_);
};

TEST_F(OpenMedia, EveryFormOfAPictureIsTheSamePicture) {
  const std::string base64 = to_base64(picture_);
  std::string wrapped;
  for (std::size_t at = 0; at < base64.size(); at += 76) wrapped += base64.substr(at, 76) + "\r\n";
  std::string for_urls = base64;
  for (char& c : for_urls) c = c == '+' ? '-' : c == '/' ? '_' : c;
  std::string percent;
  for (const char c : picture_) {
    constexpr const char* digits = "0123456789abcdef";
    percent += {'%', digits[static_cast<unsigned char>(c) >> 4], digits[c & 15]};
  }
  // The content decides; the name is wrong.
  EXPECT_EQ(sent(Image(write("cat.jpg", picture_))), expected_);
  EXPECT_EQ(sent(Image::file(write("cat", picture_))), expected_);
  EXPECT_EQ(sent(Image::bytes(picture_)), expected_);
  for (const std::string& text : {base64, wrapped, for_urls, base64.substr(0, base64.find('='))}) {
    EXPECT_EQ(sent(Image(text)), expected_);
    EXPECT_EQ(sent(Image::base64(text)), expected_);
  }
  for (const std::string head : {"data:image/png;base64,", "data:;base64,", "DATA:image/jpeg;charset=utf-8;BASE64,"})
    EXPECT_EQ(sent(Image(head + base64)), expected_) << head;
  EXPECT_EQ(sent(Image("data:," + percent)), expected_);
  EXPECT_EQ(sent(Image("data:image/png," + percent)), expected_);
}

TEST_F(OpenMedia, AUrlIsPassedOn) {
  EXPECT_EQ(sent(Image("https://example.com/cat.png?sig=1")), "https://example.com/cat.png?sig=1");
  EXPECT_EQ(sent(Image("HTTP://example.com/a")), "HTTP://example.com/a");
}

TEST_F(OpenMedia, WhatCannotBeSentIsSaid) {
  std::filesystem::create_directory(folder_ / "sub");
  const std::string large = write("large.png", picture_);
  const std::pair<Image, const char*> rows[] = {
      {Image(write("empty.png", "")), "is empty"},
      {Image((folder_ / "sub").string()), "is a folder"},
      {Image("no/such/file.png"), "is neither an http, https or data URL, nor a file that is there, nor base64"},
      {Image("cat.png"), "is neither"},
      {Image::file("no/such/file.png"), "does not exist"},
      {Image(write("page.png", "<html></html>")), "an HTML page"},
      {Image(to_base64("not a picture at all")), "is neither"},
      {Image::base64("not base64!"), "is not base64"},
      {Image::base64(to_base64("<svg/>")), "an SVG drawing"},
      {Image::bytes(std::string(4, '\1')), "data of an unknown kind"},
      {Image("data:image/png;base64"), "without a comma"},
      {Image("data:image/png;base64,!!"), "no base64"},
      {Image("data:image/png,%zz"), "no percent-encoding"},
      {Image::url("ftp://example.com/a.png"), "it must be http, https or data"},
      {Image("http://example.com/a b"), "holds a blank"},
      {Image(std::string("a\0b", 3)), "is neither"},
  };
  for (const auto& [image, problem] : rows) {
    const std::string outcome = sent(image);
    EXPECT_TRUE(outcome.starts_with("invalid_argument: image 1")) << outcome;
    EXPECT_NE(outcome.find(problem), std::string::npos) << outcome << "\nwanted: " << problem;
  }
  EXPECT_EQ(sent(Image::file(large), 100), "invalid_argument: image 1 (file '" + large + "') has " +
                                               std::to_string(picture_.size()) +
                                               " bytes; at most 100 are allowed (option max_image_bytes)");
}

TEST_F(OpenMedia, AFileOfSixtyMegabytesIsRefusedUnread) {
  const std::string path = write("huge.png", picture_);
  std::filesystem::resize_file(path, 60'000'000);
  EXPECT_NE(sent(Image(path)).find("60000000 bytes"), std::string::npos);
}

TEST_F(OpenMedia, ATruncatedPictureIsSentAsItIs) {
  EXPECT_EQ(sent(Image::bytes(picture_.substr(0, 40))), "image/png " + to_base64(picture_.substr(0, 40)));
}

TEST_F(OpenMedia, AFileMayVanishOnceItIsOpen) {
  const std::string path = write("cat.png", picture_);
  auto source = open_media(MediaKind::image, Image(path), "image 1", most_bytes);
  ASSERT_TRUE(source);
  std::filesystem::remove(path);
  std::string base64;
  EXPECT_TRUE(source->opened->append_base64(base64));
  EXPECT_EQ(base64, to_base64(picture_));
}

TEST_F(OpenMedia, AFileThatShrinksIsSaid) {
  const std::string path = write("cat.png", picture_);
  auto source = open_media(MediaKind::image, Image(path), "image 1", most_bytes);
  ASSERT_TRUE(source);
  std::filesystem::resize_file(path, 20);
  std::string base64;
  const Result<void> read = source->opened->append_base64(base64);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("became shorter"), std::string::npos);
}

TEST_F(OpenMedia, ErrorsHoldNoSecretsOfAnAddress) {
  for (const char* source : {"//h.example/cat.png?sig=SECRET", "h.example/cat.png?next=http://x",
                             "ftp://me:SECRET@h.example/cat.png", "ftp://h.example/cat.png?sig=SECRET"}) {
    const std::string outcome = sent(Image(source));
    EXPECT_NE(outcome.find("h.example/cat.png"), std::string::npos) << outcome;
    EXPECT_EQ(outcome.find("SECRET"), std::string::npos) << outcome;
    EXPECT_EQ(outcome.find('?'), std::string::npos) << outcome;
  }
}

TEST_F(OpenMedia, OneImageServesEightThreads) {
  const Image image(write("cat.png", picture_));
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) right += sent(image) == expected_;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 400);
}

}  // namespace
}  // namespace abstractllm
