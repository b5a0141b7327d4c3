// SPDX-License-Identifier: Apache-2.0
#include "media/file_type.hpp"

#include <algorithm>
#include <optional>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "media/content_name.hpp"

namespace abstractllm {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::string_view pdf_begin = "%PDF-";

std::string file_advice(const ContentName& what) {
  if (what.content == Content::picture) return "; a picture is given as an image, not as a file";
  if (what.content == Content::audio) return "; a recording is given as audio, not as a file";
  if (what.name == "UTF-16 text") return "; convert it: `iconv -f UTF-16 -t UTF-8 IN > OUT`";
  if (what.name.find("Office") != what.name.npos) return "; save it as PDF or as text";
  return {};
}

}  // namespace

bool is_pdf(std::string_view head) { return begins_as(head, pdf_begin); }

Result<FileType> file_type(std::string_view bytes, std::string_view label) {
  const auto unfit = [&](const std::string& problem) {
    return Error(ErrorKind::invalid_argument, std::string(label) + " " + problem);
  };
  if (bytes.empty()) return unfit("is empty");
  const FileType pdf{"application/pdf", false};
  if (is_pdf(bytes)) return pdf;
  const std::optional<std::size_t> invalid = find_invalid_utf8(bytes);
  const bool has_null = bytes.find('\0') != std::string_view::npos;
  if (!invalid && !has_null) return FileType{"text/plain", true};
  // Readers of PDF accept a header behind up to 1,024 other bytes (ISO 32000-1, annex H, note 13).
  constexpr std::size_t most_before = 1024;
  if (bytes.substr(0, most_before + pdf_begin.size()).find(pdf_begin) != std::string_view::npos) return pdf;
  const ContentName what = content_name(bytes);
  if (what.content != Content::text)
    return unfit("is " + std::string(what.name) + "; it must be a PDF, or text in UTF-8" + file_advice(what));
  if (!invalid) return unfit("holds a null character, so it is not text; it must be a PDF, or text in UTF-8");
  return unfit("is not UTF-8 at byte " + std::to_string(*invalid) +
               "; it must be a PDF, or text in UTF-8; convert it, for example: `iconv -f LATIN1 -t UTF-8 IN > OUT`");
}

std::string_view without_mark(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return text;
}

std::string clean_file_name(std::string_view name) {
  name = name.substr(0, 4096);
  std::string clean;
  const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; };
  while (!name.empty()) {
    const std::size_t valid = find_invalid_utf8(name).value_or(name.size());
    for (const char c : name.substr(0, valid))
      if (is_control(c)) clean += replacement;
      else clean += c;
    if (valid < name.size()) clean += replacement;
    name.remove_prefix(std::min(valid + 1, name.size()));
  }
  constexpr std::size_t longest = 255;
  return std::string(valid_utf8_prefix(clean, longest));
}

std::string file_element(std::string_view name, std::string_view text) {
  std::string element = "<file name=\"";
  for (const char c : name) {
    switch (c) {
      case '&': element += "&amp;"; break;
      case '<': element += "&lt;"; break;
      case '>': element += "&gt;"; break;
      case '"': element += "&quot;"; break;
      default: element += c;
    }
  }
  element += "\">\n";
  constexpr std::string_view end = "/file";
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<')) {
    element += text.substr(0, at);
    text.remove_prefix(at + 1);
    element += lowered(text.substr(0, end.size())) == end ? "&lt;" : "<";
  }
  element += text;
  if (!element.ends_with('\n')) element += '\n';
  return element + "</file>";
}

}  // namespace abstractllm
