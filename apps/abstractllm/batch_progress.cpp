// SPDX-License-Identifier: Apache-2.0
#include "batch_progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

#include "amounts.hpp"

namespace abstractllm::cli {
namespace {

constexpr std::chrono::milliseconds between_drawings{100};

}  // namespace

BatchProgress::BatchProgress(bool wanted, std::uintmax_t input_bytes) : wanted_(wanted), input_bytes_(input_bytes) {}

void BatchProgress::count(const Result<Response>& outcome, std::uintmax_t bytes_before, std::uintmax_t bytes_done) {
  ++done_;
  if (!outcome) ++failed_;
  else tokens_ += outcome->usage.output_tokens.value_or(0);
  const auto now = Clock::now();
  if (!wanted_ || now - drawn_ < between_drawings) return;
  drawn_ = now;
  draw(line(static_cast<double>(bytes_before), static_cast<double>(bytes_done)));
}

std::string BatchProgress::line(double bytes_before, double bytes_done) const {
  const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
  std::string text = std::to_string(done_) + " done, " + std::to_string(failed_) + " failed";
  if (seconds > 0) text += ", " + std::to_string(std::llround(static_cast<double>(tokens_) / seconds)) + " tokens/s";
  const double all = static_cast<double>(input_bytes_) - bytes_before;
  const double share = all > 0 ? (bytes_done - bytes_before) / all : 0;
  if (input_bytes_ > 0 && share > 0) text += ", " + duration_text(seconds * (1 - share) / share) + " left";
  return text;
}

void BatchProgress::draw(std::string text) {
  const std::size_t columns = text.size();
  text.resize(std::max(columns, drawn_columns_), ' ');
  drawn_columns_ = columns;
  text = "\r" + text;
  // A progress line is not worth a retry.
  if (write(STDERR_FILENO, text.data(), text.size()) < 0) errno = 0;
}

void BatchProgress::finish() {
  if (drawn_columns_ == 0) return;
  draw("");
  if (write(STDERR_FILENO, "\r", 1) < 0) errno = 0;
}

}  // namespace abstractllm::cli
