// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// A transport that passes everything through and appends each exchange, when it is over, to the file: see
/// to_json_lines. A file that is made is readable by its owner alone; what is there already keeps its mode. Errors:
/// not_configured where it cannot be opened.
Result<std::shared_ptr<Transport>> make_recording_transport(std::shared_ptr<Transport> transport,
                                                            const std::string& path);

}  // namespace abstractllm
