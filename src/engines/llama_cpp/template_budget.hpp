// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

// This is also compiled into the engine's template interpreter (cmake/LlamaCpp.cmake), which is C++17.

namespace abstractllm {

/// Thrown through the interpreter. Once it is thrown, every later charge to the same budget throws too, so that code
/// which tries a template in several ways ends at once.
struct TemplateBudgetExceeded : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The budget of chat templates on this thread while the object exists. One byte of output costs about one unit, one
/// step of the interpreter costs 64, and values that are kept cost more. So it limits both time and memory. The
/// innermost budget counts. Without a budget, only the depth is limited. Do not use it on another thread.
class TemplateBudget {
 public:
  /// `stopped` is called every few steps. If it returns true, the rendering ends. It must not throw.
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

  /// Charges a container that was put into another existing one. Many of them make chains that are too long to destroy.
  static void charge_link() {
    TemplateBudget* budget = current();
    if (budget != nullptr && ++budget->links_ > max_links) fail("nests too many values");
  }

  /// Counts one call of a recursive function of the interpreter.
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
