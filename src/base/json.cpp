// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "abstractllm/json.hpp"
#include "base/json_text.hpp"
#include "base/utf8.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t most_levels = 256;
constexpr std::size_t most_bytes_in_message = 60;

/// If members have the same name, the last value takes the place of the first.
void keep_last_of_each(Json::object_t& members) {
  std::map<std::string_view, std::size_t> positions;
  Json::object_t kept;
  for (auto& [name, value] : members) {
    const auto [position, is_new] = positions.emplace(name, kept.size());
    if (is_new) kept.emplace_back(name, std::move(value));
    else (kept.begin() + static_cast<std::ptrdiff_t>(position->second))->second = std::move(value);
  }
  members = std::move(kept);
}

/// Builds a value from the parser's events. Appends members without a search for earlier ones.
class Builder final : public Json::json_sax_t {
 public:
  Json root;
  bool too_deep = false;
  bool out_of_range = false;
  std::size_t fault_at = 0;

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(Json::number_integer_t value) override { return add(value); }
  bool number_unsigned(Json::number_unsigned_t value) override { return add(value); }
  bool number_float(Json::number_float_t value, const std::string& spelled) override {
    // An integer that arrives as a double was rounded.
    out_of_range = spelled.find_first_of(".eE") == std::string::npos;
    return !out_of_range && add(value);
  }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(Json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool key(std::string& name) override {
    name_ = std::move(name);
    return true;
  }
  bool end_object() override {
    auto& members = *open_.back()->get_ptr<Json::object_t*>();
    if (members.size() > 1) keep_last_of_each(members);
    return close();
  }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& problem) override {
    constexpr int first_out_of_range_id = 400;
    out_of_range = problem.id >= first_out_of_range_id;
    fault_at = position > 0 ? position - 1 : 0;  // `position` counts from 1
    return false;
  }

 private:
  bool add(Json value) {
    insert(std::move(value));
    return true;
  }

  Json& insert(Json value) {
    if (open_.empty()) return root = std::move(value);
    Json& parent = *open_.back();
    if (parent.is_array()) return parent.get_ptr<Json::array_t*>()->emplace_back(std::move(value));
    return parent.get_ptr<Json::object_t*>()->emplace_back(std::move(name_), std::move(value)).second;
  }

  bool open(Json container) {
    too_deep = open_.size() >= most_levels;
    if (!too_deep) open_.push_back(&insert(std::move(container)));
    return !too_deep;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<Json*> open_;
  std::string name_;  // name of the next member
};

/// The value, or the error in the text as the rest of a sentence.
Result<Json> build(std::string_view text) {
  Builder builder;
  if (Json::sax_parse(text.begin(), text.end(), &builder)) return std::move(builder.root);
  std::string wrong = "is not valid JSON at byte " + std::to_string(std::min(builder.fault_at, text.size()));
  if (builder.too_deep) wrong = "nests more than " + std::to_string(most_levels) + " levels of JSON";
  if (builder.out_of_range) wrong = "holds a number that is out of range";
  return Error(ErrorKind::invalid_argument, std::move(wrong));
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::string_view what) {
  Result<Json> value = build(text);
  if (value) return value;
  std::string message = std::string(what) + " " + value.error().message;
  if (!text.empty()) message += "; it begins: " + escaped_start(text, most_bytes_in_message);
  return Error(ErrorKind::invalid_argument, std::move(message));
}

Result<Json> parse_server_json(std::string_view text, std::string_view what) {
  Result<Json> value = build(text);
  if (value) return value;
  if (const MendedJson mended = mend_json(text, HalfPairs::replace); mended.changed) {
    if (Result<Json> second = build(mended.text)) return second;
  }
  Error error(ErrorKind::protocol, std::string(what) + " " + value.error().message);
  error.provider_message = escaped_start(text, most_bytes_in_message);
  return error;
}

std::string json_string(std::string_view text) { return dump_json(Json(text)); }

std::string dump_json(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace abstractllm
