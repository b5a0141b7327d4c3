// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "abstractllm/provider.hpp"

namespace abstractllm {

std::size_t count_images(const std::vector<Message>& messages);

/// Returns the messages with Options::images() before the text of the last message of the user. Errors:
/// invalid_argument if there is no such message, and for an image in a message of another role.
Result<std::vector<Message>> with_images(std::vector<Message> messages, const Options& options);

/// Returns the messages for a model that cannot see. Messages that had only images are left out. Errors:
/// invalid_argument if the last message had only images.
Result<std::vector<Message>> without_images(const std::vector<Message>& messages);

/// Returns the Warning "image_dropped" for the request's images.
Warning image_dropped(const Request& request);

}  // namespace abstractllm
