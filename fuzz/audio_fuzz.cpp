// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a recording and as a file: what they are, or an error that says why not.
#include <string>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "fuzzing.hpp"
#include "media/audio_type.hpp"
#include "media/file_type.hpp"

namespace {

using abstractllm::Error;
using abstractllm::ErrorKind;
using abstractllm::fuzzing::require;

void check(const Error& error) {
  require(error.kind == ErrorKind::invalid_argument, "a wrong attachment is the caller's");
  require(!abstractllm::find_invalid_utf8(error.message), "an error holds no bytes of the attachment");
}

void check_audio(std::string_view input, std::int64_t size) {
  const auto type = abstractllm::audio_type(input, size, "audio 1");
  if (!type) return check(type.error());
  require(!type->format.empty() && !type->media_type.empty(), "a recording has a format");
  require(!type->seconds || *type->seconds > 0, "a recording lasts");
  require(!type->seconds || *type->seconds < 1e11, "a header has no room for more");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = abstractllm::fuzzing::text_of(data, size);
  const auto whole = static_cast<std::int64_t>(input.size());
  check_audio(input, whole);
  check_audio(input, whole + 1'000'000);  // the beginning of a larger file
  const auto file = abstractllm::file_type(input, "file 1");
  if (!file) check(file.error());
  if (file && file->is_text) {
    const std::string element = abstractllm::file_element(abstractllm::clean_file_name(input.substr(0, 300)), input);
    require(!abstractllm::find_invalid_utf8(element), "text stays text");
    require(abstractllm::lowered(element).find("</file") == element.size() - std::string_view("</file>").size(),
            "a file ends once");
    require(element.find('"', element.find('"') + 1) + 1 == element.find('>'), "a name ends once");
  }
  return 0;
}
