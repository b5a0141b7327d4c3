// SPDX-License-Identifier: Apache-2.0
#include "protocols/base_resp.hpp"

#include "base/utf8.hpp"

namespace abstractllm {
namespace {

struct KnownCode {
  std::int64_t code;
  int status;  ///< the HTTP status of the same meaning
};

/// https://platform.minimax.io/docs/api-reference/errorcode, 2026-11. All other codes are failures of the server
/// itself.
constexpr KnownCode known_codes[] = {
    {1002, 429},  // requests per minute
    {1004, 401},  // not authorized
    {1008, 402},  // no balance
    {1039, 429},  // tokens per minute
    {1042, 400},  // invisible characters
    {2013, 400},  // invalid parameters
    {2045, 429},  // the rate grew too fast
    {2049, 401},  // invalid key
    {2056, 429},  // the plan's five hours are used up
    {2061, 403},  // not in the plan: seen in reports only
};

constexpr std::int64_t refused_codes[] = {1026, 1027};  // sensitive input, sensitive output

}  // namespace

std::optional<ProviderError> read_base_resp(JsonElement root) {
  constexpr std::size_t most_bytes = 4000;
  const std::optional<JsonElement> base_resp = member(root, "base_resp");
  if (!base_resp) return std::nullopt;
  const auto [code, message] = members(*base_resp, std::array<std::string_view, 2>{"status_code", "status_msg"});
  const std::int64_t number = integer_of(code).value_or(0);
  if (number == 0) return std::nullopt;
  ProviderError said;
  said.code = std::to_string(number);
  said.message = valid_utf8_prefix(text_of(message), most_bytes);
  for (const KnownCode& known : known_codes)
    if (known.code == number) said.status = known.status;
  for (const std::int64_t refused : refused_codes) said.moderated = said.moderated || refused == number;
  return said;
}

}  // namespace abstractllm
