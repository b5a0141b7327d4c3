// SPDX-License-Identifier: Apache-2.0
// Many streams at once from bench/stream_server, as one line of JSON. "floor" is what libcurl alone costs: a multi
// handle with its socket interface on epoll, whose callback does nothing but find the ends of events.
// Usage: async_client ours|coroutines|floor STREAMS EVENTS URL        the cost of many streams
//        async_client callback|coroutine|blocking CALLS 1 URL         one call after the other, to /calls of
//        http_server async_client cancel STREAMS EVENTS URL                       until all have their outcome and all
//        sockets are closed
#include <curl/curl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "abstractllm/abstractllm.hpp"

namespace llm = abstractllm;
using Clock = std::chrono::steady_clock;

namespace {

struct Stream {
  int next = 0;
};

struct Tally {
  std::vector<float> delays_us;
  long events = 0;
  long wrong = 0;  // lost, doubled or out of order
  long failed = 0;

  void take(Stream& stream, const char* text) {
    char* rest = nullptr;
    const long number = std::strtol(text, &rest, 10);
    const long long sent = std::strtoll(rest, nullptr, 10);
    wrong += number != stream.next++;
    ++events;
    delays_us.push_back(static_cast<float>(Clock::now().time_since_epoch().count() - sent) / 1000.0F);
  }
};

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::atol(line.c_str() + 6);
  return 0;
}

double cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& t) { return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec); };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

double at(std::vector<float>& values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

// ---- libcurl alone

class Floor {
 public:
  explicit Floor(Tally& tally) : tally_(tally), multi_(curl_multi_init()), epoll_(epoll_create1(0)) {
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Floor::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Floor::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  }

  void run(int streams, const std::string& url, const std::function<void()>& halfway) {
    curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
    transfers_.resize(static_cast<std::size_t>(streams), Transfer{this, {}, {}});
    for (Transfer& transfer : transfers_) {
      CURL* easy = curl_easy_init();
      curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
      curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
      curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                       R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true})");
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Floor::on_bytes);
      curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
      curl_multi_add_handle(multi_, easy);
    }
    int running = streams;
    bool told = false;
    while (running > 0) {
      std::array<epoll_event, 256> ready{};
      const int count = epoll_wait(epoll_, ready.data(), ready.size(), timeout_);
      if (count == 0) curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = ready[static_cast<std::size_t>(i)];
        const int mask = ((event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                         ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0);
        curl_multi_socket_action(multi_, event.data.fd, mask, &running);
      }
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_, &left))
        tally_.failed += message->data.result != CURLE_OK;
      if (!told && tally_.events > static_cast<long>(streams) * 20) told = true, halfway();
    }
  }

 private:
  struct Transfer {
    Floor* floor;
    Stream stream;
    std::string buffer;
  };

  static std::size_t on_bytes(char* bytes, std::size_t size, std::size_t count, void* of) {
    Transfer& transfer = *static_cast<Transfer*>(of);
    transfer.buffer.append(bytes, size * count);
    std::size_t from = 0;
    for (std::size_t end = transfer.buffer.find("\n\n"); end != std::string::npos;
         end = transfer.buffer.find("\n\n", from)) {
      const std::size_t text = transfer.buffer.find("\"content\":\"", from);
      if (text < end) transfer.floor->tally_.take(transfer.stream, transfer.buffer.c_str() + text + 11);
      from = end + 2;
    }
    transfer.buffer.erase(0, from);
    return size * count;
  }
  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
    const int epoll = static_cast<Floor*>(self)->epoll_;
    if (what == CURL_POLL_REMOVE) return epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nullptr), 0;
    epoll_event event{};
    event.events = (what != CURL_POLL_OUT ? static_cast<std::uint32_t>(EPOLLIN) : 0U) |
                   (what != CURL_POLL_IN ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
    event.data.fd = socket;
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) != 0) epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
    return 0;
  }
  static int on_timer(CURLM*, long milliseconds, void* self) {
    static_cast<Floor*>(self)->timeout_ = static_cast<int>(milliseconds);
    return 0;
  }

  Tally& tally_;
  CURLM* multi_;
  int epoll_;
  int timeout_ = -1;
  std::vector<Transfer> transfers_;
};

// ---- ours

llm::Llm model_at(const std::string& url) {
  return llm::create_llm("openai_compatible",
                         llm::Options().base_url(url).max_connections_per_host(100'000).max_retries(0))
      .value();
}

class Countdown {
 public:
  explicit Countdown(int count) : left_(count) {}
  void arrive() {
    if (--left_ == 0) left_.notify_all();
  }
  void wait() {
    for (int now = left_; now > 0; now = left_) left_.wait(now);
  }

 private:
  std::atomic<int> left_;
};

void run_callbacks(Tally& tally, int streams, const std::string& url, const std::function<void()>& halfway) {
  const llm::Llm model = model_at(url);
  Countdown ended(streams);
  std::vector<Stream> states(static_cast<std::size_t>(streams));
  for (Stream& state : states) {
    model.stream_async(
        "Hi", {},
        [&](const llm::StreamEvent& event) {
          const auto* delta = std::get_if<llm::TextDelta>(&event);
          if (delta == nullptr) return;
          tally.take(state, delta->text.c_str());
          if (tally.events == static_cast<long>(streams) * 20) halfway();
        },
        [&](const llm::Result<llm::Response>& outcome) {
          if (!outcome && tally.failed++ == 0) std::fprintf(stderr, "%s\n", outcome.error().message.c_str());
          ended.arrive();
        });
  }
  ended.wait();
}

llm::Task<int> read_one(const llm::Llm& model, Tally& tally, Stream state, long look_at,
                        const std::function<void()>& look) {
  llm::Stream stream = model.stream("Hi");
  for (;;) {
    auto event = co_await stream.next_async();
    if (!event) co_return ++tally.failed, 1;
    if (!*event) co_return 0;
    if (const auto* delta = std::get_if<llm::TextDelta>(&**event)) tally.take(state, delta->text.c_str());
    if (tally.events == look_at) look();
  }
}

void run_coroutines(Tally& tally, int streams, const std::string& url, const std::function<void()>& halfway) {
  const llm::Llm model = model_at(url);
  std::vector<llm::Task<int>> tasks;
  for (int i = 0; i < streams; ++i)
    tasks.push_back(read_one(model, tally, {}, static_cast<long>(streams) * 20, halfway));
  (void)llm::sync_wait(llm::when_all(std::move(tasks)));
}

// ---- one call after the other

llm::Task<long> ask_again_and_again(const llm::Llm& model, int calls) {
  long right = 0;
  for (int i = 0; i < calls; ++i) {
    llm::PendingResponse pending = model.generate_async("Hi");
    auto answer = co_await std::move(pending);
    right += answer && answer->text.size() == 160;
  }
  co_return right;
}

class Chain {
 public:
  Chain(const llm::Llm& model, int calls) : model_(model), left_(calls) {}
  long run() {
    next();
    done_.wait();
    return right_;
  }

 private:
  void next() {
    model_.generate_async("Hi", {}, [this](const llm::Result<llm::Response>& answer) {
      right_ += answer && answer->text.size() == 160;
      if (--left_ > 0) next();
      else done_.arrive();
    });
  }
  const llm::Llm& model_;
  int left_;
  long right_ = 0;
  Countdown done_{1};
};

long run_calls(const std::string& how, const llm::Llm& model, int calls) {
  if (how == "callback") return Chain(model, calls).run();
  if (how == "coroutine") return llm::sync_wait(ask_again_and_again(model, calls));
  long right = 0;
  for (int i = 0; i < calls; ++i) {
    auto answer = model.generate("Hi");
    right += answer && answer->text.size() == 160;
  }
  return right;
}

int measure_calls(const std::string& how, int calls, const std::string& url) {
  const llm::Llm model = model_at(url);
  run_calls(how, model, 50);
  const double cpu = cpu_us();
  const auto began = Clock::now();
  if (run_calls(how, model, calls) != calls) return 1;
  const double wall = std::chrono::duration<double, std::micro>(Clock::now() - began).count();
  std::printf("{\"cpu_us\": %.2f, \"wall_us\": %.2f}\n", (cpu_us() - cpu) / calls, wall / calls);
  return 0;
}

// ---- cancel

long open_sockets() {
  long count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    count += std::filesystem::read_symlink(entry, gone).string().starts_with("socket:");
  }
  return count;
}

int measure_cancel(int streams, const std::string& url) {
  const llm::Llm model = model_at(url);
  std::stop_source stop;
  Countdown begun(streams);
  Countdown ended(streams);
  std::vector<int> seen(static_cast<std::size_t>(streams), 0);
  for (int& events : seen) {
    model.stream_async(
        "Hi", llm::Options().stop_token(stop.get_token()),
        [&](const llm::StreamEvent&) {
          if (events++ == 0) begun.arrive();
        },
        [&](const llm::Result<llm::Response>&) { ended.arrive(); });
  }
  begun.wait();
  const long before = open_sockets();
  const auto asked = Clock::now();
  stop.request_stop();
  ended.wait();
  const double outcomes = std::chrono::duration<double, std::milli>(Clock::now() - asked).count();
  while (open_sockets() > before - streams) std::this_thread::yield();
  const double closed = std::chrono::duration<double, std::milli>(Clock::now() - asked).count();
  std::printf("{\"outcomes_ms\": %.2f, \"closed_ms\": %.2f}\n", outcomes, closed);
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) return std::fprintf(stderr, "usage: async_client HOW COUNT EVENTS URL\n"), 2;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const std::string how = argv[1], url = argv[4];
  const int count = std::atoi(argv[2]);
  if (how == "cancel") return measure_cancel(count, url);
  if (how == "callback" || how == "coroutine" || how == "blocking") return measure_calls(how, count, url);

  Tally tally;
  tally.delays_us.reserve(static_cast<std::size_t>(count) * static_cast<std::size_t>(std::atol(argv[3])));
  std::fill_n(std::back_inserter(tally.delays_us), tally.delays_us.capacity(), 0.F);  // its pages are there before
  tally.delays_us.clear();
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const long before = resident_kib();
  long during = 0;
  const auto halfway = [&] { during = resident_kib(); };
  const double cpu = cpu_us();
  if (how == "floor") Floor(tally).run(count, url + "/chat/completions", halfway);
  else if (how == "coroutines") run_coroutines(tally, count, url, halfway);
  else run_callbacks(tally, count, url, halfway);
  const double used = cpu_us() - cpu;
  std::printf(
      "{\"kib_a_stream\": %.2f, \"cpu_us_an_event\": %.3f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"events\": %ld, "
      "\"wrong\": %ld, \"failed\": %ld}\n",
      static_cast<double>(during - before) / count, used / static_cast<double>(std::max(1L, tally.events)),
      at(tally.delays_us, 0.5), at(tally.delays_us, 0.99), tally.events, tally.wrong, tally.failed);
  return 0;
} catch (const llm::Exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
