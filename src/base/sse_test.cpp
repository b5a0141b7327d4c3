// SPDX-License-Identifier: Apache-2.0
#include "base/sse.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace abstractllm {
namespace {

struct Seen {
  std::string data;
  std::string name;
  bool terminated = true;
  bool operator==(const Seen&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << '[' << seen.name << '|' << seen.data << (seen.terminated ? "]" : "...");
}

Seen seen_of(const SseEvent& event) { return {std::string(event.data), std::string(event.name), event.terminated}; }

void drain(SseParser& parser, std::vector<Seen>& seen) {
  while (std::optional<SseEvent> event = parser.next().value_or(std::nullopt)) seen.push_back(seen_of(*event));
}

std::vector<Seen> events_of(const std::vector<std::string_view>& pieces) {
  SseParser parser;
  std::vector<Seen> seen;
  for (const std::string_view piece : pieces) {
    const std::string copy(piece);  // each piece has memory of its exact size, so that a sanitizer sees an overrun
    parser.feed(copy);
    drain(parser, seen);
  }
  while (std::optional<SseEvent> event = parser.finish()) seen.push_back(seen_of(*event));
  return seen;
}

/// The events are the same for the whole text, byte by byte, and cut in three at every pair of places.
void expect_events(std::string_view stream, const std::vector<Seen>& expected) {
  EXPECT_EQ(events_of({stream}), expected);
  std::vector<std::string_view> bytes;
  for (std::size_t at = 0; at < stream.size(); ++at) bytes.push_back(stream.substr(at, 1));
  EXPECT_EQ(events_of(bytes), expected) << "byte by byte";
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      const std::vector<std::string_view> pieces = {stream.substr(0, first), stream.substr(first, second - first),
                                                    stream.substr(second)};
      ASSERT_EQ(events_of(pieces), expected) << "cut at " << first << " and " << second;
    }
  }
}

TEST(SseParser, AcceptsEveryLineEnd) {
  for (const std::string end : {"\n", "\r", "\r\n"}) {
    SCOPED_TRACE(end.size() == 2 ? "CRLF" : end == "\n" ? "LF" : "CR");
    expect_events("data: a" + end + end + "data: b" + end + end, {{"a", ""}, {"b", ""}});
  }
}

TEST(SseParser, AcceptsLineEndsMixedInOneStream) {
  expect_events("data: a\r\ndata: b\rdata: c\n\r\ndata: d\r\rdata: e\n\ndata: f\n\r",
                {{"a\nb\nc", ""}, {"d", ""}, {"e", ""}, {"f", ""}});
}

TEST(SseParser, HandsOutAnEventThatEndsInCrWithoutWaitingForALineFeed) {
  SseParser parser;
  parser.feed("data: a\r\r");
  std::vector<Seen> seen;
  drain(parser, seen);
  EXPECT_EQ(seen, (std::vector<Seen>{{"a", ""}}));
}

TEST(SseParser, SkipsOneByteOrderMarkAtTheStart) {
  expect_events(
      "\xEF\xBB\xBF"
      "data: a\n\n\xEF\xBB\xBF"
      "data: b\n\n",
      {{"a", ""}});
  expect_events(
      "\xEF\xBB\xBF\xEF\xBB\xBF"
      "data: a\n\ndata: b\n\n",
      {{"b", ""}});
  expect_events("\xEF\xBB", {});
}

TEST(SseParser, SkipsComments) {
  expect_events(": keep-alive\n\n:\n\ndata: a\n: in the middle\ndata: b\n\n", {{"a\nb", ""}});
}

TEST(SseParser, StripsOneLeadingSpaceOnly) {
  expect_events("data:a\n\ndata: b\n\ndata:  c\n\ndata:\td\n\ndata: e \n\n",
                {{"a", ""}, {"b", ""}, {" c", ""}, {"\td", ""}, {"e ", ""}});
}

TEST(SseParser, TakesDataWithoutAColon) {
  expect_events("data\n\n", {{"", ""}});
  expect_events("data\ndata\n\n", {{"\n", ""}});
  expect_events("data:\ndata: a\ndata\n\n", {{"\na\n", ""}});
}

TEST(SseParser, JoinsDataLinesWhateverStandsBetweenThem) {
  expect_events("data: a\nevent: delta\ndata: b\nid: 7\nretry: 10\nnonsense\ndata: c\n\n", {{"a\nb\nc", "delta"}});
}

TEST(SseParser, GivesTheEventNameToItsOwnEventOnly) {
  expect_events("event: ping\ndata: {}\n\ndata: a\n\n", {{"{}", "ping"}, {"a", ""}});
  expect_events("event: first\nevent: second\ndata: a\n\n", {{"a", "second"}});
}

TEST(SseParser, SkipsEventsWithoutData) {
  expect_events("event: ping\n\ndata: a\n\n", {{"a", ""}});
  expect_events("\n\n\nid: 1\n\n", {});
  expect_events("", {});
}

TEST(SseParser, DoesNotTakeOtherBytesForLineEnds) {
  const std::string text = "\xE2\x80\xA8 \xE2\x80\xA9 \xC2\x85 \v \f \x1C";  // U+2028, U+2029, NEL, VT, FF, FS
  expect_events("data: " + text + "\n\n", {{text, ""}});
}

TEST(SseParser, IsCaseSensitiveAndExactAboutFieldNames) {
  expect_events("Data: a\n data: b\ndatax: c\ndat: d\n\n", {});
}

TEST(SseParser, KeepsCharactersWholeWhereverTheyAreCut) {
  expect_events("data: \xF0\x9F\x98\x80\xC3\xA9\n\n", {{"\xF0\x9F\x98\x80\xC3\xA9", ""}});
}

TEST(SseParser, HandsOutTheUnterminatedLastEventAndSaysSo) {
  expect_events("data: a\n\ndata: b\n", {{"a", ""}, {"b", "", false}});
  expect_events("data: a\n\nevent: e\ndata: b", {{"a", ""}, {"b", "e", false}});
  expect_events("data: a\r\n\r\ndata: b\r\n", {{"a", ""}, {"b", "", false}});
  expect_events("data: a\n\ndat", {{"a", ""}});
}

TEST(SseParser, HasReadablePaddingBehindTheData) {
  SseParser parser;
  parser.feed("data: {}\n\n");
  const std::optional<SseEvent> event = parser.next().value();
  ASSERT_TRUE(event);
  unsigned sum = 0;
  for (std::size_t at = 0; at < SseParser::padding; ++at)
    sum += static_cast<unsigned char>(event->data.data()[event->data.size() + at]);
  EXPECT_LT(sum, 256 * SseParser::padding);  // the test is that a sanitizer sees this read
}

TEST(SseParser, RefusesAnEventOverTheLimitAtEveryCut) {
  const std::string stream =
      "data: 0123456789\ndata: 0123456789\n\n";  // 10 bytes of data, '\n', then a line of 16 bytes
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    for (const std::size_t limit : {15U, 26U, 27U}) {
      SseParser parser(limit);
      int events = 0;
      for (const std::string_view piece :
           {std::string_view(stream).substr(0, cut), std::string_view(stream).substr(cut)}) {
        parser.feed(piece);
        while (parser.next().value_or(std::nullopt)) ++events;
      }
      const Result<std::optional<SseEvent>> last = parser.next();
      EXPECT_EQ(last.has_value(), limit == 27) << cut;
      EXPECT_EQ(events, limit == 27 ? 1 : 0) << cut;
      EXPECT_TRUE(last.has_value() || last.error().kind == ErrorKind::protocol);
    }
  }
}

TEST(SseParser, CountsTheLineFeedsBetweenTheLinesOfAnEvent) {
  for (const std::string rest : {"\n\n", "\n", ""}) {
    SseParser parser(100);
    parser.feed("{" + std::string(49, ' ') + "\n" + std::string(50, ' ') + rest);
    EXPECT_FALSE(parser.next().has_value()) << rest.size();
    EXPECT_FALSE(parser.finish()) << rest.size();
  }
  SseParser parser(100);
  parser.feed("{" + std::string(48, ' ') + "\n" + std::string(50, ' ') + "\n\n");
  EXPECT_EQ(parser.next().value()->data.size(), 100U);
}

TEST(SseParser, GivesBothEventsWhereTheSecondBeginsWithoutABlankLineAndIsCut) {
  expect_events("data: {\"a\":1}\n{\"error\":2}", {{"{\"a\":1}", ""}, {"{\"error\":2}", "", false}});
  expect_events("{\"a\":1}\ndata: {\"b\"", {{"{\"a\":1}", ""}, {"{\"b\"", "", false}});
}

TEST(SseParser, TakesMoreBytesBeforeItIsDrained) {
  const std::string stream = "data: a\r\ndata: b\n\ndata: c\r\rdata: d\n\r\nevent: e\ndata: f\n\n";
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    for (int taken_before = 0; taken_before < 4; ++taken_before) {
      SseParser parser;
      std::vector<Seen> seen;
      parser.feed(std::string_view(stream).substr(0, cut));
      for (int count = 0; count < taken_before; ++count) {
        if (std::optional<SseEvent> event = parser.next().value()) seen.push_back(seen_of(*event));
      }
      parser.feed(std::string_view(stream).substr(cut));
      drain(parser, seen);
      EXPECT_EQ(seen, (std::vector<Seen>{{"a\nb", ""}, {"c", ""}, {"d", ""}, {"f", "e"}}))
          << cut << " " << taken_before;
    }
  }
}

TEST(SseParser, LimitsALineThatNeverEnds) {
  SseParser parser(1000);
  parser.feed(std::string(1001, ':'));
  EXPECT_FALSE(parser.next().has_value());
  parser.feed("\n\ndata: a\n\n");
  EXPECT_FALSE(parser.next().has_value());
  EXPECT_FALSE(parser.finish());
}

TEST(SseParser, TakesManyEventsThatAreSmallerThanTheLimitEach) {
  SseParser parser(100);
  std::string stream;
  for (int count = 0; count < 1000; ++count) stream += "data: 0123456789\n\n";
  parser.feed(stream);
  std::vector<Seen> seen;
  drain(parser, seen);
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(SseParser, TakesAnEventOf20MebibytesInSmallPieces) {
  const std::string text(std::size_t{20} << 20, 'x');
  SseParser parser;
  std::vector<Seen> seen;
  parser.feed("data: ");
  for (std::size_t at = 0; at < text.size(); at += 4096) {
    parser.feed(std::string_view(text).substr(at, 4096));
    drain(parser, seen);
  }
  EXPECT_TRUE(seen.empty());
  parser.feed("\n\n");
  drain(parser, seen);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].data, text);
}

}  // namespace
}  // namespace abstractllm
