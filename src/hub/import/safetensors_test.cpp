// SPDX-License-Identifier: Apache-2.0
#include "hub/import/safetensors.hpp"

#include <gtest/gtest.h>

#include "support/checkpoint_files.hpp"

namespace abstractllm {
namespace {

using testing_support::CheckpointFolder;
using testing_support::counting;
using testing_support::f32_bytes;
using testing_support::safetensors_text;

Result<std::vector<StoredTensor>> read_text(const std::string& text) {
  const CheckpointFolder folder;
  folder.write("m.safetensors", text);
  const auto file = SourceFile::open(folder.path() / "m.safetensors");
  EXPECT_TRUE(file);
  return read_safetensors(*file, "m.safetensors");
}

/// The error of a file whose header is this, and whose data has 16 bytes.
std::string error_of(const std::string& header) {
  const auto read = read_text(safetensors_text(header, std::string(16, '\0')));
  if (read) return "";
  EXPECT_EQ(read.error().kind, ErrorKind::engine_failed);
  EXPECT_NE(read.error().message.find("m.safetensors"), std::string::npos) << read.error().message;
  return read.error().message;
}

std::string entry(const std::string& name, const std::string& type, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

testing::AssertionResult says(const std::string& message, const std::string& part) {
  if (message.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "'" << message << "' does not say '" << part << "'";
}

TEST(Safetensors, ReadsNamesTypesShapesAndPlaces) {
  const std::string text = safetensors_text({counting("a", {2, 3}), {"b", "BF16", {2}, "1234"}, counting("c", {})});
  const auto read = read_text(text);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 3U);
  EXPECT_EQ((*read)[0].name, "a");
  EXPECT_EQ((*read)[0].shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ((*read)[1].type, "BF16");
  EXPECT_EQ((*read)[1].offset, (*read)[0].offset + 24);
  EXPECT_EQ((*read)[2].bytes, 4);
  EXPECT_EQ(text.substr(static_cast<std::size_t>((*read)[1].offset), 4), "1234");
}

TEST(Safetensors, AllowsEmptyTensorsAndBlanksAfterTheHeader) {
  EXPECT_EQ(error_of("{" + entry("a", "F32", "[4]", "[0,16]") + "," + entry("b", "F32", "[0,9]", "[16,16]") + "}   "),
            "");
}

TEST(Safetensors, RefusesAHeaderLengthOf2To63) {
  std::string text(8, '\0');
  text[7] = static_cast<char>(0x80);
  text += "{}";
  const auto read = read_text(text);
  ASSERT_FALSE(read);
  EXPECT_TRUE(says(read.error().message, "9223372036854775808"));
}

TEST(Safetensors, RefusesAHeaderThatIsLongerThanTheFileOrTheLimit) {
  std::string text = safetensors_text("{}", "");
  text[0] = 3;
  EXPECT_TRUE(says(read_text(text).error().message, "claims 3 bytes"));
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}})
    EXPECT_TRUE(says(read_text(text.substr(0, size)).error().message, "bytes"));
}

TEST(Safetensors, RefusesAFileThatIsCutAnywhere) {
  const std::string text = safetensors_text({counting("a", {2, 3}), counting("b", {1})});
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(read_text(text.substr(0, size))) << size;
  EXPECT_TRUE(says(read_text(text + "x").error().message, "belong to no tensor"));
}

TEST(Safetensors, RefusesWhatIsNoObject) {
  for (const char* header : {"", " {}", "[]", "{\"a\":", "{} {}", "{\"a\":1}", "\xff",
                             "{\"a\":{\"b\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}}"})
    EXPECT_NE(error_of(header), "") << header;
}

TEST(Safetensors, RefusesOverlapsHolesAndPlacesPastTheEnd) {
  const std::string a = entry("a", "F32", "[2]", "[0,8]");
  EXPECT_TRUE(says(error_of("{" + a + "," + entry("b", "F32", "[3]", "[4,16]") + "}"), "overlaps with tensor 'a'"));
  EXPECT_TRUE(says(error_of("{" + a + "," + entry("b", "F32", "[1]", "[12,16]") + "}"), "hole of 4 bytes"));
  EXPECT_TRUE(says(error_of("{" + a + "," + entry("b", "F32", "[3]", "[8,20]") + "}"), "ends at byte 20"));
  EXPECT_TRUE(says(error_of("{" + a + "," + entry("b", "F32", "[2]", "[16,8]") + "}"), "ends before it begins"));
  EXPECT_TRUE(says(error_of("{" + a + "}"), "8 bytes at its end"));
}

TEST(Safetensors, RefusesShapesThatOverflowOrDoNotFitTheBytes) {
  EXPECT_TRUE(says(error_of("{" + entry("big", "F32", "[4294967296,4294967296]", "[0,16]") + "}"), "'big'"));
  EXPECT_TRUE(says(error_of("{" + entry("big", "F32", "[9223372036854775807]", "[0,16]") + "}"), "too large"));
  // 2^62 × 4 bytes wraps around to 0.
  EXPECT_TRUE(says(error_of("{" + entry("big", "F32", "[4611686018427387904]", "[0,0]") + "}"), "too large"));
  EXPECT_TRUE(says(error_of("{" + entry("a", "F32", "[5]", "[0,16]") + "}"), "does not fit"));
  EXPECT_TRUE(says(error_of("{" + entry("a", "F4", "[3]", "[0,1]") + "}"), "does not fit"));
  for (const char* shape : {"[-4]", "[4.0]", "[\"4\"]", "4", "[1e3]", "[18446744073709551615]", "[1,1,1,1,1,1,1,1,4]"})
    EXPECT_TRUE(says(error_of("{" + entry("a", "F32", shape, "[0,16]") + "}"), "no valid shape")) << shape;
  for (const char* offsets : {"[0]", "[0,16,16]", "[-16,0]", "[0.0,16.0]", "{}"})
    EXPECT_TRUE(says(error_of("{" + entry("a", "F32", "[4]", offsets) + "}"), "no valid data_offsets")) << offsets;
}

TEST(Safetensors, RefusesDuplicates) {
  const std::string a = entry("a", "F32", "[4]", "[0,16]");
  EXPECT_TRUE(says(error_of("{" + a + "," + a + "}"), "twice"));
  EXPECT_TRUE(says(error_of("{\"__metadata__\":{},\"__metadata__\":{}," + a + "}"), "twice"));
  EXPECT_TRUE(says(error_of(R"({"a":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}})"), "dtype"));
  EXPECT_TRUE(says(error_of(R"({"a":{"dtype":"F32","shape":[4]}})"), "lacks"));
}

TEST(Safetensors, RefusesNamesThatNoTensorHas) {
  EXPECT_TRUE(says(error_of("{" + entry("", "F32", "[4]", "[0,16]") + "}"), "is no name"));
  EXPECT_TRUE(says(error_of("{" + entry("a\\u0000b", "F32", "[4]", "[0,16]") + "}"), "is no name"));
  EXPECT_TRUE(says(error_of("{" + entry(std::string(2000, 'x'), "F32", "[4]", "[0,16]") + "}"), "is no name"));
}

TEST(Safetensors, LeavesUnknownTypesToWhoNeedsThem) {
  EXPECT_EQ(error_of("{" + entry("a", "F8_E4M3", "[16]", "[0,16]") + "}"), "");
  EXPECT_EQ(error_of("{" + entry("a", "Q9", "[3]", "[0,16]") + "}"), "");
}

}  // namespace
}  // namespace abstractllm
