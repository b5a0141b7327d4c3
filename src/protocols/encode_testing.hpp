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

/// Has a recording before the text.
inline Request with_audio() {
  Request request;
  request.messages = {Message::user({Audio::bytes("a"), std::string("What is said?")})};
  request.audio.resize(1);
  request.audio[0].media_type = "audio/wav";
  request.audio[0].format = "wav";
  request.audio[0].base64 = "QQ==";
  request.options.model("m");
  request.delivery = Delivery::body;
  return request;
}

/// Has a PDF, a text file and the URL of a PDF before the text.
inline Request with_files() {
  Request request;
  request.messages = {Message::user(
      {File::bytes("b"), File::bytes("c"), File::url("https://example.com/c.pdf"), std::string("Compare.")})};
  request.files.resize(3);
  request.files[0].name = "report.pdf";
  request.files[0].media_type = "application/pdf";
  request.files[0].base64 = "Qg==";
  request.files[1].name = "notes.txt";
  request.files[1].media_type = "text/plain";
  request.files[1].base64 = "Qw==";
  request.files[1].is_text = true;
  request.files[1].text = "C";
  request.files[2].name = "c.pdf";
  request.files[2].url = "https://example.com/c.pdf";
  request.options.model("m");
  request.delivery = Delivery::body;
  return request;
}

}  // namespace abstractllm::encode_testing
