// SPDX-License-Identifier: Apache-2.0
#include "core/media_plan.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>
#include <utility>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/url.hpp"
#include "media/file_type.hpp"

namespace abstractllm {
namespace {

constexpr std::int64_t default_image_bytes = 20'000'000;
constexpr std::int64_t default_audio_bytes = 25'000'000;
constexpr std::int64_t default_file_bytes = 32'000'000;
constexpr std::int64_t most_text_bytes = 64'000'000;  // of all text files of a request, which are in memory

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

/// Leaves out the source of the attachment, which may contain a signature.
std::string facts_of(const OpenedMedia& media) {
  const MediaType& type = media.type();
  std::string text = std::string(type.media_type) + ", " + std::to_string(media.bytes()) + " bytes";
  if (type.width > 0) text += ", " + std::to_string(type.width) + "x" + std::to_string(type.height);
  if (type.seconds) text += ", " + std::to_string(static_cast<std::int64_t>(*type.seconds)) + " s";
  return text;
}

constexpr char type_mark = 't';
constexpr char format_mark = 'f';
constexpr char data_mark = 'd';

/// What replaces a mark that does not stand for the data.
std::string_view word_of(const MediaType& type, char what) {
  return what == format_mark ? type.format : type.media_type;
}

bool names_pdf(std::string_view url) { return lowered(url.substr(0, url.find_first_of("?#"))).ends_with(".pdf"); }

bool is_text(const Part& part) { return std::holds_alternative<Text>(part); }
bool is_file(const Part& part) { return std::holds_alternative<File>(part); }

/// The parts of a message whose files become text. An empty line separates a file from the text beside it.
class InlinedParts {
 public:
  void add(const Part& part) {
    const auto* text = std::get_if<Text>(&part);
    if (text != nullptr && after_element_) parts_.emplace_back(Text("\n\n" + text->text));
    else parts_.push_back(part);
    after_element_ = false;
  }
  void add_element(std::string element) {
    if (!parts_.empty() && is_text(parts_.back())) element.insert(0, "\n\n");
    parts_.emplace_back(Text(std::move(element)));
    after_element_ = true;
  }
  /// Texts alone become one: some servers take only a string.
  Message message(Role role) && {
    const bool only_text = std::all_of(parts_.begin(), parts_.end(), is_text);
    Message made(role, std::move(parts_));
    if (only_text) return {role, made.text()};
    return made;
  }

 private:
  std::vector<Part> parts_;
  bool after_element_ = false;
};

}  // namespace

Result<MediaPlan> MediaPlan::make(const std::vector<Message>& messages, const Provider& provider,
                                  const Protocol& protocol, const Options& options, std::shared_ptr<CallMedia> kept) {
  MediaPlan plan;
  plan.kept_ = std::move(kept);
  plan.marks_ = "abstractllm-media-" + random_hex() + "-";
  plan.support_ = protocol.media();
  plan.limits_ = MediaLimits(provider, plan.support_);
  plan.provider_ = provider.name;
  plan.protocol_ = protocol.name();
  plan.options_ = options;
  std::int64_t text_bytes = 0;
  std::array<int, 3> counts{};
  Result<void> outcome;
  for_each_attachment(messages, [&](const AttachedPart& attached) {
    if (!outcome) return;
    auto slot = plan.open(attached, provider, ++counts.at(static_cast<std::size_t>(attached.kind)));
    if (!slot) {
      outcome = std::move(slot).error();
      return;
    }
    if (slot->source.opened && slot->source.opened->type().is_text) text_bytes += slot->source.opened->bytes();
    if (text_bytes > most_text_bytes)
      outcome = Error(ErrorKind::invalid_argument, "the text files of the request have more than " +
                                                       std::to_string(most_text_bytes) + " bytes together");
    plan.slots_.push_back(*std::move(slot));
  });
  if (!outcome) return std::move(outcome).error();
  plan.images_ = counts.front();
  if (auto fits = plan.check_all_limits(); !fits) return std::move(fits).error();
  return plan;
}

Result<MediaSource> MediaPlan::source_of(const AttachedPart& attached, const std::string& label) const {
  if (const OpenedMedia* const known = kept_ ? kept_->find(attached.attachment) : nullptr)
    return MediaSource{*known, ""};
  auto source = open_media(attached.kind, attached.attachment, label, most_bytes(attached.kind));
  if (!source || !source->opened || !kept_) return source;
  if (auto loaded = kept_->keep(attached.attachment, *source->opened); !loaded) return std::move(loaded).error();
  return source;
}

Result<MediaPlan::Slot> MediaPlan::open(const AttachedPart& attached, const Provider& provider, int number) const {
  Slot slot;
  slot.kind = attached.kind;
  slot.label = std::string(noun_of(slot.kind)) + " " + std::to_string(number);
  auto source = source_of(attached, slot.label);
  if (!source) return std::move(source).error();
  slot.source = *std::move(source);
  const bool is_url = !slot.source.opened;
  if (is_url && kept_) slot.attachment = attached.attachment;
  if (slot.kind == MediaKind::image) {
    slot.detail = static_cast<const Image&>(attached.attachment).detail();
    slot.passed_on = is_url && provider.fetches_image_urls;
  } else if (slot.kind == MediaKind::file) {
    const auto& file = static_cast<const File&>(attached.attachment);
    slot.name = clean_file_name(file.name().empty() ? default_file_name(file) : file.name());
    slot.inline_text = file.inline_text();
    const bool is_fetched = support_.urls == MediaSupport::Urls::any ||
                            (support_.urls == MediaSupport::Urls::pdf && names_pdf(slot.source.url));
    slot.passed_on = is_url && is_fetched && !slot.inline_text;
  }
  return slot;
}

std::int64_t MediaPlan::most_bytes(MediaKind kind) const {
  switch (kind) {
    case MediaKind::image: return options_.max_image_bytes().value_or(default_image_bytes);
    case MediaKind::audio: return options_.max_audio_bytes().value_or(default_audio_bytes);
    case MediaKind::file: break;
  }
  return options_.max_file_bytes().value_or(default_file_bytes);
}

std::string MediaPlan::name_of(const Slot& slot) const {
  if (!slot.name.empty()) return slot.name;
  const bool is_text = slot.source.opened && slot.source.opened->type().is_text;
  return is_text ? "file.txt" : "file.pdf";  // servers look at the ending
}

Result<void> MediaPlan::check_limits(const Slot& slot) const {
  if (!slot.source.opened) return {};
  return limits_.check(slot.kind, *slot.source.opened, images_);
}

Result<void> MediaPlan::check_length() const {
  double seconds = 0;
  for (const Slot& slot : slots_)
    if (slot.source.opened && !slot.gone) seconds += slot.source.opened->type().seconds.value_or(0);
  return limits_.check_length(seconds);
}

Result<void> MediaPlan::check_all_limits() const {
  if (auto fits = limits_.check_count(images_); !fits) return fits;
  for (const Slot& slot : slots_)
    if (auto fits = check_limits(slot); !fits) return fits;
  return check_length();
}

/// Whether a file stays a file in the request, as far as that is known. Errors: unsupported.
Result<bool> MediaPlan::stays_file(const Slot& slot, Unfetched unfetched) const {
  if (slot.passed_on) return true;
  if (!slot.source.opened)
    return unfetched == Unfetched::left || (!slot.inline_text && (support_.pdf || support_.text_files));
  const OpenedMedia& file = *slot.source.opened;
  if (file.type().is_text) return support_.text_files && !slot.inline_text;
  if (support_.pdf) return true;
  return Error(ErrorKind::unsupported,
               file.label() + " is a PDF document, which " + protocol_ + " of provider " + provider_ +
                   " does not take; convert it to text, for example `pdftotext IN.pdf OUT.txt`, or take a provider "
                   "that reads PDF: openai, anthropic or openrouter");
}

/// Returns the index of the next file that is left in the messages.
std::size_t MediaPlan::next_file(std::size_t& at) const {
  while (slots_.at(at).kind != MediaKind::file || slots_[at].gone) ++at;
  return at++;
}

Result<std::size_t> MediaPlan::inline_files(std::vector<Message>& messages, Unfetched unfetched) {
  std::size_t unasked = 0;
  std::size_t at = 0;
  for (Message& message : messages) {
    if (std::none_of(message.parts().begin(), message.parts().end(), is_file)) continue;
    InlinedParts parts;
    for (const Part& part : message.parts()) {
      if (!is_file(part)) {
        parts.add(part);
        continue;
      }
      const std::size_t index = next_file(at);
      Slot& slot = slots_[index];
      const auto stays = stays_file(slot, unfetched);
      if (!stays) return stays.error();
      if (*stays) {
        parts.add(part);
        continue;
      }
      const std::string later = mark(index, data_mark);
      parts.add_element(file_element(name_of(slot), slot.source.opened ? slot.source.opened->text() : later));
      slot.gone = slot.source.opened.has_value();
      if (!slot.inline_text) ++unasked;
    }
    message = std::move(parts).message(message.role());
  }
  return unasked;
}

std::string MediaPlan::mark(std::size_t index, char what) const { return marks_ + std::to_string(index) + what; }

ImageData MediaPlan::image_data(std::size_t index) const {
  const Slot& slot = slots_[index];
  ImageData data;
  data.detail = slot.detail;
  if (slot.passed_on) {
    data.url = slot.source.url;
  } else {
    data.media_type = mark(index, type_mark);
    data.base64 = mark(index, data_mark);
  }
  return data;
}

AudioData MediaPlan::audio_data(std::size_t index) const {
  AudioData data;
  data.media_type = mark(index, type_mark);
  data.format = mark(index, format_mark);
  data.base64 = mark(index, data_mark);
  return data;
}

FileData MediaPlan::file_data(std::size_t index) const {
  const Slot& slot = slots_[index];
  FileData data;
  data.name = name_of(slot);
  if (slot.passed_on) {
    data.url = slot.source.url;
    return data;
  }
  data.media_type = mark(index, type_mark);
  data.base64 = mark(index, data_mark);
  if (slot.source.opened && slot.source.opened->type().is_text) {
    data.is_text = true;
    data.text = slot.source.opened->text();
  }
  return data;
}

void MediaPlan::set_data(Request& request, Unfetched unfetched) const {
  request.images.clear();
  request.audio.clear();
  request.files.clear();
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    if (slots_[index].gone) continue;
    switch (slots_[index].kind) {
      case MediaKind::image: request.images.push_back(image_data(index)); break;
      case MediaKind::audio: request.audio.push_back(audio_data(index)); break;
      case MediaKind::file:
        if (stays_file(slots_[index], unfetched).value_or(false)) request.files.push_back(file_data(index));
        break;
    }
  }
}

void MediaPlan::drop(MediaKinds kinds) {
  for (Slot& slot : slots_)
    if (kinds.has(slot.kind)) slot.gone = true;
}

std::optional<MediaPlan::ToFetch> MediaPlan::next_to_fetch() const {
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    const Slot& slot = slots_[index];
    if (!slot.source.opened && !slot.passed_on && !slot.gone)
      return ToFetch{index, slot.kind, slot.source.url, slot.label, most_bytes(slot.kind)};
  }
  return std::nullopt;
}

Result<void> MediaPlan::put(std::size_t index, std::string bytes) {
  Slot& slot = slots_.at(index);
  auto opened = OpenedMedia::from_bytes(slot.kind, std::make_shared<const std::string>(std::move(bytes)),
                                        slot.label + " (" + shown_url(slot.source.url) + ")", most_bytes(slot.kind));
  if (!opened) return std::move(opened).error();
  slot.source.opened = *std::move(opened);
  if (auto fits = check_limits(slot); !fits) return fits;
  if (slot.attachment)
    if (auto kept = kept_->keep(*slot.attachment, *slot.source.opened); !kept) return kept;
  return check_length();
}

/// Calls write(text) for the text between marks, and write(index, what) for each mark.
template <class Write>
void MediaPlan::replace_marks(std::string_view body, Write write) const {
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

Result<std::string> MediaPlan::fill(std::string_view body) {
  std::size_t size = 0;
  replace_marks(body, Writer([&](std::string_view text) { size += text.size(); },
                             [&](std::size_t index, char what) {
                               const OpenedMedia& media = *slots_.at(index).source.opened;
                               size += what == data_mark ? base64_size(static_cast<std::size_t>(media.bytes()))
                                                         : word_of(media.type(), what).size();
                             }));
  std::string filled;
  filled.reserve(size);
  Result<void> outcome;
  replace_marks(body, Writer([&](std::string_view text) { filled += text; },
                             [&](std::size_t index, char what) {
                               OpenedMedia& media = *slots_.at(index).source.opened;
                               if (what != data_mark) filled += word_of(media.type(), what);
                               else if (outcome) outcome = media.append_base64(filled);
                             }));
  if (!outcome) return std::move(outcome).error();
  return filled;
}

std::string MediaPlan::shown(std::string_view body) const {
  std::string text;
  replace_marks(body, Writer([&](std::string_view between) { text += between; },
                             [&](std::size_t index, char what) {
                               const Slot& slot = slots_.at(index);
                               const bool known = slot.source.opened.has_value();
                               if (what == format_mark) text += known ? slot.source.opened->type().format : "*";
                               else if (what == type_mark)
                                 text += known ? std::string(slot.source.opened->type().media_type)
                                               : std::string(noun_of(slot.kind)) + "/*";
                               else
                                 text += known ? "<" + facts_of(*slot.source.opened) + ">"
                                               : "<" + shown_url(slot.source.url) + ", fetched when it is sent>";
                             }));
  return text;
}

MediaFacts MediaPlan::facts() const {
  MediaFacts facts;
  for (const Slot& slot : slots_) {
    if (slot.gone) continue;
    MediaFacts::Kind& kind = slot.kind == MediaKind::image   ? facts.images
                             : slot.kind == MediaKind::audio ? facts.audio
                                                             : facts.files;
    if (kind.count++ > 0) kind.text += "; ";
    kind.text += slot.source.opened ? facts_of(*slot.source.opened) : shown_url(slot.source.url);
  }
  return facts;
}

}  // namespace abstractllm
