// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "abstractllm/provider.hpp"

namespace abstractllm {

std::size_t count_images(const std::vector<Message>& messages);

/// The messages, with Options::images() before the text of the last one of the user. Errors: invalid_argument where
/// there is none, and for an image in a message of anybody else.
Result<std::vector<Message>> with_images(std::vector<Message> messages, const Options& options);

/// The messages for a model that cannot see; those that were nothing but pictures are left out. Errors:
/// invalid_argument where the last one was.
Result<std::vector<Message>> without_images(const std::vector<Message>& messages);

/// The Warning "image_dropped" for the request's images.
Warning image_dropped(const Request& request);

}  // namespace abstractllm
