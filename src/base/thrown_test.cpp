// SPDX-License-Identifier: Apache-2.0
#include "base/thrown.hpp"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <system_error>

namespace abstractllm {
namespace {

template <class Thrown>
Error error_for(Thrown thrown) {
  const Result<int> outcome = guarded([&]() -> Result<int> { throw thrown; });
  return outcome ? Error() : outcome.error();
}

TEST(Thrown, BecomesAnErrorOfKindInternalWithTheExceptionsWords) {
  const Error error = error_for(std::runtime_error("the disk is on fire"));
  EXPECT_EQ(error.kind, ErrorKind::internal);
  EXPECT_EQ(error.message, "the call was ended by an exception: the disk is on fire");
}

TEST(Thrown, KeepsTheErrorOfOurOwnException) {
  const Error error = error_for(Exception(Error(ErrorKind::not_found, "no such model")));
  EXPECT_EQ(error.kind, ErrorKind::not_found);
  EXPECT_EQ(error.message, "no such model");
}

TEST(Thrown, NamesMemoryAndTheSystemsLimits) {
  EXPECT_EQ(error_for(std::bad_alloc()).message, "out of memory");
  const std::error_code again = std::make_error_code(std::errc::resource_unavailable_try_again);
  EXPECT_NE(error_for(std::system_error(again)).message.find("ulimit"), std::string::npos);
}

TEST(Thrown, MayBeAnything) { EXPECT_EQ(error_for(42).kind, ErrorKind::internal); }

TEST(Thrown, LeavesAResultAlone) {
  EXPECT_EQ(*guarded([]() -> Result<int> { return 7; }), 7);
  EXPECT_EQ(guarded([]() -> Result<int> { return Error(ErrorKind::network, "down"); }).error().kind,
            ErrorKind::network);
}

}  // namespace
}  // namespace abstractllm
