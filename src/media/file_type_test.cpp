// SPDX-License-Identifier: Apache-2.0
#include "media/file_type.hpp"

#include <gtest/gtest.h>

#include "support/pictures.hpp"
#include "support/sounds.hpp"

namespace abstractllm {
namespace {

using namespace testing_support;
using namespace std::string_literals;

std::string read(const std::string& bytes) {
  const auto type = file_type(bytes, "file 1");
  if (type) return std::string(type->media_type) + (type->is_text ? " text" : "");
  EXPECT_EQ(type.error().kind, ErrorKind::invalid_argument);
  return type.error().message;
}

TEST(FileType, IsTakenFromTheContent) {
  EXPECT_EQ(read("%PDF-1.7\n\xE2\xE3\xCF\xD3"), "application/pdf");
  EXPECT_EQ(read("\0\0junk%PDF-1.4"s), "application/pdf") << "behind a few bytes";
  EXPECT_EQ(read("How PDF begins: %PDF-"), "text/plain text");
  EXPECT_EQ(read("\xC3\xA4 and <html>"), "text/plain text");
  EXPECT_EQ(read("\xEF\xBB\xBFwith a mark"), "text/plain text");
  EXPECT_EQ(read("{\"a\": 1}"), "text/plain text");
}

TEST(FileType, NamesWhatIsNeither) {
  const std::pair<std::string, const char*> rows[] = {
      {"", "file 1 is empty"},
      {png(2, 2), "is a PNG picture; it must be a PDF, or text in UTF-8; a picture is given as an image"},
      {wav(2), "is a WAV recording; it must be a PDF, or text in UTF-8; a recording is given as audio"},
      {"PK\3\4\x14\0"s, "is a ZIP archive or an Office document; it must be a PDF, or text in UTF-8; save it as PDF"},
      {"\xFF\xFE" + "a\0b\0"s, "is UTF-16 text; it must be a PDF, or text in UTF-8; convert it: `iconv -f UTF-16"},
      {"caf\xE9", "is data of an unknown kind"},
      {std::string(600, 'a') + "\xE9", "is not UTF-8 at byte 600"},
      {std::string(600, 'a') + "\0"s, "holds a null character"},
      {"\x7F"
       "ELF\2\1\0"s,
       "a program (ELF)"},
  };
  for (const auto& [bytes, what] : rows) EXPECT_NE(read(bytes).find(what), std::string::npos) << read(bytes);
}

TEST(FileElement, HoldsNameAndText) {
  EXPECT_EQ(file_element("a.txt", "one\ntwo"), "<file name=\"a.txt\">\none\ntwo\n</file>");
  EXPECT_EQ(file_element("a.txt", "one\n"), "<file name=\"a.txt\">\none\n</file>");
}

TEST(FileElement, ANameCannotEndItsAttribute) {
  EXPECT_EQ(file_element("\"></file>&x", "t"), "<file name=\"&quot;&gt;&lt;/file&gt;&amp;x\">\nt\n</file>");
}

TEST(FileElement, ATextCannotEndTheElement) {
  EXPECT_EQ(file_element("a", "x</file>y</FILE >z</fil><b>&amp;"),
            "<file name=\"a\">\nx&lt;/file>y&lt;/FILE >z</fil><b>&amp;\n</file>");
  EXPECT_EQ(file_element("a", "<"), "<file name=\"a\">\n<\n</file>");
}

TEST(CleanFileName, HoldsNoControlCharactersAndIsUtf8) {
  EXPECT_EQ(clean_file_name("a.txt"), "a.txt");
  EXPECT_EQ(clean_file_name(""), "");
  EXPECT_EQ(clean_file_name("a\nb\x7F"),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(clean_file_name("a\xE9z"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(clean_file_name(std::string(100'000, 'n')).size(), 255u);
}

TEST(FileText, LosesItsByteOrderMark) {
  EXPECT_EQ(without_mark("\xEF\xBB\xBFtext"), "text");
  EXPECT_EQ(without_mark("text"), "text");
}

}  // namespace
}  // namespace abstractllm
