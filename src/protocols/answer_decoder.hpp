// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "protocols/answer_reader.hpp"

namespace abstractllm {

/// How the objects of a stream are separated.
enum class Framing {
  events,  ///< text/event-stream
  lines,   ///< application/x-ndjson: one JSON value per line
};

/// Makes a decoder for one answer with status 200. `framing` is that of a stream. An answer in the other form, or as
/// one body, is recognised by its first byte, because servers answer a stream request with a body and the other way
/// round. One event, line or body may have at most 64 MiB.
std::unique_ptr<Decoder> make_answer_decoder(std::unique_ptr<AnswerReader> reader, Framing framing);

}  // namespace abstractllm
