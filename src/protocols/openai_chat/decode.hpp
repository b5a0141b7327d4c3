// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "abstractllm/provider.hpp"

namespace abstractllm::openai_chat {

/// A decoder for one answer with status 200, be it a stream or a body: the first byte tells. Takes at most 64 MiB in
/// one event or body.
std::unique_ptr<Decoder> make_decoder();

}  // namespace abstractllm::openai_chat
