// SPDX-License-Identifier: Apache-2.0
//
// These requests test the encoders of all protocols.
#pragma once

#include "abstractllm/provider.hpp"

namespace abstractllm::encode_testing {

/// Has two images among the text of the first turn, and one without text in the last: a URL with a detail, a JPEG, a
/// PNG.
inline Request with_three_images() {
  Request request;
  request.messages = {Message::user({std::string("Compare"), Image::url("https://example.com/a.png"),
                                     std::string("with"), Image::bytes("b"), std::string("please.")}),
                      Message::assistant("Both are cats."), Message::user({Image::bytes("c")})};
  request.images.resize(3);
  request.images[0].url = "https://example.com/a.png";
  request.images[0].detail = "low";
  request.images[1].media_type = "image/jpeg";
  request.images[1].base64 = "Qg==";
  request.images[2].media_type = "image/png";
  request.images[2].base64 = "Qw==";
  request.options.model("m");
  request.delivery = Delivery::body;
  return request;
}

}  // namespace abstractllm::encode_testing
