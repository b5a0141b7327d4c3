// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "abstractllm/attachment.hpp"

namespace abstractllm {

/// A recording for a model that hears: WAV, MP3 or FLAC. The content decides the format, never the file name. When it
/// is read: Attachment.
///
/// A model or a wire format that does not take audio answers without it, with the Warning "audio_dropped". Under
/// Options::strict this is an error of kind unsupported. OpenAI takes only WAV and MP3; FLAC is then an
/// invalid_argument.
class ABSTRACTLLM_API Audio : public Attachment {
 public:
  /// The first of these rules that applies decides what the string is:
  /// 1. It begins with http://, https:// or data: (in any case): a URL.
  /// 2. A file with that name exists: a path.
  /// 3. It is base64 of one of the known audio formats: the recording itself.
  /// 4. Otherwise the call fails with invalid_argument, and the message says what was tried.
  explicit Audio(std::string source) : Audio(SourceKind::source, std::move(source)) {}

  /// An audio file on this machine.
  static Audio file(std::string path) { return Audio(SourceKind::file, std::move(path)); }

  /// This library fetches an http or https URL, because no provider does. It refuses private addresses
  /// (Options::allow_private_image_urls). A data URL is base64 or percent-encoded (RFC 2397); the type that it names is
  /// ignored.
  static Audio url(std::string url) { return Audio(SourceKind::url, std::move(url)); }

  /// RFC 4648 §4 or §5, with or without padding. Blanks and line breaks are allowed.
  static Audio base64(std::string text) { return Audio(SourceKind::base64, std::move(text)); }

  /// The content of a WAV, MP3 or FLAC file.
  static Audio bytes(std::string bytes) { return Audio(SourceKind::bytes, std::move(bytes)); }

 private:
  Audio(SourceKind kind, std::string value) : Attachment(kind, std::move(value)) {}
};

}  // namespace abstractllm
