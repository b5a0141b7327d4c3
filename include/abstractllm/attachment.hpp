// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "abstractllm/export.hpp"

namespace abstractllm {

/// The source of an attachment: of an image, of audio, or of a file.
enum class SourceKind {
  source,  ///< a string; its text decides what it is
  file,    ///< a path
  url,     ///< http, https or data
  base64,  ///< the bytes as text
  bytes,   ///< the bytes themselves
};

/// What Image, Audio and File have in common: where their content comes from.
///
/// Nothing is read before a call. Each call that sends the attachment reads a file again; a problem with it is an
/// invalid_argument of that call. Copies share the data. Any number of threads may use one object.
class ABSTRACTLLM_API Attachment {
 public:
  SourceKind kind() const noexcept { return kind_; }
  /// The string, path, URL, text or bytes, unchanged.
  const std::string& value() const noexcept { return *value_; }
  /// The same string, shared with all copies of this attachment.
  const std::shared_ptr<const std::string>& shared_value() const noexcept { return value_; }

  bool operator==(const Attachment& other) const { return kind_ == other.kind_ && *value_ == *other.value_; }

 protected:
  Attachment(SourceKind kind, std::string value)
      : kind_(kind), value_(std::make_shared<const std::string>(std::move(value))) {}

 private:
  SourceKind kind_;
  std::shared_ptr<const std::string> value_;
};

}  // namespace abstractllm
