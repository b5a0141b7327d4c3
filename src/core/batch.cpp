// SPDX-License-Identifier: Apache-2.0
#include "core/batch.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "base/process.hpp"
#include "base/reactor.hpp"
#include "base/thrown.hpp"
#include "core/inherited_call.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t most_waiting_per_call = 4;

/// Answers that nobody has taken yet, by their turn. The consumer and the calls share them, and the calls may outlive
/// the consumer.
struct Answers {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::size_t, BatchResult> by_turn;
  std::size_t answered = 0;  // so far, including those that were taken

  void put(std::size_t index, BatchOrder order, Result<Response> outcome) {
    const std::lock_guard lock(mutex);
    const std::size_t turn = order == BatchOrder::input ? index : answered;
    // This is counted in any case, because the consumer waits for it.
    ++answered;
    changed.notify_one();
    by_turn.emplace(turn, BatchResult(index, std::move(outcome)));
  }
};

}  // namespace

class Batch::Impl : public ProcessOwned {
 public:
  Impl(std::function<std::optional<BatchItem>()> questions, AskOne ask, std::stop_token stop,
       const BatchOptions& options)
      : questions_(std::move(questions)),
        ask_(std::move(ask)),
        max_in_flight_(static_cast<std::size_t>(std::max(1, options.max_in_flight))),
        order_(options.order),
        on_stop_(std::move(stop), [this] { stop_.request_stop(); }) {}
  ~Impl() {
    if (!is_inherited()) stop_.request_stop();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::optional<BatchResult> next() {
    if (is_inherited()) return next_inherited();
    for (;;) {
      const std::size_t answered = begin_calls();
      if (taken_ == begun_) return std::nullopt;
      std::unique_lock lock(answers_->mutex);
      if (auto ready = answers_->by_turn.extract(taken_)) {
        ++taken_;
        under_way_.erase(ready.mapped().index);
        return std::move(ready.mapped());
      }
      if (answers_->answered == begun_) return BatchResult(taken_++, Error(ErrorKind::internal, "out of memory"));
      if (on_loop_thread()) return end_with_error();
      // Each answer makes room for another question, even if its own turn has not come.
      answers_->changed.wait(lock, [&] { return answers_->answered != answered; });
    }
  }

 private:
  /// Ends, in a forked child, what the parent has begun.
  std::optional<BatchResult> next_inherited() {
    if (under_way_.empty()) return std::nullopt;
    return BatchResult(under_way_.extract(under_way_.begin()).value(), inherited_call());
  }
  /// Begins as many calls as there is room for. Returns how many were answered when it last looked.
  std::size_t begin_calls() {
    for (;;) {
      const std::size_t answered = [&] {
        const std::lock_guard lock(answers_->mutex);
        return answers_->answered;
      }();
      const bool room = begun_ - answered < max_in_flight_ && begun_ - taken_ < most_waiting_per_call * max_in_flight_;
      if (!room || all_asked_ || stop_.stop_requested()) return answered;
      begin_call();
    }
  }

  void begin_call() {
    auto done = [answers = answers_, index = begun_, order = order_](Result<Response> outcome) {
      answers->put(index, order, std::move(outcome));
    };
    const auto asked = guarded([&]() -> Result<bool> {
      std::optional<BatchItem> item = questions_();
      if (!item) return false;
      under_way_.insert(begun_);
      ask_(*std::move(item), stop_.get_token(), done);
      return true;
    });
    all_asked_ = !asked || !*asked;
    if (asked && !*asked) return;
    ++begun_;
    // The function that makes the questions threw. Its next result is unknown, so it is not called again.
    if (!asked) done(asked.error());
  }

  /// The answers arrive on the loop thread, so that thread must not wait for them.
  static bool on_loop_thread() { return Reactor::is_shared_thread(); }

  BatchResult end_with_error() {
    stop_.request_stop();
    all_asked_ = true;
    return {std::exchange(taken_, begun_),
            Error(ErrorKind::invalid_argument,
                  "the loop thread cannot wait for a batch that it is to run: take results on another thread, or use "
                  "generate_async")};
  }

  std::function<std::optional<BatchItem>()> questions_;
  AskOne ask_;
  std::size_t max_in_flight_;
  BatchOrder order_;
  std::shared_ptr<Answers> answers_ = std::make_shared<Answers>();
  std::size_t begun_ = 0;
  std::size_t taken_ = 0;
  std::set<std::size_t> under_way_;  // begun and not yet taken
  bool all_asked_ = false;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> on_stop_;
};

Batch::Batch(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;
Batch::~Batch() = default;
std::optional<BatchResult> Batch::next() { return impl_->next(); }

Batch make_batch(std::function<std::optional<BatchItem>()> questions, AskOne ask, std::stop_token stop,
                 const BatchOptions& options) {
  return Batch(std::make_unique<Batch::Impl>(std::move(questions), std::move(ask), std::move(stop), options));
}

}  // namespace abstractllm
