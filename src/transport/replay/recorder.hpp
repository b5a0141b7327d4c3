// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// A transport that passes everything through and appends each exchange to the file when the exchange is over (see
/// to_json_lines). Only the owner can read a new file; an existing file keeps its mode. Errors: not_configured if it
/// cannot be opened.
Result<std::shared_ptr<Transport>> make_recording_transport(std::shared_ptr<Transport> transport,
                                                            const std::string& path);

}  // namespace abstractllm
