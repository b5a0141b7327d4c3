// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/error.hpp"
#include "abstractllm/transport.hpp"

namespace abstractllm {

/// The secrets of a request. They are masked in every form in which a server or a library may repeat them: unchanged,
/// with JSON escapes (also in JSON within JSON) or URL escapes, and as base64, also as a part of longer base64. If the
/// text was cut in the middle of a secret, the beginning of the secret is masked too.
///
/// Secrets shorter than four bytes are not masked, because they would match by chance.
class Secrets {
 public:
  Secrets() = default;

  /// Takes the values of the secret headers, also without a leading "Bearer "; the user and the password of
  /// `Authorization: Basic`; each value of a Cookie; and the values of the URL's query whose names say that they are
  /// secret, such as "key" and "sig".
  explicit Secrets(const HttpRequest& request);

  void add(std::string_view secret);

  /// Replaces each occurrence by '*' characters of the same length. Takes linear time, unless the secret repeats
  /// itself.
  void mask(std::string& text) const;
  /// Masks all texts of an error that may come from outside. What a user shows or logs must not hold a key.
  void mask(Error& error) const;

 private:
  void add_header(const HttpHeader& header);
  void add_query(std::string_view url);

  std::vector<std::string> secrets_;  // the longest is first
};

/// The part of a proxy's URL that must be hidden, even if the URL is malformed ("http://user:pa#ss@host"): everything
/// between the scheme and the last '@'. Empty if there is no '@'.
std::string_view user_of_proxy(std::string_view url);

}  // namespace abstractllm
