// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// What must not show of a request, in any form in which a server or a library may repeat it: as it is, with escapes of
/// JSON (also in JSON within JSON) or of URLs, and as base64, also within a longer text as base64. Where the text ends
/// in the middle of a secret, because it was cut, its beginning is masked too.
///
/// Nothing shorter than four bytes is masked: it would be found by chance.
class Secrets {
 public:
  Secrets() = default;

  /// The values of the secret headers, each also without the "Bearer " before it; the user and the password of
  /// `Authorization: Basic`; each value of a Cookie.
  explicit Secrets(const HttpRequest& request);

  void add(std::string_view secret);

  /// Writes '*' over each occurrence; lengths stay. Linear in the text, unless the secret repeats itself.
  void mask(std::string& text) const;

 private:
  void add_header(const HttpHeader& header);

  std::vector<std::string> secrets_;  // longest first
};

/// The part of a proxy's URL that must not show, also where the URL is malformed ("http://user:pa#ss@host"): everything
/// between the scheme and the last '@'. Empty where there is none.
std::string_view user_of_proxy(std::string_view url);

}  // namespace abstractllm
