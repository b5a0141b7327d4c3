// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "abstractllm/capability.hpp"
#include "media/opened_media.hpp"

namespace abstractllm {

/// What the first request of a call has found out about its attachments, for its later requests: each attachment is
/// opened or fetched once, and the server is asked once what the model takes. So all requests send the same bytes, and
/// no file is read while tools run. Not for several threads at once.
class CallMedia {
 public:
  /// Returns the bytes of an attachment, or null if they are not kept.
  const OpenedMedia* find(const Attachment& attachment) const;
  /// Reads a file into memory and keeps it. Errors: invalid_argument if it can no longer be read.
  Result<void> keep(const Attachment& attachment, OpenedMedia& opened);

  /// What the server has said about the model. All of it is empty if the server does not know. Unset: not asked.
  std::optional<Capabilities> described;

 private:
  struct Kept {
    std::shared_ptr<const std::string> value;  // keeps the key valid
    OpenedMedia opened;
  };

  std::unordered_map<const std::string*, Kept> kept_;  // copies of an attachment share its value
};

}  // namespace abstractllm
