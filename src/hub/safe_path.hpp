// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace abstractllm {

/// Whether a path from a server or a user stays within our folder when it is joined to it, on every system. Such a path
/// is relative, uses only '/', and has no empty parts, ".", "..", control characters or drive letter.
bool is_safe_path(std::string_view path);

/// 40 or 64 lower-case hexadecimal digits: a commit, git's sha1 of a file, or its sha256.
bool is_hex_id(std::string_view text);

}  // namespace abstractllm
