// SPDX-License-Identifier: Apache-2.0
#include "transport/replay/recorder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <string_view>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/process.hpp"
#include "transport/replay/recording.hpp"

namespace abstractllm {
namespace {

/// The path that the user named, usually a file. A new file is readable by its owner only. An existing file, pipe or
/// device keeps its mode.
class RecordingFile {
 public:
  explicit RecordingFile(const std::string& path)
      : path_(path),
        descriptor_(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600)) {
    // A pipe that nobody reads is an error and not a wait. Writing to a pipe that is read may wait.
    if (is_open()) ::fcntl(descriptor_, F_SETFL, O_APPEND);
  }
  ~RecordingFile() {
    if (is_open()) ::close(descriptor_);
  }
  RecordingFile(const RecordingFile&) = delete;
  RecordingFile& operator=(const RecordingFile&) = delete;

  bool is_open() const { return descriptor_ >= 0; }

  void append(const RecordedExchange& exchange) {
    const std::string lines = to_json_lines(exchange);
    const std::lock_guard lock(mutex_);
    // Nobody reads the error of a channel that is being dropped, so it goes to the log.
    if (!write_all(lines))
      log({LogLevel::error, "record_failed", "cannot write to " + path_ + ": " + std::strerror(errno), {}});
  }

 private:
  bool write_all(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count >= 0) bytes.remove_prefix(static_cast<std::size_t>(count));
      else if (errno != EINTR) return false;
    }
    return true;
  }

  std::string path_;
  std::mutex mutex_;
  int descriptor_;
};

class RecordingChannel final : public Channel, public ProcessOwned {
 public:
  RecordingChannel(std::unique_ptr<Channel> channel, const HttpRequest& request, std::shared_ptr<RecordingFile> file)
      : channel_(std::move(channel)), file_(std::move(file)), started_(Clock::system().now()) {
    exchange_.request = request;
  }
  ~RecordingChannel() override {
    if (!is_inherited()) file_->append(exchange_);
  }

  std::optional<IoResult> poll() override {
    auto came = channel_->poll();
    if (!came) return came;
    if (const auto* head = std::get_if<HttpHead>(&*came)) add(*head);
    else if (const auto* bytes = std::get_if<BodyBytes>(&*came)) add(RecordedBytes{std::string(bytes->bytes)});
    else if (const auto* error = std::get_if<Error>(&*came)) add(*error);
    else if (std::holds_alternative<BodyEnd>(*came)) add(BodyEnd{});
    return came;
  }
  void wait(std::chrono::steady_clock::time_point deadline) override { channel_->wait(deadline); }
  void wake() override { channel_->wake(); }
  bool notify(std::function<void()> ready) override { return channel_->notify(std::move(ready)); }

 private:
  template <class What>
  void add(What what) {
    const auto at = std::chrono::duration_cast<std::chrono::microseconds>(Clock::system().now() - started_);
    exchange_.steps.push_back({at, std::move(what)});
  }

  std::unique_ptr<Channel> channel_;
  std::shared_ptr<RecordingFile> file_;
  TimePoint started_;
  RecordedExchange exchange_;
};

class RecordingTransport final : public Transport {
 public:
  RecordingTransport(std::shared_ptr<Transport> transport, std::shared_ptr<RecordingFile> file)
      : transport_(std::move(transport)), file_(std::move(file)) {}

  Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest> request) override {
    auto channel = transport_->open(request);
    if (!channel) return channel;
    return std::unique_ptr<Channel>(std::make_unique<RecordingChannel>(*std::move(channel), *request, file_));
  }

 private:
  std::shared_ptr<Transport> transport_;
  std::shared_ptr<RecordingFile> file_;
};

}  // namespace

Result<std::shared_ptr<Transport>> make_recording_transport(std::shared_ptr<Transport> transport,
                                                            const std::string& path) {
  auto file = std::make_shared<RecordingFile>(path);
  if (!file->is_open())
    return Error(ErrorKind::not_configured, "cannot write the recording to '" + path + "': " + std::strerror(errno));
  return std::shared_ptr<Transport>(std::make_shared<RecordingTransport>(std::move(transport), std::move(file)));
}

}  // namespace abstractllm
