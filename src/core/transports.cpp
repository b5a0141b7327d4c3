// SPDX-License-Identifier: Apache-2.0
#include "core/transports.hpp"

#include <algorithm>
#include <utility>

#include "base/process.hpp"
#include "providers/open_transport.hpp"

namespace abstractllm {
namespace {

/// Whether the option affects the transport.
bool matters(OptionTransport column, const Provider& provider) {
  if (column == OptionTransport::own) return static_cast<bool>(provider.transport);
  return column == OptionTransport::any;
}

Options options_that_matter(const Provider& provider, const Options& merged) {
  Options kept;
#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help) \
  if (merged.name() && matters(OptionTransport::transport, provider)) kept.name(*merged.name());
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
  return kept;
}

/// Whether a transport that was made for `kept` (from options_that_matter()) also serves `merged`.
bool serves(const Provider& provider, const Options& kept, const Options& merged) {
  bool same = true;
#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help) \
  if (same && matters(OptionTransport::transport, provider)) same = kept.name() == merged.name();
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
  return same;
}

}  // namespace

Result<std::shared_ptr<Transport>> Transports::get(const Provider& provider, const Options& merged) {
  std::shared_ptr<Transport> dropped;  // is destroyed, and may release a model, after the lock is released
  const ForkHold hold;
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return serves(provider, entry.options, merged); });
  if (known != entries_.end()) {
    std::rotate(known, known + 1, entries_.end());
    return entries_.back().transport;
  }
  Options wanted = options_that_matter(provider, merged);
  auto made = open_transport(provider, wanted);
  if (!made) return made;
  if (!*made) return Error(ErrorKind::internal, "provider " + provider.name + " made no transport");
  if (entries_.size() == most) {
    dropped = std::move(entries_.front().transport);
    entries_.erase(entries_.begin());
  }
  entries_.push_back({std::move(wanted), *made});
  return made;
}

}  // namespace abstractllm
