// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <stdexcept>

#include "abstractllm/tool.hpp"
#include "support/typed_values.hpp"
#include "tools/tool_impl.hpp"

namespace abstractllm {
namespace {

using namespace typed_values;

ToolContext context_of(std::string id) {
  return ToolContext(std::move(id), {}, std::make_shared<const std::vector<Message>>());
}

/// The text that the tool returns, or its error.
std::string run(const Tool& tool, const std::string& arguments) {
  EXPECT_FALSE(tool.fault()) << tool.fault()->message;
  ToolContext context = context_of("call_1");
  const bool is_task = tool.impl().run_later != nullptr;
  EXPECT_NE(is_task, tool.impl().run != nullptr);
  const Result<std::string> text =
      is_task ? sync_wait(tool.impl().run_later(arguments, context)) : tool.impl().run(arguments, context);
  return text ? *text : "error: " + text.error().message;
}

std::string fault_of(const Tool& tool) { return tool.fault() ? tool.fault()->message : "no fault"; }

std::string weather_in(const std::string& city, bool fahrenheit) { return city + (fahrenheit ? " 50" : " 10"); }

TEST(TypedTool, DescribesAFunction) {
  const Tool tool = Tool::from("weather_in", "Current weather in a city", &weather_in, Param("city", "City name"),
                               Param("fahrenheit", "Use Fahrenheit"));
  EXPECT_EQ(tool.name(), "weather_in");
  EXPECT_EQ(tool.description(), "Current weather in a city");
  EXPECT_EQ(tool.schema_json(),
            R"({"type":"object","properties":{"city":{"type":"string","description":"City name"},)"
            R"("fahrenheit":{"type":"boolean","description":"Use Fahrenheit"}},"required":["city","fahrenheit"],)"
            R"("additionalProperties":false})");
  EXPECT_TRUE(tool.is_runnable());
  EXPECT_NE(tool.schema(), nullptr);
  EXPECT_EQ(run(tool, R"({"fahrenheit":true,"city":"Paris"})"), "Paris 50");
}

TEST(TypedTool, DescribesAFunctionWithoutParameters) {
  const Tool tool = Tool::from("ping", "", [] { return 1; });
  EXPECT_EQ(tool.schema_json(), R"({"type":"object","properties":{},"required":[],"additionalProperties":false})");
  EXPECT_EQ(run(tool, "{}"), "1");
  EXPECT_EQ(run(tool, R"({"unknown":[1]})"), "1");
}

TEST(TypedTool, NarrowsParameters) {
  const auto function = [](int count, double ratio, const std::string&, const std::string&, std::vector<int>, Unit,
                           std::optional<int>) { return count * ratio; };
  const Tool tool =
      Tool::from("f", "", function, Param("count").minimum(1).maximum(9),
                 Param("ratio").minimum(0).maximum(0.5).default_value(0.25),
                 Param("code").pattern("^[a-z]+$").min_length(1).max_length(8),
                 Param("kind").one_of({"x", "y"}).default_value("x"), Param("list").min_items(1).max_items(2),
                 Param("unit").default_value(Unit::fahrenheit), Param("maybe", "Perhaps").maximum(3));
  EXPECT_EQ(tool.schema_json(),
            R"({"type":"object","properties":{"count":{"type":"integer","minimum":1,"maximum":9},)"
            R"("ratio":{"type":"number","minimum":0,"maximum":0.5,"default":0.25},)"
            R"("code":{"type":"string","minLength":1,"maxLength":8,"pattern":"^[a-z]+$"},)"
            R"("kind":{"type":"string","enum":["x","y"],"default":"x"},)"
            R"("list":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"integer","minimum":-2147483648,)"
            R"("maximum":2147483647}},"unit":{"type":"string","enum":["celsius","fahrenheit"],"default":"fahrenheit"},)"
            R"("maybe":{"type":"integer","minimum":-2147483648,"maximum":3,"description":"Perhaps"}},)"
            R"("required":["count","code","list"],"additionalProperties":false})");
  EXPECT_EQ(run(tool, R"({"count":4,"code":"a","list":[1]})"), "1");
  EXPECT_EQ(run(tool, R"({"count":4,"ratio":null,"code":"a","list":[1]})"), "1");
  EXPECT_EQ(run(tool, R"({"count":4,"ratio":0.5,"code":"a","list":[1]})"), "2");
}

TEST(TypedTool, KeepsTheNarrowerRange) {
  const Tool wide = Tool::from(
      "f", "", [](std::int8_t x) { return x; }, Param("x").minimum(-1000).maximum(1000U));
  EXPECT_NE(wide.schema_json().find(R"("minimum":-128,"maximum":127)"), std::string::npos);
  const Tool large = Tool::from(
      "f", "", [](std::uint64_t x) { return x; }, Param("x").minimum(18446744073709551614U));
  EXPECT_NE(large.schema_json().find(R"("minimum":18446744073709551614,"maximum":18446744073709551615)"),
            std::string::npos);
}

TEST(TypedTool, ReportsAParamThatDoesNotFit) {
  const auto of_int = [](int x) { return x; };
  const auto of_text = [](const std::string& x) { return x; };
  EXPECT_EQ(fault_of(Tool::from("f", "", of_text, Param("x").minimum(1))),
            "tool 'f': 'x': minimum and maximum are for numbers only");
  EXPECT_EQ(fault_of(Tool::from("f", "", of_int, Param("x").pattern("a"))),
            "tool 'f': 'x': min_length, max_length, pattern and one_of are for std::string only");
  EXPECT_EQ(fault_of(Tool::from("f", "", of_int, Param("x").min_items(1))),
            "tool 'f': 'x': min_items and max_items are for std::vector only");
  EXPECT_EQ(fault_of(Tool::from("f", "", of_int, Param("x").minimum(2).maximum(1))),
            "tool 'f': 'x': its minimum is above its maximum");
  EXPECT_EQ(fault_of(Tool::from("f", "", of_int, Param("x").minimum(0.5))),
            "tool 'f': 'x': the minimum and the maximum of an integer must be integers");
  EXPECT_EQ(fault_of(Tool::from("f", "", of_text, Param("x").default_value(3))),
            "tool 'f': 'x': its default does not fit its type: 3");
  EXPECT_EQ(fault_of(Tool::from(
                "f", "", [](int, int) {}, Param("x"), Param("x"))),
            "tool 'f': 'x': the name is used twice");
  EXPECT_EQ(fault_of(Tool::from(
                "f", "", [](Twice) {}, Param("x"))),
            "tool 'f': 'x.same': the name is used twice");
  EXPECT_EQ(fault_of(Tool::from("", "", of_int, Param("x"))), "a tool has no name");
  const Tool faulty = Tool::from("f", "", of_int, Param("x").pattern("a"));
  EXPECT_EQ(faulty.fault()->kind, ErrorKind::invalid_argument);
  EXPECT_EQ(faulty.schema(), nullptr);
}

TEST(TypedTool, ReportsACallableThatIsEmpty) {
  int (*none)(int) = nullptr;
  EXPECT_EQ(fault_of(Tool::from("f", "", none, Param("x"))), "tool 'f' has no function");
  EXPECT_EQ(fault_of(Tool::from("f", "", std::function<int(int)>(), Param("x"))), "tool 'f' has no function");
}

TEST(TypedTool, NamesTheArgumentThatDoesNotFit) {
  const Tool tool = Tool::from(
      "plan", "", [](const Trip& trip, std::int8_t count) { return trip.title + char('a' + count); }, Param("trip"),
      Param("count"));
  EXPECT_EQ(run(tool, R"({"trip":{"stops":[{"name":1}]},"count":1})"),
            "error: 'trip.stops[0].name' must be a string, not 1");
  EXPECT_EQ(run(tool, R"({"trip":{"stops":[]},"count":300})"),
            "error: 'count' must be an integer from -128 to 127, not 300");
  EXPECT_EQ(run(tool, R"({"trip":{"stops":[]}})"), "error: 'count' is missing");
  EXPECT_EQ(run(tool, "[]"), "error: the value must be an object, not a list");
  EXPECT_EQ(run(tool, "{"), "error: the value must be JSON; the text is not, at byte 1");
  EXPECT_EQ(run(tool, R"({"trip":{"stops":[]},"count":1})"), "Tripb");
}

TEST(TypedTool, WritesEveryKindOfResult) {
  EXPECT_EQ(run(Tool::from("f", "", [] {}), "{}"), "done");
  EXPECT_EQ(run(Tool::from("f", "", [] { return std::string("plain \"text\""); }), "{}"), "plain \"text\"");
  EXPECT_EQ(run(Tool::from("f", "", [] { return "literal"; }), "{}"), "literal");
  EXPECT_EQ(run(Tool::from("f", "", [] { return std::string_view("view"); }), "{}"), "view");
  EXPECT_EQ(run(Tool::from("f", "", [] { return Stop{"Ulm", 2}; }), "{}"), R"({"name":"Ulm","minutes":2})");
  EXPECT_EQ(run(Tool::from("f", "", [] { return std::optional<std::string>("x"); }), "{}"), "\"x\"");
  EXPECT_EQ(run(Tool::from("f", "", [] { return Unit::celsius; }), "{}"), "\"celsius\"");
  EXPECT_EQ(run(Tool::from("f", "", [] { return Unit::kelvin; }), "{}"),
            "error: the value cannot be written as JSON: it holds an enumerator that Schema does not name");
  EXPECT_EQ(run(Tool::from("f", "", [] { return Result<int>(3); }), "{}"), "3");
  EXPECT_EQ(run(Tool::from("f", "", [] { return Result<std::string>("s"); }), "{}"), "s");
  EXPECT_EQ(run(Tool::from("f", "", [] { return Result<void>(); }), "{}"), "done");
  const auto failing = [] { return Result<int>(Error(ErrorKind::not_found, "no such city")); };
  EXPECT_EQ(run(Tool::from("f", "", failing), "{}"), "error: no such city");
  static const std::vector<int> kept = {1, 2};
  EXPECT_EQ(run(Tool::from("f", "", []() -> const std::vector<int>& { return kept; }), "{}"), "[1,2]");
}

Task<int> twice_later(int value) { co_return value * 2; }
Task<Result<Stop>> stop_later(ToolContext& context, const std::string& name, Stop&& stop) {
  if (name.empty()) co_return Error(ErrorKind::not_found, "no name for " + context.call_id());
  stop.name = name;
  co_return stop;
}
Task<void> nothing_later() { co_return; }
Task<Result<void>> failure_later() { co_return Error(ErrorKind::not_found, "gone"); }

TEST(TypedTool, AwaitsTasks) {
  EXPECT_EQ(run(Tool::from("f", "", twice_later, Param("value")), R"({"value":4})"), "8");
  const Tool stop = Tool::from("f", "", stop_later, Param("name"), Param("stop"));
  EXPECT_EQ(run(stop, R"({"name":"a longer name, on the heap","stop":{"name":"x","minutes":1}})"),
            R"({"name":"a longer name, on the heap","minutes":1})");
  EXPECT_EQ(run(stop, R"({"name":"","stop":{"name":"x","minutes":1}})"), "error: no name for call_1");
  EXPECT_EQ(run(stop, R"({"name":"","stop":{"name":"x"}})"), "error: 'stop.minutes' is missing");
  EXPECT_EQ(run(Tool::from("f", "", nothing_later), "{}"), "done");
  EXPECT_EQ(run(Tool::from("f", "", failure_later), "{}"), "error: gone");
}

TEST(TypedTool, KeepsTheCallableOfATaskUntilItHasEnded) {
  std::optional<Tool> tool = Tool::from(
      "f", "",
      [text = std::string("captured, and long enough for the heap")]() -> Task<std::string> { co_return text; });
  ToolContext context = context_of("c");
  Task<Result<std::string>> task = tool->impl().run_later("{}", context);
  tool.reset();
  EXPECT_EQ(sync_wait(std::move(task)).value(), "captured, and long enough for the heap");
}

TEST(TypedTool, PassesTheContextFirst) {
  EXPECT_EQ(run(Tool::from("f", "", [](ToolContext& context) { return context.call_id(); }), "{}"), "call_1");
  const auto function = [](const ToolContext& context, int number) {
    return context.call_id() + std::to_string(number);
  };
  const Tool tool = Tool::from("f", "", function, Param("n"));
  EXPECT_EQ(tool.schema_json().find("context"), std::string::npos);
  EXPECT_EQ(run(tool, R"({"n":7})"), "call_17");
}

class Adder {
 public:
  explicit Adder(int base) : base_(base) {}
  int operator()(int number) const noexcept { return base_ + number; }
  int add(int number) { return base_ += number; }

 private:
  int base_;
};

int plus_one(int number) noexcept { return number + 1; }

TEST(TypedTool, TakesEveryKindOfCallable) {
  const Param param("n");
  const std::string arguments = R"({"n":2})";
  EXPECT_EQ(run(Tool::from("f", "", plus_one, param), arguments), "3");
  EXPECT_EQ(run(Tool::from("f", "", &plus_one, param), arguments), "3");
  EXPECT_EQ(run(Tool::from("f", "", Adder(10), param), arguments), "12");
  EXPECT_EQ(run(Tool::from("f", "", std::function<int(int)>(Adder(20)), param), arguments), "22");
  EXPECT_EQ(run(Tool::from(
                    "f", "", [count = 0](int n) mutable noexcept { return count += n; }, param),
                arguments),
            "2");
  Adder adder(30);
  const std::function<int(int)> bound = std::bind_front(&Adder::add, &adder);
  EXPECT_EQ(run(Tool::from("f", "", bound, param), arguments), "32");
  const auto move_only = [value = std::make_unique<int>(40)](int n) { return *value + n; };
  EXPECT_EQ(run(Tool::from(
                    "f", "", [value = std::make_unique<int>(40)](int n) { return *value + n; }, param),
                arguments),
            "42");
  static_assert(!std::is_copy_constructible_v<decltype(move_only)>);
}

TEST(TypedTool, KeepsItsOwnCopyOfTheCallable) {
  auto adder = std::make_unique<Adder>(1);
  const Tool tool = Tool::from("f", "", *adder, Param("n"));
  adder->add(100);
  adder.reset();
  EXPECT_EQ(run(tool, R"({"n":2})"), "3");
  const Tool copy = tool;
  EXPECT_EQ(run(copy, R"({"n":3})"), "4");
}

TEST(TypedTool, TakesParametersByValueByConstReferenceAndByRvalueReference) {
  const auto function = [](std::string a, const std::string& b, std::string&& c) {
    std::string taken = std::move(c);
    return a + b + taken;
  };
  const Tool tool = Tool::from("f", "", function, Param("a"), Param("b"), Param("c"));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(run(tool, R"({"a":"1","b":"2","c":"3"})"), "123");
}

TEST(TypedTool, LetsAnExceptionOfTheCallablePass) {
  const Tool tool = Tool::from(
      "f", "", [](int) -> int { throw std::runtime_error("broken"); }, Param("n"));
  ToolContext context = context_of("c");
  EXPECT_THROW(static_cast<void>(tool.impl().run(R"({"n":1})", context)), std::runtime_error);
}

TEST(TypedTool, FindsItsParametersAmongManyMembersInLinearTime) {
  std::string arguments = "{";
  for (int i = 0; i < 100000; ++i) {
    arguments += "\"m" + std::to_string(i);
    arguments += "\":{},";
  }
  const Tool tool = Tool::from(
      "f", "", [](int a, int b) { return a + b; }, Param("a"), Param("b"));
  EXPECT_EQ(run(tool, arguments + R"("a":1,"b":2})"), "3");
}

}  // namespace
}  // namespace abstractllm
