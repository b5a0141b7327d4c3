// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// What a file is.
struct FileType {
  std::string_view media_type;  ///< "application/pdf" or "text/plain"
  bool is_text = false;
};

/// Whether the bytes begin as a PDF does (ISO 32000-1 §7.5.2: "%PDF-").
bool is_pdf(std::string_view head);

/// Recognises a file by its whole content: a PDF, or text, which is UTF-8 without a null character. Linear. `label`
/// begins the message, for example "file 1". Errors: invalid_argument that names the other format, or the byte that is
/// not UTF-8.
Result<FileType> file_type(std::string_view bytes, std::string_view label);

/// Returns the text without a byte order mark.
std::string_view without_mark(std::string_view text);

/// Returns a name for a model to read: control characters and bytes that are not UTF-8 become U+FFFD, and it has at
/// most 255 bytes.
std::string clean_file_name(std::string_view name);

/// Returns `<file name="NAME">`, the text and `</file>`, on lines of their own. The name cannot end its attribute: `&`,
/// `<`, `>` and `"` in it become character references. The text cannot end the element: each `</file` in it becomes
/// `&lt;/file`. Nothing else is changed.
std::string file_element(std::string_view name, std::string_view text);

}  // namespace abstractllm
