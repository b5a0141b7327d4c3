// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "npy_file.hpp"

namespace abstractllm::cli {
namespace {

constexpr std::string_view npy_magic = "\x93NUMPY";
constexpr std::size_t our_header_bytes = 128;
constexpr std::uint64_t most_columns = 16'777'216;  // a buffer holds at least one row

Error not_npy(const std::string& why) { return {ErrorKind::invalid_argument, why}; }

std::uint32_t byte_of(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

/// Reads the literal of a Python dictionary that a header holds, and nothing else of that language.
class HeaderDictionary {
 public:
  explicit HeaderDictionary(std::string_view text) : rest_(text) {}

  struct Values {
    std::optional<std::string> type;
    std::optional<bool> fortran;
    std::optional<std::vector<std::uint64_t>> shape;
  };

  /// Returns nothing for text that is no such dictionary, or has another key or a key twice.
  std::optional<Values> read() {
    Values values;
    if (!take('{')) return std::nullopt;
    while (!take('}')) {
      const auto key = take_string();
      if (!key || !take(':') || !take_value(*key, values)) return std::nullopt;
      if (take(',')) continue;
      if (!take('}')) return std::nullopt;
      break;
    }
    skip_blanks();
    if (!rest_.empty() || !values.type || !values.fortran || !values.shape) return std::nullopt;
    return values;
  }

 private:
  bool take_value(std::string_view key, Values& values) {
    if (key == "descr" && !values.type) {
      const auto type = take_string();
      if (type) values.type = std::string(*type);
      return type.has_value();
    }
    if (key == "fortran_order" && !values.fortran) {
      if (take_word("False")) values.fortran = false;
      else if (take_word("True")) values.fortran = true;
      return values.fortran.has_value();
    }
    if (key == "shape" && !values.shape) {
      values.shape = take_tuple();
      return values.shape.has_value();
    }
    return false;
  }

  std::optional<std::vector<std::uint64_t>> take_tuple() {
    constexpr std::size_t most_dimensions = 32;
    std::vector<std::uint64_t> numbers;
    if (!take('(')) return std::nullopt;
    while (!take(')')) {
      skip_blanks();
      std::uint64_t number = 0;
      const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
      if (read.ec != std::errc() || numbers.size() == most_dimensions) return std::nullopt;
      rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
      numbers.push_back(number);
      if (take(',')) continue;
      if (!take(')')) return std::nullopt;
      break;
    }
    return numbers;
  }

  std::optional<std::string_view> take_string() {
    skip_blanks();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) return std::nullopt;
    const std::size_t end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    if (text.find('\\') != std::string_view::npos) return std::nullopt;
    return text;
  }

  bool take_word(std::string_view word) {
    skip_blanks();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool take(char wanted) {
    skip_blanks();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_blanks() {
    const std::size_t first = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
  }

  std::string_view rest_;
};

/// Returns the text of the header, and sets `data_at`.
Result<std::string_view> header_text(std::string_view start, std::uint64_t& data_at) {
  if (!start.starts_with(npy_magic)) return not_npy("it does not begin like an .npy file");
  if (start.size() < 12) return not_npy("it is cut within its header");
  const std::uint32_t version = byte_of(start, 6);
  if (version < 1 || version > 3)
    return not_npy("it has format " + std::to_string(version) + " of .npy files; known are 1 to 3");
  const std::size_t text_at = version == 1 ? 10 : 12;
  std::uint64_t size = byte_of(start, 8) | byte_of(start, 9) << 8;
  if (version > 1) size |= std::uint64_t{byte_of(start, 10)} << 16 | std::uint64_t{byte_of(start, 11)} << 24;
  if (size > npy_header_bytes - text_at)
    return not_npy("its header has " + std::to_string(size) + " bytes, which is too long for a file of vectors");
  if (start.size() - text_at < size) return not_npy("it is cut within its header");
  data_at = text_at + size;
  return start.substr(text_at, static_cast<std::size_t>(size));
}

std::string printable_type(const std::string& type) {
  for (const char c : type)
    if (c < ' ' || c > '~' || type.size() > 40) return "of another kind";
  return type;
}

}  // namespace

std::string npy_header(std::uint64_t rows, std::uint64_t columns) {
  std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
                     std::to_string(columns) + "), }";
  constexpr std::size_t text_bytes = our_header_bytes - 10;
  text.resize(text_bytes - 1, ' ');
  text += '\n';
  return std::string(npy_magic) + std::string("\x01\x00", 2) + static_cast<char>(text_bytes) + '\0' + text;
}

Result<NpyShape> read_npy_header(std::string_view start) {
  NpyShape shape;
  const auto text = header_text(start, shape.data_at);
  if (!text) return text.error();
  const auto values = HeaderDictionary(*text).read();
  if (!values) return not_npy("its header is not that of an .npy file");
  if (*values->type != "<f4")
    return not_npy("its numbers are " + printable_type(*values->type) +
                   ", and not <f4: write it again with numpy.save(file, array.astype('<f4'))");
  if (*values->fortran)
    return not_npy("it is in Fortran order: write it again with numpy.save(file, numpy.ascontiguousarray(array))");
  if (values->shape->size() != 2)
    return not_npy("it has " + std::to_string(values->shape->size()) +
                   " dimensions, and not two: a row for each vector is needed");
  shape.rows = (*values->shape)[0];
  shape.columns = (*values->shape)[1];
  if (shape.columns > most_columns || (shape.rows > 0 && shape.columns == 0))
    return not_npy("its vectors have " + std::to_string(shape.columns) + " numbers");
  constexpr std::uint64_t most_bytes = std::numeric_limits<std::int64_t>::max() / 2;
  if (shape.columns > 0 && shape.rows > most_bytes / sizeof(float) / shape.columns)
    return not_npy("its shape is larger than any file");
  return shape;
}

}  // namespace abstractllm::cli
