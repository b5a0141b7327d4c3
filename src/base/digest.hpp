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

/// A checksum that grows with its bytes. One thread at a time.
class Digest {
 public:
  enum class Kind { sha1, sha256 };

  explicit Digest(Kind kind);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  void add(std::string_view bytes);
  /// Small hexadecimal digits. Nothing may be added after it.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// The same on a thread of its own, behind whoever brings the bytes: a fast connection is not slowed down.
class BackgroundDigest {
 public:
  explicit BackgroundDigest(Digest digest);
  ~BackgroundDigest();
  BackgroundDigest(const BackgroundDigest&) = delete;
  BackgroundDigest& operator=(const BackgroundDigest&) = delete;

  /// Copies the bytes; blocks while too many wait.
  void add(std::string_view bytes);
  /// Waits until all bytes are in it. Nothing may be added after it.
  std::string hex();

 private:
  void run();
  void hand_over();

  Digest digest_;
  std::string filling_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> waiting_;
  std::vector<std::string> empty_;  // to be filled again
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace abstractllm
