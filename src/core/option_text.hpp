// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "abstractllm/options.hpp"

namespace abstractllm {

/// Sets one option from text, as the command line and the environment spell it. Lists grow by one element. Errors:
/// invalid_argument, which names the option, the text and what was expected.
Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::text>& value);
Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::number>& value);
Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::integer>& value);
Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::boolean>& value);
Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::texts>& value);
Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::images>& value);
Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::recordings>& value);
Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::duration>& value);
Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::biases>& value);
Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::headers>& value);

/// Checks that the text is one JSON object.
Result<void> check_json_object(std::string_view option, std::string_view text);

/// Checks that a header can be sent: its name is a token (RFC 9110 §5.1), and its value has no control characters. The
/// value may be a secret, so errors do not quote it.
Result<void> check_header(std::string_view option, std::string_view name, std::string_view value);

/// Errors: not_configured if the key is empty or is not valid in a header. It is never quoted.
Result<void> check_secret(std::string_view option, std::string_view text);

}  // namespace abstractllm
