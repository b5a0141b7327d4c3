// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/inquiry.hpp"
#include "tools/tool_round.hpp"

namespace abstractllm {

/// A round of tools as an inquiry of the call, so that both drivers, the stop token and the time limits work for it as
/// they do for a request. Its transport runs functions: each piece of its body says that there is something to take.
class ToolInquiry final : public Inquiry {
 public:
  enum class Stage { ask, run };

  /// `take` gets each outcome, on the driver's thread. An Error of it ends the call. `has_output` says whether there is
  /// something to deliver.
  ToolInquiry(std::shared_ptr<ToolRound> round, Stage stage, std::function<Result<void>(ToolOutcome)> take,
              std::function<bool()> has_output);

  const std::shared_ptr<const HttpRequest>& request() const override { return request_; }
  const std::shared_ptr<Transport>& transport() const override { return transport_; }
  Result<void> restart() override { return {}; }
  Result<void> take_head(const HttpHead&) override { return {}; }
  Result<void> feed(std::string_view bytes) override;
  Result<void> finish() override;
  const Reading& reading() const override { return reading_; }
  bool has_output() const override { return has_output_(); }
  Error decode_error(const HttpHead& head, std::string_view body) override;
  std::string request_id(const HttpHead&) const override { return {}; }

 private:
  Result<void> take_all();

  std::shared_ptr<ToolRound> round_;
  std::function<Result<void>(ToolOutcome)> take_;
  std::function<bool()> has_output_;
  std::shared_ptr<const HttpRequest> request_;
  std::shared_ptr<Transport> transport_;
  Reading reading_;
};

}  // namespace abstractllm
