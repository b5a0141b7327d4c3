// SPDX-License-Identifier: Apache-2.0
// A model calls three C++ functions. Usage: example_tools [PROVIDER] [MODEL]
#include <abstractllm/abstractllm.hpp>
#include <iostream>
#include <string>
#include <vector>

namespace llm = abstractllm;

namespace {

enum class Unit { celsius, fahrenheit };

struct Stop {
  std::string city;
  int nights = 1;
};

double temperature_in(const std::string& city, Unit unit) {
  const double celsius = city == "Oslo" ? 4 : 21;
  return unit == Unit::celsius ? celsius : celsius * 1.8 + 32;
}

llm::Task<llm::Result<std::string>> hotel_in(std::string city, int max_price) {
  // Here a program awaits its database, or another call of a model.
  if (max_price < 40) co_return llm::Error(llm::ErrorKind::not_found, "no hotel in " + city + " is that cheap");
  co_return "Grand Hotel " + city;
}

}  // namespace

template <>
struct abstractllm::Schema<Unit> {
  static constexpr auto values =
      std::array{llm::enumerator("celsius", Unit::celsius), llm::enumerator("fahrenheit", Unit::fahrenheit)};
};

template <>
struct abstractllm::Schema<Stop> {
  static constexpr auto fields =
      std::tuple(llm::field("city", &Stop::city, "City name"),
                 llm::field("nights", &Stop::nights, "Nights to stay there").minimum(1).maximum(30).default_value(1));
};

int main(int argc, char** argv) try {
  // A tool may outlive the call that runs it, so a lambda captures by value.
  const std::vector<llm::Tool> tools = {
      llm::Tool::from("temperature_in", "Current temperature in a city", &temperature_in,
                      llm::Param("city", "City name"), llm::Param("unit", "Unit of the answer")),
      llm::Tool::from(
          "nights_of", "Number of nights of a trip",
          [](const std::vector<Stop>& stops) {
            int nights = 0;
            for (const Stop& stop : stops) nights += stop.nights;
            return nights;
          },
          llm::Param("stops", "The stops in their order").min_items(1)),
      llm::Tool::from("hotel_in", "Finds a hotel", &hotel_in, llm::Param("city", "City name"),
                      llm::Param("max_price", "Euros for a night").minimum(1).default_value(100))};

  llm::Options options;
  if (argc > 2) options.model(argv[2]);
  const llm::Llm model = llm::create_llm(argc > 1 ? argv[1] : "openai", options.tools(tools)).value();
  const llm::Response reply =
      model.generate("I stay in Oslo for 2 nights and in Rome for 3. How warm is it, and where can I sleep?").value();
  for (const llm::Step& step : reply.steps) {
    for (const llm::ToolCall& call : step.tool_calls) std::cout << call.name << " " << call.arguments_json << "\n";
    for (const llm::ToolResult& result : step.tool_results) std::cout << "  -> " << result.text << "\n";
  }
  std::cout << reply.text << "\n";
  return 0;
} catch (const llm::Exception& failure) {
  std::cerr << failure.what() << "\n";
  return llm::exit_code(failure.error().kind);
}
