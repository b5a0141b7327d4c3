// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// The transports of one handle. Only the latest few are kept, because each may hold a model in memory. A running call
/// keeps its own.
class Transports {
 public:
  static constexpr std::size_t most = 8;

  /// Returns the transport for these merged options. It is one of the latest if the table of options says that it
  /// serves these too. Errors: those of the provider's transport function; internal if it returns none. It is
  /// thread-safe.
  Result<std::shared_ptr<Transport>> get(const Provider& provider, const Options& merged);

 private:
  struct Entry {
    Options options;  ///< those that matter to the transport: no key that it does not need, no images
    std::shared_ptr<Transport> transport;
  };

  std::mutex mutex_;
  std::vector<Entry> entries_;  // the most recent one is last
};

}  // namespace abstractllm
