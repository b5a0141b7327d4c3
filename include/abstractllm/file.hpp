// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "abstractllm/attachment.hpp"

namespace abstractllm {

/// A document for a model: PDF or text. The content decides which, never the file name: what begins as a PDF does is
/// one, and what is UTF-8 without a null character is text. When it is read: Attachment.
///
/// A wire format that has a place for the file gets it. Otherwise text is written into the prompt between
/// `<file name="…">` and `</file>`, with the Warning "file_inlined", and a PDF is an error of kind unsupported. Under
/// Options::strict the Warning is an error of that kind too.
class ABSTRACTLLM_API File : public Attachment {
 public:
  /// The first of these rules that applies decides what the string is:
  /// 1. It begins with http://, https:// or data: (in any case): a URL.
  /// 2. A file with that name exists: a path.
  /// 3. It is base64 of a PDF: the document itself.
  /// 4. Otherwise the call fails with invalid_argument, and the message says what was tried.
  explicit File(std::string source) : File(SourceKind::source, std::move(source)) {}

  /// A file on this machine.
  static File file(std::string path) { return File(SourceKind::file, std::move(path)); }

  /// An http or https URL goes to the provider if its wire format takes one: that of Responses, and that of Messages if
  /// the path ends with ".pdf". Otherwise this library fetches the file, and refuses private addresses
  /// (Options::allow_private_image_urls). A data URL is base64 or percent-encoded (RFC 2397); the type that it names is
  /// ignored.
  static File url(std::string url) { return File(SourceKind::url, std::move(url)); }

  /// RFC 4648 §4 or §5, with or without padding. Blanks and line breaks are allowed.
  static File base64(std::string text) { return File(SourceKind::base64, std::move(text)); }

  /// The content of a PDF or text file.
  static File bytes(std::string bytes) { return File(SourceKind::bytes, std::move(bytes)); }

  /// Sets the name that the model reads. If it is unset, the last part of the path or of the URL is taken, otherwise
  /// "file.txt" or "file.pdf". Control characters and bytes that are not UTF-8 become U+FFFD.
  File& name(std::string text) {
    name_ = std::move(text);
    return *this;
  }
  const std::string& name() const noexcept { return name_; }

  /// Writes text into the prompt for every provider, without a Warning. It makes no difference to a PDF.
  File& inline_text(bool always) {
    inline_text_ = always;
    return *this;
  }
  bool inline_text() const noexcept { return inline_text_; }

  bool operator==(const File& other) const {
    return Attachment::operator==(other) && name_ == other.name_ && inline_text_ == other.inline_text_;
  }

 private:
  File(SourceKind kind, std::string value) : Attachment(kind, std::move(value)) {}

  std::string name_;
  bool inline_text_ = false;
};

}  // namespace abstractllm
