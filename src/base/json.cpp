// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

namespace abstractllm {
namespace {

constexpr int max_depth = 256;

Error bad_json(std::string_view what, std::string_view wrong) {
  return Error(ErrorKind::invalid_argument, std::string(what) + " " + std::string(wrong));
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::string_view what) {
  bool too_deep = false;
  const auto watch_depth = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > max_depth;
    return !too_deep;  // what lies deeper is not built
  };
  try {
    Json value = Json::parse(text.begin(), text.end(), watch_depth);
    if (too_deep) return bad_json(what, "nests more than " + std::to_string(max_depth) + " levels of JSON");
    return value;
  } catch (const Json::parse_error& error) {
    // nlohmann counts bytes from 1 and stands behind the bad one at the end of the text.
    const std::size_t offset = error.byte > 0 ? error.byte - 1 : 0;
    return bad_json(what, "is not valid JSON at byte " + std::to_string(std::min(offset, text.size())));
  } catch (const Json::exception&) {
    return bad_json(what, "holds a number that is out of range");
  }
}

std::string dump_json(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace abstractllm
