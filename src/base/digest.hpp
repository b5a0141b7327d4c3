// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace abstractllm {

/// Computes a checksum piece by piece. One thread at a time.
class Digest {
 public:
  enum class Kind { sha1, sha256 };

  explicit Digest(Kind kind);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  void add(std::string_view bytes);
  /// The checksum in lower-case hexadecimal digits. Do not add bytes after this call.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Computes the checksum on a thread of its own, so that it does not slow down a fast connection.
class BackgroundDigest {
 public:
  explicit BackgroundDigest(Digest digest);
  ~BackgroundDigest();
  BackgroundDigest(const BackgroundDigest&) = delete;
  BackgroundDigest& operator=(const BackgroundDigest&) = delete;

  /// Copies the bytes. Blocks while too many bytes wait.
  void add(std::string_view bytes);
  /// Waits until all bytes are processed. Do not add bytes after this call.
  std::string hex();

 private:
  void run();
  void hand_over();

  Digest digest_;
  std::string filling_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> waiting_;
  std::vector<std::string> empty_;  // for reuse
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace abstractllm
