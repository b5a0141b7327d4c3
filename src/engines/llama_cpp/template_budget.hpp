// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

// Also compiled into the engine's template interpreter (cmake/LlamaCpp.cmake), which is C++17.

namespace abstractllm {

/// Thrown through the interpreter. Once thrown, everything that the same budget is charged with later throws too, so
/// that code which tries a template in several ways ends at once.
struct TemplateBudgetExceeded : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What chat templates may use on this thread while the object lives: about one unit for each byte that they write, 64
/// for each step of the interpreter, more for values that are kept. So it bounds time and memory both. The innermost
/// budget counts. Without one, only the depth is limited. Not to be moved to another thread.
class TemplateBudget {
 public:
  /// `stopped` is asked every few steps; true ends the rendering. It must not throw.
  TemplateBudget(std::int64_t units, std::function<bool()> stopped)
      : left_(units), stopped_(std::move(stopped)), outer_(current()) {
    current() = this;
  }
  ~TemplateBudget() { current() = outer_; }
  TemplateBudget(const TemplateBudget&) = delete;
  TemplateBudget& operator=(const TemplateBudget&) = delete;

  bool exceeded() const { return left_ < 0; }
  bool was_stopped() const { return was_stopped_; }

  static void charge(std::int64_t units) {
    if (TemplateBudget* budget = current()) budget->take(units);
  }

  /// Ends the rendering.
  [[noreturn]] static void fail(const char* why) {
    if (TemplateBudget* budget = current()) budget->left_ = -1;
    throw TemplateBudgetExceeded(std::string("the chat template ") + why);
  }

  /// A container was put into another that exists already. Many of them make chains that are too long to destroy.
  static void charge_link() {
    TemplateBudget* budget = current();
    if (budget != nullptr && ++budget->links_ > max_links) fail("nests too many values");
  }

  /// One call of a function of the interpreter that calls itself.
  class Level {
   public:
    Level() {
      if (depth() >= max_depth) fail("is nested too deeply");
      charge(64);
      ++depth();
    }
    ~Level() { --depth(); }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    bool is_outermost() const { return depth() == 1; }

   private:
    static int& depth() {
      static thread_local int levels = 0;
      return levels;
    }
  };

 private:
  static constexpr int max_depth = 1000;
  static constexpr int max_links = 10'000;

  static TemplateBudget*& current() {
    static thread_local TemplateBudget* innermost = nullptr;
    return innermost;
  }

  void take(std::int64_t units) {
    if (left_ < 0) throw TemplateBudgetExceeded("the chat template was ended before");
    if ((++charges_ & 15U) == 0 && stopped_ && stopped_()) {
      was_stopped_ = true;
      fail("was stopped");
    }
    left_ = units > left_ ? -1 : left_ - units;
    if (left_ < 0) fail("does not end, or writes too much");
  }

  std::int64_t left_;
  const std::function<bool()> stopped_;
  TemplateBudget* const outer_;
  std::uint32_t charges_ = 0;
  int links_ = 0;
  bool was_stopped_ = false;
};

}  // namespace abstractllm
