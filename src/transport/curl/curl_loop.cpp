// SPDX-License-Identifier: Apache-2.0
#include "transport/curl/curl_loop.hpp"

#include <chrono>
#include <new>
#include <utility>

#include "base/clock.hpp"
#include "base/url.hpp"
#include "transport/curl/curl_errors.hpp"

namespace abstractllm {
namespace {

// libcurl's default number of streams on one HTTP/2 connection (CURLMOPT_MAX_CONCURRENT_STREAMS).
constexpr int streams_a_connection = 100;
constexpr std::size_t most_handles_kept = 256;
// Servers close connections that are idle for longer, and nobody would notice.
constexpr std::chrono::seconds longest_without_transfer{60};

}  // namespace

CurlLoop& CurlLoop::shared() {
  static constinit PerProcess<CurlLoop> loop;
  return loop.get([] { return std::make_unique<CurlLoop>(Reactor::shared()); });
}

CurlLoop::CurlLoop(Reactor& reactor)
    : reactor_(reactor),
      multi_(nullptr),
      timer_(reactor, [this] { act(CURL_SOCKET_TIMEOUT, 0); }),
      idle_timer_(reactor, [this] { close_idle_connections(); }) {
  start_libcurl();
  reactor.stop_at_exit();  // again, so that it runs before the exit functions of libcurl's libraries
  begin_multi();
}

void CurlLoop::begin_multi() {
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
}

void CurlLoop::close_idle_connections() {
  if (running_ > 0) return;
  timer_.cancel();
  curl_multi_cleanup(multi_);  // the only way to make libcurl close connections
  begin_multi();
}

std::unique_ptr<CurlLoop::Admission> CurlLoop::admit(CurlTransfer& transfer, int most_connections) {
  Host& host = hosts_[origin_of(transfer.request().url)];
  auto admission = std::make_unique<Admission>(*this, transfer, host, most_connections);
  if (has_room(host, most_connections)) launch(*admission);
  else admission->in_queue_ = host.waiting.insert(host.waiting.end(), admission.get());
  return admission;
}

bool CurlLoop::has_room(const Host& host, int most_connections) const {
  return host.active < most_connections * (host.multiplexed ? streams_a_connection : 1);
}

void CurlLoop::fill(Host& host) {
  while (!host.waiting.empty() && has_room(host, host.waiting.front()->most_connections_)) {
    Admission& next = *host.waiting.front();
    host.waiting.pop_front();
    next.in_queue_.reset();
    launch(next);
    next.transfer_.on_collected();
  }
}

void CurlLoop::launch(Admission& admission) {
  admission.state_ = Admission::State::running;
  ++admission.host_.active;
  ++running_;
  idle_timer_.cancel();
  if (!idle_.empty()) {
    admission.easy_ = idle_.back();
    idle_.pop_back();
  } else {
    admission.easy_ = make_easy_handle();
  }
  Result<void> begun = admission.easy_ == nullptr ? Error(ErrorKind::internal, "libcurl gives no handle")
                                                  : admission.transfer_.set_up(admission.easy_);
  if (begun) {
    curl_easy_setopt(admission.easy_, CURLOPT_PRIVATE, &admission);
    // It is worth waiting for a connection that will carry many transfers at once.
    curl_easy_setopt(admission.easy_, CURLOPT_PIPEWAIT,
                     admission.transfer_.request().url.starts_with("https") ? 1L : 0L);
    if (curl_multi_add_handle(multi_, admission.easy_) != CURLM_OK)
      begun = Error(ErrorKind::internal, "libcurl takes no further transfer");
  }
  if (begun) return;
  admission.not_started_ = std::make_unique<Error>(begun.error());
  admission.transfer_.on_collected();
}

void CurlLoop::release(Admission& admission) {
  if (admission.state_ != Admission::State::running) return;
  admission.state_ = Admission::State::over;
  if (CURL* easy = std::exchange(admission.easy_, nullptr)) {
    curl_multi_remove_handle(multi_, easy);
    if (idle_.size() < most_handles_kept) idle_.push_back(easy);
    else curl_easy_cleanup(easy);
  }
  --admission.host_.active;
  if (--running_ == 0) idle_timer_.set(Clock::system().now() + longest_without_transfer);
  fill(admission.host_);
}

void CurlLoop::on_ready(int socket, bool readable, bool writable) {
  act(socket, (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0));
}

void CurlLoop::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* admitted = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &admitted);
    const CURLcode result = message->data.result;
    Admission& admission = *reinterpret_cast<Admission*>(admitted);
    release(admission);
    admission.transfer_.end(result);
  }
}

int CurlLoop::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  CurlLoop& loop = *static_cast<CurlLoop*>(self);
  try {
    if (what == CURL_POLL_REMOVE) loop.reactor_.forget(socket);
    else
      loop.reactor_.watch(socket, what == CURL_POLL_IN || what == CURL_POLL_INOUT,
                          what == CURL_POLL_OUT || what == CURL_POLL_INOUT, loop);
    return 0;
  } catch (const std::bad_alloc&) {
    return -1;  // libcurl ends its transfers
  }
}

int CurlLoop::on_timer(CURLM*, long milliseconds, void* self) {
  CurlLoop& loop = *static_cast<CurlLoop*>(self);
  try {
    if (milliseconds < 0) loop.timer_.cancel();
    else loop.timer_.set(Clock::system().now() + std::chrono::milliseconds(milliseconds));
    return 0;
  } catch (const std::bad_alloc&) {
    return -1;
  }
}

CurlLoop::Admission::~Admission() {
  if (is_inherited()) return;  // the parent runs it
  if (in_queue_) host_.waiting.erase(*in_queue_);
  loop_.release(*this);
}

std::optional<IoResult> CurlLoop::Admission::poll() {
  if (state_ == State::waiting) {
    if (std::exchange(reported_waiting_, true)) return std::nullopt;
    return Queued{true};
  }
  if (std::exchange(reported_waiting_, false)) return Queued{false};
  if (const auto failed = std::move(not_started_)) return *failed;
  auto came = transfer_.take();
  if (!came && transfer_.is_paused() && easy_ != nullptr) {
    transfer_.unpause(easy_);
    came = transfer_.take();
  }
  if (came && easy_ != nullptr && !host_.multiplexed && std::holds_alternative<HttpHead>(*came)) {
    long version = 0;
    curl_easy_getinfo(easy_, CURLINFO_HTTP_VERSION, &version);
    host_.multiplexed = version >= CURL_HTTP_VERSION_2_0;
    if (host_.multiplexed) loop_.fill(host_);
  }
  return came;
}

}  // namespace abstractllm
