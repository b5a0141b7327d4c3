// SPDX-License-Identifier: Apache-2.0
#include "core/image_plan.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>
#include <utility>

#include "base/base64.hpp"
#include "base/url.hpp"

namespace abstractllm {
namespace {

constexpr std::int64_t default_most_bytes = 20'000'000;

std::string random_hex() {
  std::random_device device;
  std::array<char, 9> word{};
  std::string text;
  for (int i = 0; i < 4; ++i) {
    std::snprintf(word.data(), word.size(), "%08x", static_cast<unsigned>(device()));
    text += word.data();
  }
  return text;
}

/// Leaves out the source of the image, which may contain a signature.
std::string facts_of(const OpenedImage& image) {
  std::string text = std::string(image.type().media_type) + ", " + std::to_string(image.bytes()) + " bytes";
  if (image.type().width > 0)
    text += ", " + std::to_string(image.type().width) + "x" + std::to_string(image.type().height);
  return text;
}

Error over_limit(const std::string& provider, const std::string& what, std::int64_t value, std::int64_t limit,
                 std::string_view unit) {
  return {ErrorKind::invalid_argument, what + " " + std::to_string(value) + " " + std::string(unit) + "; provider " +
                                           provider + " takes at most " + std::to_string(limit)};
}

constexpr char type_mark = 't';
constexpr char data_mark = 'd';

}  // namespace

Result<ImagePlan> ImagePlan::make(const std::vector<Message>& messages, const Provider& provider,
                                  const Options& options) {
  ImagePlan plan;
  plan.marks_ = "abstractllm-image-" + random_hex() + "-";
  plan.limits_ = provider.image_limits;
  plan.provider_ = provider.name;
  plan.most_bytes_ = options.max_image_bytes().value_or(default_most_bytes);
  for (const Message& message : messages) {
    for (const Part& part : message.parts()) {
      const auto* image = std::get_if<Image>(&part);
      if (image == nullptr) continue;
      Slot slot;
      slot.label = "image " + std::to_string(plan.slots_.size() + 1);
      auto source = open_image(*image, slot.label, plan.most_bytes_);
      if (!source) return std::move(source).error();
      slot.source = *std::move(source);
      slot.detail = image->detail();
      slot.passed_on = !slot.source.opened && provider.fetches_image_urls;
      plan.slots_.push_back(std::move(slot));
    }
  }
  if (auto fits = plan.check_all_limits(); !fits) return std::move(fits).error();
  return plan;
}

Result<void> ImagePlan::check_limits(const OpenedImage& image) const {
  if (limits_.bytes > 0 && image.bytes() > limits_.bytes)
    return over_limit(provider_, image.label() + " has", image.bytes(), limits_.bytes, "bytes");
  const std::int64_t side = std::max(image.type().width, image.type().height);
  const bool many = limits_.many > 0 && static_cast<std::int64_t>(slots_.size()) > limits_.many;
  const std::int64_t longest = many ? limits_.side_of_many : limits_.side;
  if (longest == 0 || side <= longest) return {};
  std::string what =
      image.label() + " is " + std::to_string(image.type().width) + "x" + std::to_string(image.type().height);
  if (many) what += ", one of " + std::to_string(slots_.size());
  return over_limit(provider_, what + ": a side of", side, longest, "pixels");
}

Result<void> ImagePlan::check_all_limits() const {
  const auto count = static_cast<std::int64_t>(slots_.size());
  if (limits_.count > 0 && count > limits_.count)
    return over_limit(provider_, "the request holds", count, limits_.count, "images");
  for (const Slot& slot : slots_)
    if (slot.source.opened)
      if (auto fits = check_limits(*slot.source.opened); !fits) return fits;
  return {};
}

std::string ImagePlan::mark(std::size_t index, char what) const { return marks_ + std::to_string(index) + what; }

std::vector<ImageData> ImagePlan::data() const {
  std::vector<ImageData> all;
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    ImageData data;
    data.detail = slots_[index].detail;
    if (slots_[index].passed_on) {
      data.url = slots_[index].source.url;
    } else {
      data.media_type = mark(index, type_mark);
      data.base64 = mark(index, data_mark);
    }
    all.push_back(std::move(data));
  }
  return all;
}

std::vector<ImagePlan::ToFetch> ImagePlan::to_fetch() const {
  std::vector<ToFetch> wanted;
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    const Slot& slot = slots_[index];
    if (!slot.source.opened && !slot.passed_on) wanted.push_back({index, slot.source.url, slot.label});
  }
  return wanted;
}

Result<void> ImagePlan::put(std::size_t index, std::string bytes) {
  Slot& slot = slots_.at(index);
  auto opened = OpenedImage::from_bytes(std::make_shared<const std::string>(std::move(bytes)),
                                        slot.label + " (" + shown_url(slot.source.url) + ")", most_bytes_);
  if (!opened) return std::move(opened).error();
  if (auto fits = check_limits(*opened); !fits) return fits;
  slot.source.opened = *std::move(opened);
  return {};
}

/// Calls write(text) for the text between marks, and write(index, what) for each mark.
template <class Write>
void ImagePlan::replace_marks(std::string_view body, Write write) const {
  std::size_t done = 0;
  for (std::size_t at = body.find(marks_); at != std::string_view::npos; at = body.find(marks_, at)) {
    write(body.substr(done, at - done));
    std::size_t index = 0;
    for (at += marks_.size(); body[at] >= '0' && body[at] <= '9'; ++at)
      index = index * 10 + static_cast<std::size_t>(body[at] - '0');
    write(index, body[at]);
    done = ++at;
  }
  write(body.substr(done));
}

namespace {

/// Two functions of one name, as replace_marks() needs them.
template <class Text, class Mark>
struct Writer : Text, Mark {
  Writer(Text text, Mark mark) : Text(std::move(text)), Mark(std::move(mark)) {}
  using Mark::operator();
  using Text::operator();
};

}  // namespace

Result<std::string> ImagePlan::fill(std::string_view body) {
  std::size_t size = 0;
  replace_marks(body, Writer([&](std::string_view text) { size += text.size(); },
                             [&](std::size_t index, char what) {
                               const OpenedImage& image = *slots_.at(index).source.opened;
                               size += what == data_mark ? base64_size(static_cast<std::size_t>(image.bytes()))
                                                         : image.type().media_type.size();
                             }));
  std::string filled;
  filled.reserve(size);
  Result<void> outcome;
  replace_marks(body, Writer([&](std::string_view text) { filled += text; },
                             [&](std::size_t index, char what) {
                               OpenedImage& image = *slots_.at(index).source.opened;
                               if (what == type_mark) filled += image.type().media_type;
                               else if (outcome) outcome = image.append_base64(filled);
                             }));
  if (!outcome) return std::move(outcome).error();
  return filled;
}

std::string ImagePlan::shown(std::string_view body) const {
  std::string text;
  replace_marks(body, Writer([&](std::string_view between) { text += between; },
                             [&](std::size_t index, char what) {
                               const Slot& slot = slots_.at(index);
                               const bool known = slot.source.opened.has_value();
                               if (what == type_mark) text += known ? slot.source.opened->type().media_type : "image/*";
                               else
                                 text += known ? "<" + facts_of(*slot.source.opened) + ">"
                                               : "<" + shown_url(slot.source.url) + ", fetched when it is sent>";
                             }));
  return text;
}

std::string ImagePlan::description() const {
  std::string text;
  for (const Slot& slot : slots_) {
    if (!text.empty()) text += "; ";
    text += slot.source.opened ? facts_of(*slot.source.opened) : shown_url(slot.source.url);
  }
  return text;
}

}  // namespace abstractllm
