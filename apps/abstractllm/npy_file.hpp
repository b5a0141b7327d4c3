// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/result.hpp"

namespace abstractllm::cli {

// Files of NumPy: a header, then the numbers. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
// (format 1.0 to 3.0, 2026-11).

/// The shape of a file of vectors.
struct NpyShape {
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  std::uint64_t data_at = 0;  ///< offset of the first number
};

/// Returns the header (format 1.0, 128 bytes) of a file of little-endian float32 in C order.
std::string npy_header(std::uint64_t rows, std::uint64_t columns);

/// Reads a header. `start` is the beginning of the file, at most npy_header_bytes of it. Errors: invalid_argument for a
/// header that is malformed, too long or cut, for numbers that are not little-endian float32, for Fortran order, for a
/// shape that has not two dimensions, and for a size that does not fit 64 bits. The message says how to convert the
/// file.
Result<NpyShape> read_npy_header(std::string_view start);

/// More than any header of such a file has.
inline constexpr std::size_t npy_header_bytes = 65536;

/// Writes vectors to a file that appears when it is complete. Its memory does not grow with their number.
class NpyWriter {
 public:
  /// Creates a file beside `path`. Errors: invalid_argument.
  static Result<NpyWriter> create(const std::string& path);
  NpyWriter(NpyWriter&& other) noexcept;
  NpyWriter& operator=(NpyWriter&&) = delete;
  /// Removes the file, unless commit() has given it its name.
  ~NpyWriter();

  /// Appends vectors with `columns` numbers each. All calls have the same `columns`. Errors: invalid_argument if the
  /// file cannot be written.
  Result<void> append(std::span<const float> values, std::size_t columns);

  /// Writes the header and gives the file its name. Errors: invalid_argument.
  Result<void> commit();

  std::uint64_t rows() const { return rows_; }
  std::uint64_t columns() const { return columns_; }

 private:
  NpyWriter(std::string path, std::string draft, int descriptor)
      : path_(std::move(path)), draft_(std::move(draft)), descriptor_(descriptor) {}
  Result<void> write_all(const char* bytes, std::size_t size, std::uint64_t at) const;
  Error failed(const char* what) const;

  std::string path_;
  std::string draft_;  // name until commit()
  int descriptor_;
  std::uint64_t rows_ = 0;
  std::uint64_t columns_ = 0;
  std::uint64_t bytes_ = 0;
};

/// Reads the vectors of a file, some at a time.
class NpyReader {
 public:
  /// Errors: invalid_argument for a file that cannot be read, is not a regular file, has a header that
  /// read_npy_header() refuses, or has more or fewer bytes than its shape says.
  static Result<NpyReader> open(const std::string& path);
  NpyReader(NpyReader&& other) noexcept;
  NpyReader& operator=(NpyReader&&) = delete;
  ~NpyReader();

  const NpyShape& shape() const { return shape_; }

  /// Returns the next vectors, about 4 MiB of them, valid until the next call. Nothing at the end. Errors:
  /// invalid_argument.
  Result<std::span<const float>> next();

 private:
  NpyReader(std::string path, int descriptor, NpyShape shape)
      : path_(std::move(path)), descriptor_(descriptor), shape_(shape) {}

  std::string path_;
  int descriptor_;
  NpyShape shape_;
  std::uint64_t row_ = 0;  // the next one
  std::vector<float> buffer_;
};

}  // namespace abstractllm::cli
