// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <new>
#include <utility>

namespace abstractllm {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr std::size_t most_waiting = 4;

}  // namespace

struct Digest::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(evp); }
};

Digest::Digest(Kind kind) : context_(std::make_unique<Context>()) {
  const EVP_MD* algorithm = kind == Kind::sha1 ? EVP_sha1() : EVP_sha256();
  if (context_->evp == nullptr || EVP_DigestInit_ex(context_->evp, algorithm, nullptr) != 1) throw std::bad_alloc();
}

Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::add(std::string_view bytes) { EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()); }

std::string Digest::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_->evp, value.data(), &size);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += digits[value[i] >> 4];
    text += digits[value[i] & 15];
  }
  return text;
}

BackgroundDigest::BackgroundDigest(Digest digest) : digest_(std::move(digest)), thread_([this] { run(); }) {}

BackgroundDigest::~BackgroundDigest() {
  {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    ended_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void BackgroundDigest::add(std::string_view bytes) {
  filling_ += bytes;
  if (filling_.size() >= block_bytes) hand_over();
}

std::string BackgroundDigest::hex() {
  hand_over();
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
  return digest_.hex();
}

void BackgroundDigest::hand_over() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.size() < most_waiting; });
    waiting_.push_back(std::move(filling_));
    filling_ = {};
    if (!empty_.empty()) {
      filling_ = std::move(empty_.back());
      empty_.pop_back();
    }
  }
  changed_.notify_all();
}

void BackgroundDigest::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::string piece = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    changed_.notify_all();
    digest_.add(piece);
    piece.clear();
    lock.lock();
    empty_.push_back(std::move(piece));
  }
}

}  // namespace abstractllm
