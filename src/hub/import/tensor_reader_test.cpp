// SPDX-License-Identifier: Apache-2.0
#include "hub/import/tensor_reader.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <numeric>

#include "support/checkpoint_files.hpp"

namespace abstractllm {
namespace {

using testing_support::CheckpointFolder;
using testing_support::f32_bytes;
using testing_support::read_floats;
using testing_support::u16_bytes;

/// A plan for one tensor whose file holds just these bytes.
TensorPlan plan_for(const CheckpointFolder& folder, const std::string& bytes, TensorType stored, TensorType type) {
  folder.write("f", bytes);
  auto file = SourceFile::open(folder.path() / "f");
  EXPECT_TRUE(file);
  TensorPlan plan;
  plan.stored_type = stored;
  plan.type = type;
  plan.parts = {
      {std::make_shared<const SourceFile>(std::move(*file)), 0, static_cast<std::int64_t>(bytes.size()), "t"}};
  return plan;
}

Result<std::vector<float>> floats_of(const TensorPlan& plan, std::size_t count) {
  std::vector<float> values(count);
  if (auto read = read_tensor(plan, std::as_writable_bytes(std::span(values))); !read) return read.error();
  return values;
}

TEST(TensorReader, GivesWhatIsKeptInPieces) {
  const CheckpointFolder folder;
  std::vector<float> values((std::size_t{1} << 18) + 5);
  std::iota(values.begin(), values.end(), 1.0F);
  TensorPlan plan = plan_for(folder, f32_bytes(values), TensorType::f32, TensorType::f32);
  plan.parts.push_back(plan.parts[0]);
  plan.parts[1].bytes = 8;
  const GgufTensor tensor{"t", TensorType::f32, {}, [&](const ByteSink& sink) { return read_tensor(plan, sink); }};
  std::vector<float> expected = values;
  expected.insert(expected.end(), {1, 2});
  EXPECT_EQ(read_floats(tensor), expected);
  std::vector<std::size_t> sizes;
  const auto stopped = read_tensor(plan, [&](std::span<const std::byte> piece) {
    sizes.push_back(piece.size());
    return sizes.size() < 2 ? Result<void>() : Error(ErrorKind::cancelled, "enough");
  });
  EXPECT_EQ(stopped.error().message, "enough");
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1 << 20, 20}));
  plan.change = Transform::plus_one;
  for (float& value : expected) ++value;
  EXPECT_EQ(read_floats(tensor), expected);
}

TEST(TensorReader, WidensBf16AndF16) {
  const CheckpointFolder folder;
  const auto bf16 = plan_for(folder, u16_bytes({0x3F80, 0xC000, 0x0001, 0x0000}), TensorType::bf16, TensorType::f32);
  EXPECT_EQ(floats_of(bf16, 4).value(), (std::vector<float>{1, -2, 0x1p-133F, 0}));
  const auto f16 =
      plan_for(folder, u16_bytes({0x3C00, 0xC000, 0x0001, 0x83FF, 0x7BFF, 0x8000}), TensorType::f16, TensorType::f32);
  EXPECT_EQ(floats_of(f16, 6).value(), (std::vector<float>{1, -2, 0x1p-24F, -1023 * 0x1p-24F, 65504, -0.0F}));
}

TEST(TensorReader, RefusesValuesThatAreNotFiniteAndNamesTheTensor) {
  const CheckpointFolder folder;
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const auto check = [](const TensorPlan& plan, std::size_t bytes) {
    std::vector<std::byte> buffer(bytes);
    const auto read = read_tensor(plan, buffer);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::engine_failed);
    EXPECT_NE(read.error().message.find("tensor 't' in 'f' holds NaN"), std::string::npos) << read.error().message;
  };
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity})
    check(plan_for(folder, f32_bytes({1, 2, bad}), TensorType::f32, TensorType::f32), 12);
  for (const int bad : {0x7C00, 0xFE00})
    check(plan_for(folder, u16_bytes({1, static_cast<std::uint16_t>(bad)}), TensorType::f16, TensorType::f16), 4);
  for (const int bad : {0x7F80, 0xFFC0})
    check(plan_for(folder, u16_bytes({static_cast<std::uint16_t>(bad), 1}), TensorType::bf16, TensorType::f32), 8);
  // Large finite ones are fine.
  EXPECT_TRUE(floats_of(plan_for(folder, f32_bytes({3e38F, -3e38F}), TensorType::f32, TensorType::f32), 2));
}

TEST(TensorReader, FindsABadValueBehindTheFirstMegabyte) {
  const CheckpointFolder folder;
  std::vector<float> values((std::size_t{1} << 18) + 3, 1.0F);
  values.back() = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(floats_of(plan_for(folder, f32_bytes(values), TensorType::f32, TensorType::f32), values.size()));
  values.back() = 2;
  EXPECT_EQ(floats_of(plan_for(folder, f32_bytes(values), TensorType::f32, TensorType::f32), values.size()).value(),
            values);
}

TEST(TensorReader, InterleavesTheHalvesOfEachHead) {
  const CheckpointFolder folder;
  // Two heads of four rows with two values.
  auto plan =
      plan_for(folder, f32_bytes({0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7}), TensorType::f32, TensorType::f32);
  plan.change = Transform::interleave_query;
  plan.columns = 2;
  plan.head_rows = 4;
  EXPECT_EQ(floats_of(plan, 16).value(), (std::vector<float>{0, 0, 2, 2, 1, 1, 3, 3, 4, 4, 6, 6, 5, 5, 7, 7}));
}

TEST(TensorReader, TransposesAndAddsOne) {
  const CheckpointFolder folder;
  auto plan = plan_for(folder, f32_bytes({1, 2, 3, 4, 5, 6}), TensorType::f32, TensorType::f32);
  plan.change = Transform::transpose;
  plan.rows = 2;
  plan.columns = 3;
  EXPECT_EQ(floats_of(plan, 6).value(), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  plan.change = Transform::plus_one;
  EXPECT_EQ(floats_of(plan, 6).value(), (std::vector<float>{2, 3, 4, 5, 6, 7}));
}

TEST(TensorReader, ReportsAFileThatBecameShorter) {
  const CheckpointFolder folder;
  const auto plan = plan_for(folder, f32_bytes({1, 2, 3, 4}), TensorType::f32, TensorType::f32);
  std::filesystem::resize_file(folder.path() / "f", 8);
  const auto read = floats_of(plan, 4);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::not_configured);
}

TEST(TensorReader, RefusesABufferOfAnotherSize) {
  const CheckpointFolder folder;
  EXPECT_EQ(floats_of(plan_for(folder, f32_bytes({1, 2}), TensorType::f32, TensorType::f32), 3).error().kind,
            ErrorKind::internal);
}

}  // namespace
}  // namespace abstractllm
