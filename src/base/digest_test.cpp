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

}  // namespace
}  // namespace abstractllm
