// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

// FIPS 180-2, appendix: "abc".
TEST(Digest, IsThatOfTheStandardWhereverTheBytesAreCut) {
  Digest sha256(Digest::Kind::sha256);
  sha256.add("a");
  sha256.add("");
  sha256.add("bc");
  EXPECT_EQ(sha256.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Digest sha1(Digest::Kind::sha1);
  sha1.add("abc");
  EXPECT_EQ(sha1.hex(), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(BackgroundDigest, IsTheSameForBytesOfAnyLength) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1} << 20, std::size_t{20'000'001}}) {
    std::string bytes(size, 'x');
    for (std::size_t at = 0; at < size; at += 1009) bytes[at] = static_cast<char>(at);
    Digest plain(Digest::Kind::sha256);
    plain.add(bytes);
    BackgroundDigest behind{Digest(Digest::Kind::sha256)};
    for (std::size_t at = 0; at < size; at += 33'333) behind.add(std::string_view(bytes).substr(at, 33'333));
    EXPECT_EQ(behind.hex(), plain.hex()) << size;
  }
}

TEST(BackgroundDigest, CanBeDroppedAtAnyTime) {
  const std::string bytes(3'000'000, 'x');
  for (int pieces = 0; pieces < 6; ++pieces) {
    BackgroundDigest dropped{Digest(Digest::Kind::sha256)};
    for (int piece = 0; piece < pieces; ++piece) dropped.add(bytes);
  }
}

}  // namespace
}  // namespace abstractllm
