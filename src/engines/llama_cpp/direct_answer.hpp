// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "engines/llama_cpp/call.hpp"
#include "server-common.h"

namespace abstractllm {

/// The content type of every body that is not a stream.
inline constexpr std::string_view json_type = "application/json; charset=utf-8";

/// An answer that needs no work of the model.
struct DirectAnswer {
  int status = 0;
  std::string body;
};

/// A refusal in the form of llama-server. `error` comes from format_error_response().
DirectAnswer refuse_with(const json& error);
DirectAnswer refuse(const std::string& message, error_type type = ERROR_TYPE_INVALID_REQUEST);

/// Opens the call with this body and ends it.
void write_directly(Call& call, const DirectAnswer& answer);

/// The path of a URL, with the host of a local one.
std::string_view path_of(std::string_view url);

}  // namespace abstractllm
