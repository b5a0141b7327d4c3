// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "abstractllm/message.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm::cli {

/// All of standard input, minus one newline at its end. Errors: invalid_argument where it cannot be read.
Result<std::string> read_standard_input();

/// The conversation in a JSON file. Errors: invalid_argument that names the file.
Result<std::vector<Message>> read_messages_file(const std::string& path);

}  // namespace abstractllm::cli
