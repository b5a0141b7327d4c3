// SPDX-License-Identifier: Apache-2.0
#include "hub/blob_download.hpp"

#include <algorithm>
#include <charconv>

#include "base/digest.hpp"
#include "base/disk_file.hpp"
#include "base/url.hpp"
#include "hub/hub_errors.hpp"
#include "hub/safe_path.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using PullStage = PullProgress::Stage;

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

std::optional<std::int64_t> whole_number(const std::string* text) {
  if (text == nullptr) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (failure != std::errc() || end != text->data() + text->size() || value < 0) return std::nullopt;
  return value;
}

/// First byte and whole size of `Content-Range: bytes 10-99/100`.
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

/// The file while it grows. Each attempt asks for what is missing.
class GrowingBlob final : public Inquiry {
 public:
  GrowingBlob(const BlobDownload& download, DiskFile file) : download_(download), file_(std::move(file)) {
    digest_.emplace(digest_for(download.file));
  }

  /// Continues the partial file of an earlier run.
  Result<void> take_over();
  Result<void> start_anew();
  /// Whether something of it was there before the download began.
  bool was_resumed() const { return was_resumed_; }
  /// Begins to download what is missing. Errors: not_configured where the disk has no room for it.
  Result<void> check_space();
  /// Verifies the whole file, and gives it its name.
  Result<bool> has_right_checksum();
  Result<void> keep();

  const std::shared_ptr<const HttpRequest>& request() const override { return request_; }
  const std::shared_ptr<Transport>& transport() const override { return download_.client.transport(); }
  Result<void> restart() override;
  Result<void> take_head(const HttpHead& head) override;
  Result<void> feed(std::string_view bytes) override;
  Result<void> finish() override;
  const Reading& reading() const override { return reading_; }
  Result<void> redirect(const HttpHead& head, const std::string& url) override;
  Error decode_error(const HttpHead& head, std::string_view body) override;
  std::string request_id(const HttpHead& head) const override { return hub_request_id(head); }

  Error wrong(const std::string& what) const {
    return {ErrorKind::protocol, "'" + download_.file.path + "' of '" + download_.name.repo + "' " + what};
  }
  bool is_whole() const { return have_ == size(); }

 private:
  std::int64_t size() const { return download_.file.size_bytes; }
  void report(PullStage stage) const { download_.on_bytes(stage, have_); }
  std::vector<HttpHeader> headers() const;
  void note_links(const HttpHead& head);
  Result<void> check_links() const;

  const BlobDownload& download_;
  DiskFile file_;
  std::optional<BackgroundDigest> digest_;
  std::int64_t have_ = 0;
  std::int64_t most_had_ = 0;  // a server that knows no ranges begins again and again
  bool was_resumed_ = false;
  bool from_the_beginning_ = false;  // the server has no such range
  bool began_again_ = false;         // for that reason
  std::shared_ptr<const HttpRequest> request_;
  std::string linked_etag_;                  // X-Linked-Etag of any hop, else the ETag of an answer from the endpoint
  std::optional<std::int64_t> linked_size_;  // X-Linked-Size of any hop
  Reading reading_;
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
    report(PullStage::verifying);
    return !download_.client.stop().stop_requested();
  });
  if (!read) return read;
  if (have_ < *left) return Error(ErrorKind::cancelled, "the download was stopped");
  return {};
}

Result<void> GrowingBlob::check_space() {
  was_resumed_ = have_ > 0;
  most_had_ = have_;
  report(PullStage::downloading);
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

std::vector<HttpHeader> GrowingBlob::headers() const {
  std::vector<HttpHeader> headers = {HttpHeader("Accept-Encoding", "identity")};
  if (have_ > 0 && !from_the_beginning_) headers.emplace_back("Range", "bytes=" + std::to_string(have_) + "-");
  return headers;
}

Result<void> GrowingBlob::restart() {
  most_had_ = std::max(most_had_, have_);
  reading_ = Reading();
  reading_.flowing = true;
  linked_etag_.clear();
  linked_size_.reset();
  request_ = download_.client.request(download_.client.settings().endpoint + "/" + download_.name.repo + "/resolve/" +
                                          download_.commit + "/" + url_encoded(download_.file.path, true),
                                      headers());
  return {};
}

void GrowingBlob::note_links(const HttpHead& head) {
  const bool from_endpoint = origin_of(request_->url) == origin_of(download_.client.settings().endpoint);
  if (const auto bytes = whole_number(head.header("X-Linked-Size"))) linked_size_ = bytes;
  if (const std::string* etag = head.header("X-Linked-Etag")) linked_etag_ = bare_etag(*etag);
  else if (const std::string* own = head.header("ETag"); own && from_endpoint && head.status < 300)
    linked_etag_ = bare_etag(*own);
}

Result<void> GrowingBlob::redirect(const HttpHead& head, const std::string& url) {
  note_links(head);
  request_ = download_.client.request(url, headers());
  return {};
}

Result<void> GrowingBlob::check_links() const {
  // A mirror may have etags of its own making, which say nothing.
  if (is_hex_id(linked_etag_) && linked_etag_ != download_.file.etag)
    return wrong("changed on the hub while it was downloaded: run the same again");
  if (linked_size_ && *linked_size_ != size()) return wrong("has another size than the hub's listing says");
  return {};
}

Result<void> GrowingBlob::take_head(const HttpHead& head) {
  if (auto page = web_page_error(download_.client.settings(), head)) return *std::move(page);
  note_links(head);
  if (auto fits = check_links(); !fits) return fits;
  from_the_beginning_ = false;
  if (head.status != 206) return have_ > 0 ? start_anew() : Result<void>();
  const auto range = content_range(head);
  if (!range || range->first != have_) return wrong("came from another place than was asked for");
  if (range->second != size()) return wrong("has another size than the hub's listing says");
  return {};
}

Error GrowingBlob::decode_error(const HttpHead& head, std::string_view) {
  Error error = hub_error(download_.client.settings(), download_.name, head);
  // Once only: a server that refuses every range, or answers 416 to everything, would be asked for ever.
  if (head.status != 416 || have_ == 0 || began_again_) return error;
  // What is here is no part of what the server has: from the beginning, then.
  from_the_beginning_ = began_again_ = true;
  reading_.advanced = true;
  error.kind = ErrorKind::unavailable;
  error.retry_after = std::chrono::milliseconds(0);
  return error;
}

Result<void> GrowingBlob::feed(std::string_view bytes) {
  const auto count = static_cast<std::int64_t>(bytes.size());
  if (have_ + count > size())
    return wrong("is longer than the " + std::to_string(size()) + " bytes that the hub's listing says");
  if (have_ == 0 && download_.file.path.ends_with(".gguf") &&
      bytes.substr(0, gguf_magic.size()) != gguf_magic.substr(0, std::min(bytes.size(), gguf_magic.size())))
    return wrong("is not a GGUF file: its first bytes are not GGUF");
  if (auto written = file_.write_at(have_, bytes); !written) return written;
  digest_->add(bytes);
  have_ += count;
  reading_.advanced = have_ > most_had_;
  report(PullStage::downloading);
  return {};
}

Result<void> GrowingBlob::finish() {
  reading_.finished = is_whole();
  if (reading_.finished) return {};
  return Error(ErrorKind::network, "the hub ended '" + download_.file.path + "' too early");
}

Result<bool> GrowingBlob::has_right_checksum() {
  if (digest_->hex() == download_.file.etag) return true;
  if (auto emptied = start_anew(); !emptied) return std::move(emptied).error();
  return false;
}

Result<void> GrowingBlob::keep() {
  if (auto kept = file_.sync(); !kept) return kept;
  std::error_code failure;
  fs::rename(download_.folder.incomplete(download_.file.etag), download_.folder.blob(download_.file.etag), failure);
  if (failure && !fs::exists(download_.folder.blob(download_.file.etag)))
    return Error(ErrorKind::not_configured, "cannot rename the download of '" + download_.file.path + "' in '" +
                                                download_.folder.blobs().string() + "': " + failure.message());
  return {};
}

Result<void> download_whole(const BlobDownload& download, const std::shared_ptr<GrowingBlob>& blob) {
  for (;;) {
    if (auto room = blob->check_space(); !room) return room;
    if (!blob->is_whole())
      if (auto done = download.client.run(blob, download.max_retries); !done) return done;
    const auto right = blob->has_right_checksum();
    if (!right) return right.error();
    if (*right) return blob->keep();
    // What an earlier run left may have been the wrong part; what came in one go was not.
    if (!blob->was_resumed())
      return blob->wrong(
          "came with the wrong checksum: run the same again; if that helps not, the copy that this network gives "
          "is broken");
  }
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
    if (download.client.stop().stop_requested()) return Error(ErrorKind::cancelled, "the download was stopped");
    download.on_bytes(PullStage::waiting, bytes_of_file(download.folder.incomplete(download.file.etag)));
    download.client.clock().sleep_until(download.client.clock().now() + between_looks, download.client.stop());
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
  const auto blob = std::make_shared<GrowingBlob>(download, *std::move(file));
  if (auto taken = blob->take_over(); !taken) return taken;
  return download_whole(download, blob);
}

}  // namespace abstractllm
