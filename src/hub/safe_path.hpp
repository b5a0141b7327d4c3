// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace abstractllm {

/// Whether a path from a server or a user may be joined to a folder of ours and stay within it, on every system:
/// relative, with '/' only, and without empty parts, ".", "..", control characters or a drive letter.
bool is_safe_path(std::string_view path);

/// 40 or 64 small hexadecimal digits: a commit, git's sha1 of a file, or its sha256.
bool is_hex_id(std::string_view text);

}  // namespace abstractllm
