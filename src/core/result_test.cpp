// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/result.hpp"

#include <gtest/gtest.h>

#include <any>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "abstractllm/response.hpp"

namespace abstractllm {
namespace {

Error broken() { return {ErrorKind::network, "broken"}; }
Result<std::string> word() { return "text"; }
Result<std::size_t> nothing_yet() { return 0; }

// These become a value implicitly.
static_assert(std::is_convertible_v<const char*, Result<std::string>>);
static_assert(std::is_convertible_v<std::string&, Result<std::string>>);
static_assert(std::is_convertible_v<std::nullopt_t, Result<std::optional<int>>>);
static_assert(std::is_convertible_v<std::unique_ptr<int>, Result<std::shared_ptr<const int>>>);
static_assert(std::is_convertible_v<int, Result<std::int64_t>>);
static_assert(std::is_convertible_v<float, Result<double>>);
static_assert(std::is_convertible_v<Result<int>, Result<Result<int>>>);
static_assert(std::is_convertible_v<Error, Result<int>>);
static_assert(std::is_convertible_v<Error, Result<void>>);

// These must not: narrowing, explicit conversions, null for text, pointers for flags, brace elision.
struct Wrapped {
  std::string text;
};
static_assert(!std::is_constructible_v<Result<int>, double>);
static_assert(!std::is_constructible_v<Result<float>, double>);
static_assert(!std::is_constructible_v<Result<double>, std::int64_t>);
static_assert(!std::is_constructible_v<Result<bool>, const char*>);
static_assert(!std::is_constructible_v<Result<bool>, int>);
static_assert(!std::is_constructible_v<Result<std::string>, std::nullptr_t>);
static_assert(!std::is_constructible_v<Result<std::string>, int>);
static_assert(!std::is_constructible_v<Result<std::string>, std::string_view>, "explicit in std::string, too");
static_assert(!std::is_constructible_v<Result<std::vector<int>>, std::size_t>);
static_assert(!std::is_constructible_v<Result<std::unique_ptr<int>>, int*>);
static_assert(!std::is_constructible_v<Result<Wrapped>, const char*>);
static_assert(!std::is_constructible_v<Result<void>, int>);
static_assert(!std::is_convertible_v<ErrorKind, Result<int>>);

/// It converts to both, so its meaning is ambiguous.
struct Torn {
  operator Error() const { return broken(); }      // NOLINT(google-explicit-constructor)
  operator std::string() const { return "text"; }  // NOLINT(google-explicit-constructor)
};
static_assert(!std::is_convertible_v<Torn, Result<std::string>>);

class Worse : public Error {
 public:
  Worse() : Error(ErrorKind::timeout, "worse") {}
};

TEST(Result, IsMadeFromWhateverConvertsToItsValue) {
  EXPECT_EQ(word().value(), "text");
  EXPECT_EQ(*nothing_yet(), 0U);
  const Result<std::vector<int>> list({1, 2, 3});
  EXPECT_EQ(list->size(), 3U);
}

TEST(Result, NeverTakesAnErrorForAValue) {
  const Result<std::any> any = broken();
  ASSERT_FALSE(any);
  EXPECT_EQ(any.error().message, "broken");
  const Result<std::optional<Error>> optional = broken();
  EXPECT_FALSE(optional);
  const Result<std::variant<int, Error>> derived = Worse();
  ASSERT_FALSE(derived);
  EXPECT_EQ(derived.error().kind, ErrorKind::timeout);
}

TEST(Result, GoesOnWithTheNextResultWhereThereIsAValue) {
  const auto half = [](int n) -> Result<double> {
    if (n < 0) return Error(ErrorKind::invalid_argument, "negative");
    return n / 2.0;
  };
  EXPECT_EQ(Result<int>(3).and_then(half).value(), 1.5);
  EXPECT_EQ(Result<int>(-3).and_then(half).error().message, "negative");
  EXPECT_EQ(Result<int>(broken()).and_then(half).error().message, "broken");
  const auto fine = [](const std::string& text) { return text == "text" ? Result<void>() : Result<void>(broken()); };
  EXPECT_TRUE(word().and_then(fine));
  EXPECT_FALSE(Result<std::string>("other").and_then(fine));
}

TEST(Result, TransformsItsValue) {
  const Result<std::string> some = "text";
  const Result<std::size_t> size = some.transform([](const std::string& text) { return text.size(); });
  EXPECT_EQ(*size, 4U);
  int seen = 0;
  const Result<void> done = Result<int>(7).transform([&](int n) { seen = n; });
  EXPECT_TRUE(done);
  EXPECT_EQ(seen, 7);
  EXPECT_EQ(Result<int>(broken()).transform([&](int) { seen = 0; }).error().message, "broken");
  EXPECT_EQ(seen, 7);
  Response response;
  response.text = "Paris";
  const Result<std::string> text = Result<Response>(response).transform(&Response::text);
  EXPECT_EQ(*text, "Paris");
}

TEST(Result, TurnsToSomethingElseWhereThereIsAnError) {
  const auto instead = [](const Error& error) -> Result<std::string> { return "no: " + error.message; };
  EXPECT_EQ(*word().or_else(instead), "text");
  EXPECT_EQ(*Result<std::string>(broken()).or_else(instead), "no: broken");
  const auto wrap = [](Error error) {
    error.message = "in the test: " + error.message;
    return error;
  };
  EXPECT_EQ(Result<int>(broken()).transform_error(wrap).error().message, "in the test: broken");
  EXPECT_EQ(*Result<int>(1).transform_error(wrap), 1);
  const Result<std::string> kept = "text";
  EXPECT_EQ(*kept.or_else(instead), "text");
  EXPECT_EQ(*kept.transform_error(wrap), "text");
}

TEST(Result, MovesOutOfATemporary) {
  Result<std::unique_ptr<int>> some = std::make_unique<int>(7);
  const auto out = [](std::unique_ptr<int> pointer) { return *pointer; };
  EXPECT_EQ(*std::move(some).transform(out), 7);
  EXPECT_EQ(*some, nullptr);
  EXPECT_EQ(*Result<std::unique_ptr<int>>(std::make_unique<int>(8)).value_or(nullptr), 8);
  EXPECT_EQ(Result<std::unique_ptr<int>>(broken()).value_or(nullptr), nullptr);
  const auto keep = [](std::unique_ptr<int> pointer) -> Result<std::unique_ptr<int>> { return pointer; };
  EXPECT_EQ(**Result<std::unique_ptr<int>>(std::make_unique<int>(9)).and_then(keep), 9);
  const auto none = [](Error&&) -> Result<std::unique_ptr<int>> { return nullptr; };
  EXPECT_EQ(**Result<std::unique_ptr<int>>(std::make_unique<int>(10)).or_else(none), 10);
}

TEST(Result, KeepsItsValueWhereItIsNoTemporary) {
  const Result<std::string> kept = "text";
  EXPECT_EQ(kept.value_or("other"), "text");
  EXPECT_EQ(kept.transform([](std::string text) { return text + "!"; }).value(), "text!");
  EXPECT_EQ(*kept, "text");
  EXPECT_EQ(Result<std::string>(broken()).value_or("other"), "other");
}

TEST(Result, OfNothingChainsTheSame) {
  const Result<void> good;
  const Result<void> bad = broken();
  EXPECT_EQ(*good.and_then([] { return Result<int>(1); }), 1);
  EXPECT_EQ(bad.and_then([] { return Result<int>(1); }).error().message, "broken");
  EXPECT_EQ(*good.transform([] { return 2; }), 2);
  EXPECT_EQ(bad.transform([] { return 2; }).error().message, "broken");
  int calls = 0;
  EXPECT_TRUE(good.transform([&] { ++calls; }));
  EXPECT_FALSE(bad.transform([&] { ++calls; }));
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(bad.or_else([](const Error&) { return Result<void>(); }));
  EXPECT_EQ(bad.transform_error([](const Error& error) { return Error(error.kind, "else"); }).error().message, "else");
  EXPECT_TRUE(good.transform_error([](const Error& error) { return error; }));
}

}  // namespace
}  // namespace abstractllm
