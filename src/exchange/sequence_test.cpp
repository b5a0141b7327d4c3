// SPDX-License-Identifier: Apache-2.0
#include "exchange/sequence.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

using std::chrono::seconds;

/// An inquiry that ends with its first bytes.
class OneByte final : public Inquiry {
 public:
  const std::shared_ptr<const HttpRequest>& request() const override { return request_; }
  const std::shared_ptr<Transport>& transport() const override { return transport_; }
  Result<void> restart() override { return {}; }
  Result<void> take_head(const HttpHead&) override { return {}; }
  Result<void> feed(std::string_view) override {
    reading_.finished = true;
    return {};
  }
  Result<void> finish() override { return {}; }
  const Reading& reading() const override { return reading_; }
  Error decode_error(const HttpHead&, std::string_view) override { return {}; }
  std::string request_id(const HttpHead&) const override { return {}; }

 private:
  std::shared_ptr<const HttpRequest> request_ = std::make_shared<const HttpRequest>();
  std::shared_ptr<Transport> transport_;
  Reading reading_;
};

/// Stages that are untimed or not, in this order.
class Stages final : public CallPlan {
 public:
  explicit Stages(std::vector<bool> untimed) : untimed_(std::move(untimed)) {}
  Result<std::optional<Stage>> next(const Error* failure) override {
    if (failure != nullptr) return *failure;
    if (at_ == untimed_.size()) return std::optional<Stage>();
    Policy policy;
    policy.total_timeout = seconds(10);
    return std::optional(Stage{std::make_shared<OneByte>(), policy, untimed_[at_++]});
  }

 private:
  std::vector<bool> untimed_;
  std::size_t at_ = 0;
};

double no_jitter() { return 0; }

HttpHead ok() {
  HttpHead head;
  head.status = 200;
  return head;
}

TEST(Sequence, StopsTheTimeOfTheCallWhileAPersonIsAsked) {
  const TimePoint start{std::chrono::hours(1)};
  Sequence sequence(std::make_unique<Stages>(std::vector<bool>{false, true, false}), no_jitter);
  EXPECT_EQ(sequence.resume(Proceed{}, start).deadline, start + seconds(10));
  (void)sequence.resume(ok(), start + seconds(1));
  // The second stage begins after 4 s and takes 100 s.
  EXPECT_EQ(sequence.resume(BodyBytes{"x"}, start + seconds(4)).deadline, TimePoint::max());
  (void)sequence.resume(ok(), start + seconds(5));
  const Action third = sequence.resume(BodyBytes{"x"}, start + seconds(104));
  EXPECT_EQ(third.deadline, start + seconds(110));
  EXPECT_FALSE(sequence.error());
}

TEST(Sequence, LimitsAllStagesTogether) {
  const TimePoint start{std::chrono::hours(1)};
  Sequence sequence(std::make_unique<Stages>(std::vector<bool>{false, false}), no_jitter);
  (void)sequence.resume(Proceed{}, start);
  (void)sequence.resume(ok(), start + seconds(1));
  EXPECT_EQ(sequence.resume(BodyBytes{"x"}, start + seconds(4)).deadline, start + seconds(10));
}

}  // namespace
}  // namespace abstractllm
