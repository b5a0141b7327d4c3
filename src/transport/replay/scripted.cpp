// SPDX-License-Identifier: Apache-2.0
#include "base/thrown.hpp"
#include "transport/replay/replay.hpp"

namespace abstractllm {

Result<std::shared_ptr<Transport>> replay_transport(const std::string& path, const ReplayOptions& options) {
  return guarded([&]() -> Result<std::shared_ptr<Transport>> { return make_replay_transport(path, options); });
}

std::shared_ptr<Transport> scripted_transport(std::vector<Reply> replies) {
  std::vector<RecordedExchange> exchanges;
  for (Reply& reply : replies) {
    RecordedExchange exchange;
    exchange.steps.push_back({{}, HttpHead{reply.status, std::move(reply.headers)}});
    for (std::string& piece : reply.pieces) exchange.steps.push_back({{}, RecordedBytes{std::move(piece)}});
    if (reply.failure) exchange.steps.push_back({{}, *reply.failure});
    else exchange.steps.push_back({{}, BodyEnd{}});
    exchanges.push_back(std::move(exchange));
  }
  return make_replay_transport(std::move(exchanges), {});
}

}  // namespace abstractllm
