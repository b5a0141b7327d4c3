// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "abstractllm/schema.hpp"

/// Types that the tests of schemas and tools describe.
namespace abstractllm::typed_values {

enum class Unit : std::uint8_t { celsius, fahrenheit, kelvin };

struct Stop {
  std::string name;
  int minutes = 0;
  bool operator==(const Stop&) const = default;
};

struct Trip {
  std::string title;
  std::vector<Stop> stops;
  std::optional<double> price = 1.0;
  Unit unit = Unit::fahrenheit;
  std::vector<int> days = {7};
  bool operator==(const Trip&) const = default;
};

/// Each holds the next: a struct in a vector in a map in an optional.
struct Nested {
  std::optional<std::map<std::string, std::vector<Stop>>> routes;
  bool operator==(const Nested&) const = default;
};

struct Tree {
  std::string name;
  std::vector<Tree> children;
  bool operator==(const Tree&) const = default;
};

struct Forest {
  std::map<std::string, Tree> trees;
  Tree favourite;
};

struct Twice {
  int one = 0;
  int two = 0;
};

struct BadDefault {
  int count = 0;
};

enum class Same { first, second };

}  // namespace abstractllm::typed_values

template <>
struct abstractllm::Schema<abstractllm::typed_values::Unit> {
  // kelvin has no name, so that a value without one can be tried.
  static constexpr auto values = std::array{enumerator("celsius", typed_values::Unit::celsius),
                                            enumerator("fahrenheit", typed_values::Unit::fahrenheit)};
};

template <>
struct abstractllm::Schema<abstractllm::typed_values::Same> {
  static constexpr auto values =
      std::array{enumerator("a", typed_values::Same::first), enumerator("a", typed_values::Same::second)};
};

template <>
struct abstractllm::Schema<abstractllm::typed_values::Stop> {
  static constexpr auto fields = std::tuple(field("name", &typed_values::Stop::name, "Name of the stop").min_length(1),
                                            field("minutes", &typed_values::Stop::minutes).minimum(0).maximum(600));
};

template <>
struct abstractllm::Schema<abstractllm::typed_values::Trip> {
  using Trip = typed_values::Trip;
  static constexpr auto fields = std::tuple(field("title", &Trip::title, "What to call it").default_value("Trip"),
                                            field("stops", &Trip::stops, "Where it stops").min_items(1).max_items(9),
                                            field("price", &Trip::price, "In euros").minimum(0.5),
                                            field("unit", &Trip::unit).default_value(typed_values::Unit::celsius),
                                            field("days", &Trip::days).default_value(std::array{1, 2}));
};

template <>
struct abstractllm::Schema<abstractllm::typed_values::Nested> {
  static constexpr auto fields = std::tuple(field("routes", &typed_values::Nested::routes));
};

template <>
struct abstractllm::Schema<abstractllm::typed_values::Tree> {
  static constexpr auto fields =
      std::tuple(field("name", &typed_values::Tree::name), field("children", &typed_values::Tree::children));
};

template <>
struct abstractllm::Schema<abstractllm::typed_values::Forest> {
  static constexpr auto fields = std::tuple(field("trees", &typed_values::Forest::trees, "All"),
                                            field("favourite", &typed_values::Forest::favourite, "The best"));
};

template <>
struct abstractllm::Schema<abstractllm::typed_values::Twice> {
  static constexpr auto fields =
      std::tuple(field("same", &typed_values::Twice::one), field("same", &typed_values::Twice::two));
};

template <>
struct abstractllm::Schema<abstractllm::typed_values::BadDefault> {
  static constexpr auto fields = std::tuple(field("count", &typed_values::BadDefault::count).default_value("three"));
};
