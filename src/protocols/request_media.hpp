// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Returns Request::images, audio and files one by one while an encoder goes through the messages.
class RequestMedia {
 public:
  explicit RequestMedia(const Request& request) : request_(request) {}

  /// Returns the data of the next Image, Audio or File among the parts.
  const ImageData& next_image() { return request_.images.at(images_++); }
  const AudioData& next_audio() { return request_.audio.at(audio_++); }
  const FileData& next_file() { return request_.files.at(files_++); }

 private:
  const Request& request_;
  std::size_t images_ = 0;
  std::size_t audio_ = 0;
  std::size_t files_ = 0;
};

}  // namespace abstractllm
