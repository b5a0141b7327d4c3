// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/direct_answer.hpp"

namespace abstractllm {

DirectAnswer refuse_with(const json& error) {
  return {json_value(error, "code", 500), safe_json_to_str({{"error", error}})};
}

DirectAnswer refuse(const std::string& message, error_type type) {
  return refuse_with(format_error_response(message, type));
}

void write_directly(Call& call, const DirectAnswer& answer) {
  call.open(answer.status, json_type);
  call.append(answer.body);
  call.end();
}

std::string_view path_of(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const auto scheme = url.find("://");
  return scheme == url.npos ? url : url.substr(scheme + 3);
}

}  // namespace abstractllm
