// SPDX-License-Identifier: Apache-2.0
#include "hub/blob_download.hpp"

#include <algorithm>
#include <charconv>

#include "base/digest.hpp"
#include "base/disk_file.hpp"
#include "hub/hub_errors.hpp"
#include "hub/safe_path.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using Stage = PullProgress::Stage;

constexpr milliseconds between_looks{100};
constexpr std::int64_t spare_bytes = std::int64_t{16} << 20;  // a completely full disk is useless
constexpr std::string_view gguf_magic = "GGUF";

/// sha256 of the content, or git's hash of it, depending on the length of the etag.
Digest digest_for(const RepoFile& file) {
  if (file.etag.size() == 64) return Digest(Digest::Kind::sha256);
  Digest digest(Digest::Kind::sha1);
  using namespace std::string_view_literals;
  digest.add("blob " + std::to_string(file.size_bytes));
  digest.add("\0"sv);
  return digest;
}

/// The first byte and the whole size of `Content-Range: bytes 10-99/100`.
std::optional<std::pair<std::int64_t, std::int64_t>> content_range(const HttpHead& head) {
  const std::string* text = head.header("Content-Range");
  if (text == nullptr || !text->starts_with("bytes ")) return std::nullopt;
  const std::size_t slash = text->find('/');
  if (slash == std::string::npos) return std::nullopt;
  std::int64_t first = -1;
  std::int64_t whole = -1;
  std::from_chars(text->data() + 6, text->data() + slash, first);
  std::from_chars(text->data() + slash + 1, text->data() + text->size(), whole);
  if (first < 0 || whole < 0) return std::nullopt;
  return std::pair(first, whole);
}

/// The file during the download.
class GrowingBlob {
 public:
  GrowingBlob(const BlobDownload& download, DiskFile file) : download_(download), file_(std::move(file)) {
    digest_.emplace(digest_for(download.file));
  }

  /// Continues the partial file of an earlier run.
  Result<void> take_over();
  /// Downloads the rest, verifies the file and gives it its name.
  Result<void> complete();

 private:
  Error wrong(const std::string& what) const {
    return {ErrorKind::protocol, "'" + download_.file.path + "' of '" + download_.name.repo + "' " + what};
  }
  std::int64_t size() const { return download_.file.size_bytes; }
  void report(Stage stage) const { download_.on_bytes(stage, have_); }

  Result<void> start_anew();
  Result<void> check_space() const;
  Result<void> download_rest();
  Result<void> download_once();
  Result<void> check_reply(const HubReply& reply);
  Result<void> append(std::string_view bytes);

  const BlobDownload& download_;
  DiskFile file_;
  std::optional<BackgroundDigest> digest_;
  std::int64_t have_ = 0;
  std::int64_t most_had_ = 0;  // a server without ranges begins again each time
};

Result<void> GrowingBlob::start_anew() {
  have_ = 0;
  digest_.emplace(digest_for(download_.file));
  return file_.resize(0);
}

Result<void> GrowingBlob::take_over() {
  const auto left = file_.size();
  if (!left) return left.error();
  if (*left > size()) return start_anew();
  auto read = file_.read(*left, [this](std::string_view bytes) {
    digest_->add(bytes);
    have_ += static_cast<std::int64_t>(bytes.size());
    report(Stage::verifying);
    return !download_.http.stop().stop_requested();
  });
  if (!read) return read;
  if (have_ < *left) return Error(ErrorKind::cancelled, "the download was stopped");
  most_had_ = have_;
  return {};
}

Result<void> GrowingBlob::check_space() const {
  std::error_code failure;
  const fs::space_info space = fs::space(download_.folder.blobs(), failure);
  if (failure) return {};  // the write will report it
  const std::int64_t needed = size() - have_ + spare_bytes;
  if (space.available >= static_cast<std::uintmax_t>(needed)) return {};
  const auto megabytes = [](std::uintmax_t bytes) { return std::to_string(bytes / 1'000'000) + " MB"; };
  return Error(ErrorKind::not_configured,
               "not enough disk space for '" + download_.file.path + "' in '" + download_.folder.path().string() +
                   "': it needs " + megabytes(static_cast<std::uintmax_t>(needed)) + ", there are " +
                   megabytes(space.available) + "; make room, or set HF_HUB_CACHE to a folder on another disk");
}

Result<void> GrowingBlob::check_reply(const HubReply& reply) {
  if (reply.head.status >= 300) return hub_error(download_.http.settings(), download_.name, reply.head);
  if (auto page = web_page_error(download_.http.settings(), reply.head)) return *std::move(page);
  // A mirror may have its own etags, which mean nothing here.
  if (is_hex_id(reply.linked_etag) && reply.linked_etag != download_.file.etag)
    return wrong("changed on the hub while it was downloaded: run the same again");
  if (reply.linked_size && *reply.linked_size != size()) return wrong("has another size than the hub's listing says");
  if (reply.head.status != 206) return have_ > 0 ? start_anew() : Result<void>();
  const auto range = content_range(reply.head);
  if (!range || range->first != have_) return wrong("came from another place than was asked for");
  if (range->second != size()) return wrong("has another size than the hub's listing says");
  return {};
}

Result<void> GrowingBlob::append(std::string_view bytes) {
  const auto count = static_cast<std::int64_t>(bytes.size());
  if (have_ + count > size())
    return wrong("is longer than the " + std::to_string(size()) + " bytes that the hub's listing says");
  if (have_ == 0 && download_.file.path.ends_with(".gguf") &&
      bytes.substr(0, gguf_magic.size()) != gguf_magic.substr(0, std::min(bytes.size(), gguf_magic.size())))
    return wrong("is no GGUF file: its first bytes are not GGUF");
  if (auto written = file_.write_at(have_, bytes); !written) return written;
  digest_->add(bytes);
  have_ += count;
  report(Stage::downloading);
  return {};
}

Result<void> GrowingBlob::download_once() {
  const HubSettings& settings = download_.http.settings();
  const std::string url = settings.endpoint + "/" + download_.name.repo + "/resolve/" + download_.commit + "/" +
                          url_encoded(download_.file.path, true);
  std::vector<HttpHeader> headers = {HttpHeader("Accept-Encoding", "identity")};
  if (have_ > 0) headers.emplace_back("Range", "bytes=" + std::to_string(have_) + "-");
  auto reply = download_.http.get(url, headers);
  if (!reply) return std::move(reply).error();
  // The bytes here are not a part of the server's file. So the download starts from the beginning.
  if (reply->head.status == 416 && have_ > 0) {
    if (auto emptied = start_anew(); !emptied) return emptied;
    return download_once();
  }
  if (auto fits = check_reply(*reply); !fits) return fits;
  for (;;) {
    auto bytes = reply->body->read_bytes();
    if (!bytes) return std::move(bytes).error();
    if (!*bytes) break;
    if (auto taken = append(**bytes); !taken) return taken;
  }
  if (have_ < size()) return Error(ErrorKind::network, "the hub ended '" + download_.file.path + "' too early");
  return {};
}

Result<void> GrowingBlob::download_rest() {
  HubRetries retries(download_.http, download_.max_retries);
  while (have_ < size()) {
    auto done = download_once();
    if (done) break;
    const bool advanced = have_ > most_had_;
    most_had_ = std::max(most_had_, have_);
    if (advanced && is_unreachable(done.error())) retries.reset();
    else if (!retries.again(done.error())) return done;
  }
  return {};
}

Result<void> GrowingBlob::complete() {
  const bool was_resumed = have_ > 0;
  report(Stage::downloading);
  if (auto room = check_space(); !room) return room;
  if (auto done = download_rest(); !done) return done;
  if (digest_->hex() != download_.file.etag) {
    if (auto emptied = start_anew(); !emptied) return emptied;
    // The bytes of an earlier run may be wrong. Bytes that came in one transfer are not.
    if (was_resumed) return complete();
    return wrong(
        "came with the wrong checksum: run the same again; if that helps not, the copy that this network gives "
        "is broken");
  }
  if (auto kept = file_.sync(); !kept) return kept;
  std::error_code failure;
  fs::rename(download_.folder.incomplete(download_.file.etag), download_.folder.blob(download_.file.etag), failure);
  if (failure && !fs::exists(download_.folder.blob(download_.file.etag)))
    return Error(ErrorKind::not_configured, "cannot rename the download of '" + download_.file.path + "' in '" +
                                                download_.folder.blobs().string() + "': " + failure.message());
  return {};
}

std::int64_t downloaded_bytes(const fs::path& path) {
  std::error_code absent;
  const std::uintmax_t size = fs::file_size(path, absent);
  return absent ? 0 : static_cast<std::int64_t>(size);
}

bool is_there(const BlobDownload& download) {
  return has_size(download.folder.blob(download.file.etag), download.file.size_bytes);
}

/// Waits until no other process downloads this blob.
Result<FileLock> wait_for_lock(const BlobDownload& download) {
  for (;;) {
    auto lock = FileLock::try_take(download.folder.lock(download.file.etag));
    if (!lock) return std::move(lock).error();
    if (*lock) return **std::move(lock);
    if (download.http.stop().stop_requested()) return Error(ErrorKind::cancelled, "the download was stopped");
    download.on_bytes(Stage::waiting, downloaded_bytes(download.folder.incomplete(download.file.etag)));
    download.http.clock().sleep_until(download.http.clock().now() + between_looks, download.http.stop());
  }
}

}  // namespace

bool has_size(const fs::path& file, std::int64_t bytes) {
  std::error_code absent;
  const std::uintmax_t size = fs::file_size(file, absent);
  return !absent && size == static_cast<std::uintmax_t>(bytes);
}

Result<void> download_blob(const BlobDownload& download) {
  if (is_there(download)) return {};
  auto lock = wait_for_lock(download);
  if (!lock) return std::move(lock).error();
  if (is_there(download)) return {};
  auto file = DiskFile::open(download.folder.incomplete(download.file.etag));
  if (!file) return std::move(file).error();
  GrowingBlob blob(download, *std::move(file));
  if (auto taken = blob.take_over(); !taken) return taken;
  return blob.complete();
}

}  // namespace abstractllm
