// SPDX-License-Identifier: Apache-2.0
#include "core/call_media.hpp"

#include <utility>

namespace abstractllm {

const OpenedMedia* CallMedia::find(const Attachment& attachment) const {
  const auto found = kept_.find(attachment.shared_value().get());
  return found == kept_.end() ? nullptr : &found->second.opened;
}

Result<void> CallMedia::keep(const Attachment& attachment, OpenedMedia& opened) {
  if (auto loaded = opened.load(); !loaded) return loaded;
  const std::shared_ptr<const std::string>& value = attachment.shared_value();
  kept_.insert_or_assign(value.get(), Kept{value, opened});
  return {};
}

}  // namespace abstractllm
