// SPDX-License-Identifier: Apache-2.0
//
// What has to be asked over the network before a call with images can be sent.
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <thread>

#include "abstractllm/abstractllm.hpp"
#include "base/base64.hpp"
#include "base/json.hpp"
#include "support/async_calls.hpp"
#include "support/loopback_server.hpp"
#include "support/pictures.hpp"
#include "support/threads.hpp"

namespace abstractllm {
namespace {

using namespace testing_support;
using test::http_answer;
using test::LoopbackConnection;
using test::LoopbackServer;

const std::string picture = png(8, 8);

/// Ollama with one model, and a web server of pictures; remembers what it was asked.
class Ollama {
 public:
  explicit Ollama(std::string capabilities) : capabilities_(std::move(capabilities)) {}

  std::string url() const { return server_.url(); }
  int connections() const { return server_.connections(); }
  Llm model(Options options = {}) const {
    return create_llm("ollama", options.base_url(url()).model("m").max_retries(0)).value();
  }
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  Json last_body() const {
    const std::lock_guard lock(mutex_);
    return Json::parse(body_);
  }

 private:
  bool answer(LoopbackConnection& connection) {
    const std::string path = connection.path();
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(path);
      if (path == "/api/chat") body_ = connection.body();
    }
    if (path == "/api/show") return connection.send(http_answer(capabilities_, "application/json"));
    if (path == "/api/chat")
      return connection.send(http_answer(
          R"({"model": "m", "message": {"role": "assistant", "content": "A cat."}, "done": true, "done_reason": "stop"})",
          "application/json"));
    if (path == "/cat.png") return connection.send(http_answer(picture, "text/html"));
    if (path == "/page.png") return connection.send(http_answer("<html>Gone</html>", "image/png"));
    if (path == "/empty.png") return connection.send(http_answer("", "image/png"));
    if (path == "/moved.png") return redirect(connection, "/cat.png");
    if (path == "/away.png") return redirect(connection, "http://[::1]:9/cat.png");
    if (path == "/loop.png") return redirect(connection, "/loop.png");
    return connection.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  }
  static bool redirect(LoopbackConnection& connection, const std::string& to) {
    return connection.send("HTTP/1.1 302 Found\r\nLocation: " + to + "\r\nContent-Length: 0\r\n\r\n");
  }

  std::string capabilities_;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::string body_;
  LoopbackServer server_{[this](LoopbackConnection& connection) { return answer(connection); }};
};

constexpr const char* sees = R"({"capabilities": ["completion", "vision"]})";
constexpr const char* blind = R"({"capabilities": ["completion"]})";
using Paths = std::vector<std::string>;

TEST(Images, OllamaIsAskedWhetherItsModelSees) {
  const Ollama ollama(sees);
  const auto reply = ollama.model().generate("What is this?", Options().image(Image::bytes(picture)));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(ollama.asked(), (Paths{"/api/show", "/api/chat"}));
  EXPECT_EQ(ollama.last_body()["messages"][0],
            (Json{{"role", "user"}, {"content", "What is this?"}, {"images", {to_base64(picture)}}}));
  EXPECT_TRUE(reply->warnings.empty());
  EXPECT_EQ(ollama.model().capabilities()->vision, true);
}

TEST(Images, AModelOfOllamaThatCannotSeeAnswersWithoutThem) {
  const Ollama ollama(blind);
  Stream stream = ollama.model().stream("What is this?", Options().image(Image::bytes(picture)));
  std::string words;
  for (const StreamEvent& event : stream) {
    if (const auto* warning = std::get_if<Warning>(&event)) words += warning->code + " ";
    if (const auto* delta = std::get_if<TextDelta>(&event)) words += delta->text;
  }
  EXPECT_EQ(words, "image_dropped A cat.");
  EXPECT_EQ(stream.response().warnings.size(), 1u);
  EXPECT_EQ(ollama.last_body()["messages"][0], (Json{{"role", "user"}, {"content", "What is this?"}}));
}

TEST(Images, UnderStrictOllamaIsAskedNothingElse) {
  const Ollama ollama(blind);
  const auto reply = ollama.model().generate("Hi", Options().image(Image::bytes(picture)).strict(true));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::unsupported);
  EXPECT_EQ(ollama.asked(), Paths{"/api/show"});
}

TEST(Images, AnOllamaThatDoesNotSayCountsAsAble) {
  for (const char* answer : {"{}", "no JSON", R"({"capabilities": null})"}) {
    const Ollama ollama(answer);
    const auto reply = ollama.model().generate("Hi", Options().image(Image::bytes(picture)));
    ASSERT_TRUE(reply) << answer;
    EXPECT_TRUE(reply->warnings.empty());
    EXPECT_TRUE(ollama.last_body()["messages"][0].contains("images"));
  }
}

TEST(Images, LlamaServerIsAskedForItsProperties) {
  std::string vision = "false";
  std::string body;
  LoopbackServer server([&](LoopbackConnection& connection) {
    if (connection.path() == "/props")
      return connection.send(http_answer(R"({"modalities": {"vision": )" + vision + "}}", "application/json"));
    body = connection.body();
    return connection.send(http_answer(test::chat_body("A cat."), "application/json"));
  });
  const Llm model = create_llm("llama_server", Options().base_url(server.url() + "/v1")).value();
  const auto blind_reply = model.generate("Hi", Options().image(Image::bytes(picture)));
  ASSERT_TRUE(blind_reply) << blind_reply.error().message;
  EXPECT_EQ(blind_reply->warnings.at(0).code, "image_dropped");
  EXPECT_EQ(body.find("image_url"), std::string::npos);
  vision = "true";
  ASSERT_TRUE(model.generate("Hi", Options().image(Image::bytes(picture))));
  EXPECT_NE(body.find("image_url"), std::string::npos);
}

TEST(Images, AreFetchedForWhomDoesNotFetchThem) {
  const Ollama ollama(sees);
  // The server of the base URL may be private.
  const auto reply = ollama.model().generate(
      "Hi", Options().image(ollama.url() + "/cat.png").image(Image::bytes(png(1, 1))).api_key("k"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(ollama.asked(), (Paths{"/api/show", "/cat.png", "/api/chat"}));
  EXPECT_EQ(ollama.last_body()["messages"][0]["images"], (Json{to_base64(picture), to_base64(png(1, 1))}));
}

TEST(Images, RedirectsAreFollowed) {
  const Ollama ollama(sees);
  const auto reply =
      ollama.model().generate("Hi", Options().image(ollama.url() + "/moved.png").allow_private_image_urls(true));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(ollama.asked(), (Paths{"/api/show", "/moved.png", "/cat.png", "/api/chat"}));
}

TEST(Images, AsynchronousCallsAskTheSame) {
  const Ollama ollama(sees);
  const Llm model = ollama.model();
  const Options options = Options().image(ollama.url() + "/moved.png").allow_private_image_urls(true);
  std::vector<std::future<Result<Response>>> answers;
  for (int i = 0; i < 8; ++i) answers.push_back(model.generate_future("Hi", options));
  for (auto& each : answers) {
    const auto reply = each.get();
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->text, "A cat.");
  }
  EXPECT_EQ(ollama.asked().size(), 32u);
}

/// Holds each answer until `held` requests wait for theirs, or until let go.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    most_ = std::max(most_, ++now_);
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --now_;
  }
  void wait_for(int held) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return now_ >= held; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  int most() const {
    const std::lock_guard lock(mutex_);
    return most_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int now_ = 0;
  int most_ = 0;
  bool open_ = false;
};

TEST(Images, AsynchronousCallsNeedNoThreadsAndKeepToTheLimitOfConnections) {
  Gate gate;
  LoopbackServer web([&](LoopbackConnection& connection) {
    gate.pass();
    return connection.send(http_answer(picture, "image/png"));
  });
  const Ollama ollama(sees);
  const Llm model = ollama.model(Options().max_connections_per_host(3));
  ASSERT_TRUE(model.generate_future("Hi").get());  // begins the loop thread
  const std::ptrdiff_t before = test::threads_of_this_process() - ollama.connections();
  const Options options = Options().image(web.url() + "/cat.png").allow_private_image_urls(true);
  std::vector<std::future<Result<Response>>> answers;
  for (int i = 0; i < 40; ++i) answers.push_back(model.generate_future("Hi", options));
  gate.wait_for(3);
  // The servers are in this process, and have a thread for each connection.
  const std::ptrdiff_t threads = test::threads_of_this_process() - ollama.connections() - web.connections();
  EXPECT_LE(threads, before);
  gate.open();
  for (auto& each : answers) EXPECT_EQ(each.get().value().text, "A cat.");
  EXPECT_EQ(gate.most(), 3);
  EXPECT_EQ(web.connections() >= 3, true);
}

TEST(Images, AStrangersAddressIsCheckedWhateverServerItNames) {
  const Ollama ollama(sees);
  int asked = 0;
  LoopbackServer other([&](LoopbackConnection& connection) {
    ++asked;
    return connection.send(http_answer(picture, "image/png"));
  });
  // Another port of the machine that runs Ollama, another scheme, and what its own redirects lead to.
  for (const std::string& url :
       {other.url() + "/cat.png", "https" + ollama.url().substr(4) + "/cat.png", ollama.url() + "/moved.png"}) {
    const auto reply = ollama.model().generate("Hi", Options().image(url));
    ASSERT_FALSE(reply) << url;
    EXPECT_EQ(reply.error().kind, ErrorKind::invalid_argument) << reply.error().message;
    EXPECT_NE(reply.error().message.find("not a public one"), std::string::npos) << reply.error().message;
  }
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(ollama.model().generate("Hi", Options().image(ollama.url() + "/cat.png"))->text, "A cat.");
}

std::vector<LogRecord> logged(const std::function<void()>& during) {
  std::mutex mutex;
  std::vector<LogRecord> records;
  const LogSink sink = add_log_sink(LogLevel::debug, [&](const LogRecord& record) {
    const std::lock_guard lock(mutex);
    if (record.field("call") != nullptr) records.push_back(record);
  });
  during();
  return records;
}

std::string events_of(const std::vector<LogRecord>& records) {
  std::string events;
  for (const LogRecord& record : records) events += record.event + " ";
  return events;
}

TEST(Images, AreCountedInTheLogAsTheyAreSent) {
  const Ollama able(sees);
  auto records = logged([&] {
    ASSERT_TRUE(able.model().generate("Hi", Options().image(able.url() + "/cat.png").image(Image::bytes(picture))));
  });
  ASSERT_EQ(events_of(records), "request request_body response response_body ");
  EXPECT_EQ(std::get<std::int64_t>(records[0].field("image_count")->value), 2);
  EXPECT_EQ(std::get<std::string>(records[1].field("body")->value).find(to_base64(picture)), std::string::npos);

  const Ollama unable(blind);
  records = logged([&] { ASSERT_TRUE(unable.model().generate("Hi", Options().image(Image::bytes(picture)))); });
  ASSERT_EQ(events_of(records), "request request_body warning response response_body ");
  EXPECT_EQ(std::get<std::int64_t>(records[0].field("image_count")->value), 0);
  EXPECT_EQ(std::get<std::string>(records[1].field("body")->value).find("images"), std::string::npos);
  EXPECT_EQ(std::get<std::string>(records[2].field("code")->value), "image_dropped");
}

TEST(Images, ThatFailLeaveOneRecordInTheLog) {
  const Ollama ollama(sees);
  for (const std::string& image : {ollama.url() + "/page.png", std::string("/no/such/file.png")}) {
    const auto records = logged([&] { ASSERT_FALSE(ollama.model().generate("Hi", Options().image(image))); });
    ASSERT_EQ(events_of(records), "response ") << image;
    EXPECT_EQ(std::get<std::string>(records[0].field("error")->value), "invalid_argument");
  }
}

std::string refusal(const Ollama& ollama, const std::string& image, Options options = {}) {
  const auto reply = ollama.model().generate("Hi", options.image(image));
  if (reply) return "sent";
  return std::string(to_string(reply.error().kind)) + ": " + reply.error().message;
}

TEST(Images, WhatCannotBeFetchedIsSaid) {
  const Ollama ollama(sees);
  const std::pair<const char*, const char*> rows[] = {
      {"/page.png", "is an HTML page; it must be PNG, JPEG, GIF or WebP"},
      {"/empty.png", "is empty"},
      {"/gone.png", "its server answers 404"},
      {"/away.png", "has the address ::1, which is not a public one (option allow_private_image_urls)"},
  };
  for (const auto& [path, problem] : rows) {
    const std::string outcome = refusal(ollama, ollama.url() + path);
    EXPECT_TRUE(outcome.starts_with("invalid_argument: image 1 ")) << outcome;
    EXPECT_NE(outcome.find(problem), std::string::npos) << outcome;
  }
  EXPECT_NE(refusal(ollama, ollama.url() + "/loop.png", Options().allow_private_image_urls(true))
                .find("more than 5 redirects"),
            std::string::npos);
  EXPECT_NE(refusal(ollama, ollama.url() + "/cat.png", Options().max_image_bytes(20)).find("more than 20 bytes"),
            std::string::npos);
  const Paths asked = ollama.asked();
  EXPECT_EQ(std::count(asked.begin(), asked.end(), "/api/chat"), 0) << "nothing is sent without its picture";
}

TEST(Images, APrivateAddressIsRefusedWhateverItsName) {
  const Ollama ollama(sees);
  const Ollama other(sees);
  const std::string port = other.url().substr(other.url().rfind(':'));
  for (const std::string& url : {"http://localhost" + port, "http://127.1" + port, "http://0x7f000001" + port,
                                 "http://[::ffff:127.0.0.1]" + port, "http://0" + port,
                                 "http://127.0.0.1\\@localhost" + port, "http://127.0.0.1@localhost" + port}) {
    const std::string outcome = refusal(ollama, url + "/cat.png");
    EXPECT_TRUE(outcome.starts_with("invalid_argument: image 1 cannot be fetched: ")) << outcome;
    EXPECT_NE(outcome.find("not a public one"), std::string::npos) << outcome;
  }
  EXPECT_TRUE(other.asked().empty());
  EXPECT_EQ(refusal(ollama, "http://localhost" + port + "/cat.png", Options().allow_private_image_urls(true)), "sent");
}

TEST(Images, TheKeyDoesNotGoAlong) {
  std::string headers;
  LoopbackServer web([&](LoopbackConnection& connection) {
    headers = connection.head();
    return connection.send(http_answer(picture, "image/png"));
  });
  const Ollama ollama(sees);
  const auto reply = ollama.model(Options().api_key("sk-secret").extra_headers({{"X-Mine", "also-secret"}}))
                         .generate("Hi", Options().image(web.url() + "/cat.png").allow_private_image_urls(true));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_NE(headers.find("GET /cat.png"), std::string::npos) << headers;
  EXPECT_EQ(headers.find("secret"), std::string::npos) << headers;
}

TEST(Images, AStoppedCallStopsFetching) {
  LoopbackServer web([](LoopbackConnection& connection) {
    connection.wait_closed();
    return false;
  });
  const Ollama ollama(sees);
  std::stop_source stop;
  auto answer = ollama.model().generate_future(
      "Hi", Options().image(web.url() + "/cat.png").allow_private_image_urls(true).stop_token(stop.get_token()));
  while (web.open_connections() == 0) std::this_thread::yield();
  stop.request_stop();
  const auto reply = answer.get();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::cancelled);
}

TEST(Images, OneImageInEightThreads) {
  const Ollama ollama(sees);
  const Llm model = ollama.model();
  const Options options = Options().image(Image::bytes(picture));
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int call = 0; call < 10; ++call) right += model.generate("Hi", options).value().text == "A cat.";
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 80);
}

}  // namespace
}  // namespace abstractllm
