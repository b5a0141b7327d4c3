// SPDX-License-Identifier: Apache-2.0
// One client of bench/http_server.cpp, as one line of JSON. Usage: http_client ours|floor PROTOCOL HOW COUNT ORIGIN
// "floor" is what libcurl alone costs: one easy handle, used again and again, whose callback does nothing but find the
// ends of events. COUNT requests one after the other.
#include <curl/curl.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "abstractllm/abstractllm.hpp"

namespace llm = abstractllm;
using Clock = std::chrono::steady_clock;

static std::atomic<long> allocations = 0;
void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

struct Counts {
  long events = 0;
  std::vector<double> delays_us;  // of paced events: from the server's clock to ours
  void take_word(std::string_view text) {
    ++events;
    if (text.size() > 10 && text[0] >= '0' && text[0] <= '9')
      delays_us.push_back(static_cast<double>(Clock::now().time_since_epoch().count() - std::atoll(text.data())) /
                          1000.0);
  }
};

struct Floor {
  Counts* counts;
  std::string buffer;
  bool lines;
  bool paced;

  void take(std::string_view bytes) {
    buffer.append(bytes);
    const std::string_view end = lines ? "\n" : "\n\n";
    std::size_t from = 0;
    for (std::size_t at = buffer.find(end); at != std::string::npos; at = buffer.find(end, from)) {
      if (paced) {
        const std::string_view event = std::string_view(buffer).substr(from, at - from);
        for (const std::string_view before : {"\"content\":\"", "\"delta\":\"", "\"text\":\""})
          if (const std::size_t word = event.find(before); word != std::string_view::npos) {
            counts->take_word(event.substr(word + before.size()));
            break;
          }
      } else {
        ++counts->events;
      }
      from = at + end.size();
    }
    buffer.erase(0, from);
  }
};

std::size_t on_bytes(char* bytes, std::size_t size, std::size_t count, void* floor) {
  static_cast<Floor*>(floor)->take({bytes, size * count});
  return size * count;
}

const char* path_of(const std::string& protocol) {
  if (protocol == "openai_responses") return "/responses";
  if (protocol == "anthropic_messages") return "/v1/messages";
  return protocol == "ollama_chat" ? "/api/chat" : "/chat/completions";
}

void run_floor(const std::string& protocol, const std::string& url, bool paced, long count, Counts& counts) {
  CURL* easy = curl_easy_init();
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true})";
  curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);  // six system calls a transfer less
  for (long i = 0; i < count; ++i) {
    Floor floor{&counts, {}, protocol == "ollama_chat", paced};
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &floor);
    if (curl_easy_perform(easy) != CURLE_OK) std::exit(1);
  }
  curl_slist_free_all(headers);
  curl_easy_cleanup(easy);
}

llm::Llm model_at(const std::string& protocol, const std::string& url) {
  const char* provider = protocol == "anthropic_messages" ? "anthropic"
                         : protocol == "ollama_chat"      ? "ollama"
                                                          : "openai";
  return llm::create_llm(provider, llm::Options().model("m").api_key("k").protocol(protocol).base_url(url)).value();
}

void run_ours(const std::string& protocol, const std::string& base, bool whole, long count, Counts& counts) {
  const llm::Llm model = model_at(protocol, base);
  for (long i = 0; i < count; ++i) {
    if (whole) {
      counts.events += model.generate("Hi").value().text.size() == 160;
      continue;
    }
    for (const llm::StreamEvent& event : model.stream("Hi"))
      if (const auto* delta = std::get_if<llm::TextDelta>(&event)) counts.take_word(delta->text);
  }
}

/// From the request to stop, or the drop, to the caller having control again.
std::vector<double> cancels(const std::string& protocol, const std::string& base, bool drop, long count) {
  const llm::Llm model = model_at(protocol, base);
  std::vector<double> times;
  for (long i = 0; i < count; ++i) {
    std::stop_source stop;
    Clock::time_point asked;
    if (drop) {
      // Its first next() would block: the drop comes from within, after a timeout event of the caller's own.
      llm::Stream stream = model.stream("Hi", llm::Options().first_event_timeout(std::chrono::milliseconds(5)));
      (void)stream.next();
      asked = Clock::now();
      { const llm::Stream dropped = std::move(stream); }
    } else {
      std::thread other([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        asked = Clock::now();
        stop.request_stop();
      });
      (void)model.generate("Hi", llm::Options().stop_token(stop.get_token()));
      const auto back = Clock::now();
      other.join();
      times.push_back(std::chrono::duration<double, std::micro>(back - asked).count());
      continue;
    }
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - asked).count());
  }
  return times;
}

double at(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

double cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 6) return std::fprintf(stderr, "usage: http_client ours|floor PROTOCOL HOW COUNT ORIGIN\n"), 2;
  const std::string who = argv[1], protocol = argv[2], how = argv[3], base = std::string(argv[5]) + "/" + how;
  const long count = std::atol(argv[4]);
  Counts counts;
  if (how == "silent") {
    std::vector<double> times = cancels(protocol, base, who == "drop", count);
    std::printf("{\"p50_us\": %.1f, \"max_us\": %.1f}\n", at(times, 0.5), at(times, 1));
    return 0;
  }
  const auto run = [&](long times) {
    if (who == "floor") run_floor(protocol, base + path_of(protocol), how == "paced", times, counts);
    else run_ours(protocol, base, how == "calls", times, counts);
  };
  if (how == "calls") run(20);  // connect and warm up
  counts = {};
  const double cpu = cpu_us();
  const long before = allocations;
  const auto began = Clock::now();
  run(count);
  const double wall = std::chrono::duration<double, std::micro>(Clock::now() - began).count();
  std::printf(
      "{\"cpu_us\": %.1f, \"wall_us\": %.1f, \"events\": %ld, \"allocations\": %ld, \"delay_p50_us\": %.1f, "
      "\"delay_p99_us\": %.1f}\n",
      cpu_us() - cpu, wall, counts.events, allocations - before, at(counts.delays_us, 0.5), at(counts.delays_us, 0.99));
  return 0;
} catch (const llm::Exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
