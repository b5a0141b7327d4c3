// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "exchange/exchange.hpp"

namespace abstractllm {

/// Polls a channel and returns its bytes in pieces of at most 32 KiB. So stop tokens, limits and the loop's other calls
/// are served in between, however much a transport returns at once.
class Piecewise {
 public:
  static constexpr std::size_t largest_piece = 32 * 1024;

  /// Works like Channel::poll(). It polls `channel` once when its earlier bytes are used up.
  std::optional<Exchange::Input> poll(Channel& channel) {
    if (rest_.empty()) {
      auto came = channel.poll();
      if (!came) return std::nullopt;
      const auto* body = std::get_if<BodyBytes>(&*came);
      if (body == nullptr || body->bytes.size() <= largest_piece)
        return std::visit([](auto& what) -> Exchange::Input { return std::move(what); }, *came);
      rest_ = body->bytes;
    }
    const std::string_view piece = rest_.substr(0, largest_piece);
    rest_.remove_prefix(piece.size());
    return BodyBytes{piece};
  }
  /// Drops the rest, because the channel that owns these bytes is gone.
  void clear() { rest_ = {}; }

 private:
  std::string_view rest_;
};

}  // namespace abstractllm
