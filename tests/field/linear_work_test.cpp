// SPDX-License-Identifier: Apache-2.0
//
// Work that grows by the square of what a server sends stalls every other call of the process. Each shape is decoded
// with n and with 10 n parts: linear work takes 10 times as long, work by the square 100 times.
#include <gtest/gtest.h>

#include <ctime>
#include <functional>

#include "abstractllm/batch.hpp"
#include "abstractllm/message.hpp"
#include "abstractllm/registry.hpp"
#include "abstractllm/testing.hpp"
#include "base/json.hpp"
#include "field/answers.hpp"
#include "protocols/errors.hpp"

namespace abstractllm::field_cases {
namespace {

/// CPU time of this thread: other programs on the machine do not count.
double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

using Work = std::function<void(const std::string& input)>;
using Input = std::function<std::string(std::size_t parts)>;

/// The least of some runs: what disturbs a run only makes it longer.
double least_seconds(const Work& work, const std::string& input, int runs) {
  double least = 1e9;
  for (int run = 0; run < runs; ++run) {
    const double start = cpu_seconds();
    work(input);
    least = std::min(least, cpu_seconds() - start);
  }
  return least;
}

void expect_linear(const std::string& what, const Input& input, const Work& work) {
  constexpr std::size_t few = 1000;
  constexpr double clearly_not_linear = 45;  // halfway between 10 and 100, as ratios go, and more
  const double small = least_seconds(work, input(few), 3);
  const double large = least_seconds(work, input(10 * few), 1);
  EXPECT_LT(large / small, clearly_not_linear) << what << ": " << small << " s and " << large << " s";
}

std::string repeated(std::size_t count, const std::function<std::string(std::string number)>& part) {
  std::string text;
  for (std::size_t at = 0; at < count; ++at) text += (at > 0 ? "," : "") + part(std::to_string(at));
  return text;
}

std::string keys(std::size_t count) {
  return "{" + repeated(count, [](const std::string& n) { return "\"k" + n + "\":" + n; }) + "}";
}

Work decoded_by(std::string_view protocol, std::size_t piece = 16384) {
  return [=](const std::string& bytes) {
    const Outcome outcome = decode_pieces(*find_protocol(protocol), in_pieces_of(piece, bytes));
    Response response;
    response.tool_calls = outcome.all<ToolCall>();
    (void)to_json(response);
  };
}

std::string framed(std::string_view protocol, const std::string& json) {
  return protocol == "ollama_chat" ? json + "\n" : event(json);
}

TEST(LinearWork, GoesIntoAMalformedEventOfManyKeys) {
  for (const std::string_view protocol : all_protocols) {
    expect_linear(
        std::string(protocol) + " event", [&](std::size_t n) { return framed(protocol, keys(n) + "}"); },
        decoded_by(protocol));
    expect_linear(
        std::string(protocol) + " body", [&](std::size_t n) { return keys(n) + "x"; }, decoded_by(protocol));
  }
}

TEST(LinearWork, GoesIntoNumbersThatAreOutOfRangeAndHalfPairs) {
  for (const std::string_view protocol : all_protocols) {
    const auto list = [&](const std::string& element) {
      return [=](std::size_t n) {
        return framed(protocol, "{\"x\":[" + repeated(n, [&](const std::string&) { return element; }) + "]}");
      };
    };
    for (const char* element : {"1e400", "NaN", "99999999999999999999999", "\"\\ud83d\"", "\"\\ud83d\",1e400"})
      expect_linear(std::string(protocol) + element, list(element), decoded_by(protocol));
  }
}

std::string many_calls(std::string_view protocol, std::size_t count, bool same_id) {
  const auto call = [&](const std::string& begin, const std::string& end) {
    return repeated(count, [&](const std::string& n) { return begin + (same_id ? "0" : n) + end; });
  };
  if (protocol == "openai_chat")
    return chat_delta("{\"tool_calls\":[" + call(R"({"id":"c)", R"(","function":{"name":"f","arguments":"{}"}})") +
                      "]}") +
           chat_end("tool_calls");
  if (protocol == "openai_responses")
    return event(R"({"type":"response.completed","response":{"status":"completed","output":[)" +
                 call(R"({"type":"function_call","name":"f","arguments":{"a":1},"call_id":"c)", "\"}") + "]}}");
  if (protocol == "anthropic_messages")
    return R"({"type":"message","content":[)" +
           call(R"({"type":"tool_use","name":"f","input":{"a":1},"id":"c)", "\"}") + R"(],"stop_reason":"tool_use"})";
  return R"({"message":{"tool_calls":[)" + call(R"({"function":{"name":"f","arguments":{"a":1}},"id":"c)", "\"}") +
         "]},\"done\":true}\n";
}

TEST(LinearWork, GoesIntoManyCalls) {
  for (const std::string_view protocol : all_protocols)
    for (const bool same_id : {false, true})
      expect_linear(
          std::string(protocol) + (same_id ? " same id" : ""),
          [&](std::size_t n) { return many_calls(protocol, n, same_id); }, decoded_by(protocol));
}

TEST(LinearWork, GoesIntoManyFragmentsOfOneCall) {
  const auto fragments = [](const std::string& each) {
    return [=](std::size_t n) {
      std::string bytes =
          chat_delta(R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{["}}]})");
      for (std::size_t at = 0; at < n; ++at) bytes += chat_delta("{\"tool_calls\":[" + each + "]}");
      return bytes + chat_end("tool_calls");
    };
  };
  for (const char* each : {R"({"index":0,"function":{"name":"f","arguments":"}"}})",
                           R"({"index":0,"id":"c","function":{"arguments":"}"}})", R"({"function":{"arguments":"{}"}})",
                           R"({"index":0,"function":{"arguments":"\ud83d"}})"})
    expect_linear(each, fragments(each), decoded_by("openai_chat"));
  for (const std::string_view protocol : {"openai_chat", "openai_responses", "anthropic_messages"})
    expect_linear(
        std::string(protocol) + " with a long id",
        [&](std::size_t n) {
          std::string bytes = two_fragments(protocol, "[", "]");
          const std::size_t begin = bytes.rfind("data:", bytes.find("\"]\""));
          const std::size_t end = bytes.find("\n\n", begin) + 2;
          const std::string fragment = bytes.substr(begin, end - begin);
          std::string many;
          for (std::size_t at = 0; at < n; ++at) many += fragment;
          bytes.insert(end, many);
          return bytes.replace(bytes.find("\"c\""), 3, "\"" + std::string(10 * n, 'c') + "\"");
        },
        decoded_by(protocol));
}

TEST(LinearWork, GoesIntoArgumentsOfManyKeysInJson) {
  for (const std::string_view protocol : all_protocols)
    expect_linear(
        std::string(protocol),
        [&](std::size_t n) {
          std::string escaped;
          for (const char c : keys(n)) escaped += c == '"' ? std::string("\\\"") : std::string(1, c);
          return two_fragments(protocol, escaped, "");
        },
        decoded_by(protocol));
}

TEST(LinearWork, GoesIntoOneEventOfManyLinesThatComesInPieces) {
  const auto lines = [](std::size_t n) {
    std::string bytes = "data: {\"x\":[0\n";
    for (std::size_t at = 0; at < n; ++at) bytes += "data:,1\n";
    return bytes + "data:]}\n\n" + chat_delta(R"({"content":"a"})") + chat_end("stop");
  };
  expect_linear("one event", lines, decoded_by("openai_chat", 64));
  const auto bare = [](std::size_t n) {
    std::string bytes = ":\n\n{\n";
    for (std::size_t at = 0; at < n; ++at) bytes += "\"a\":1,\n";
    return bytes + "\"b\":2}\n\n" + chat_end("stop");
  };
  expect_linear("JSON without a field", bare, decoded_by("openai_chat", 64));
  expect_linear(
      "one line of text", [](std::size_t n) { return "{\"message\":{}}\n" + std::string(20 * n, '{') + "\n"; },
      decoded_by("ollama_chat", 64));
}

TEST(LinearWork, GoesIntoErrorBodies) {
  const Work read = [](const std::string& body) {
    HttpHead head;
    head.status = 400;
    (void)to_json(decode_error(head, body));
  };
  expect_linear(
      "keys", [](std::size_t n) { return "{\"error\":" + keys(n) + "}"; }, read);
  expect_linear(
      "malformed", [](std::size_t n) { return keys(n) + "}"; }, read);
  expect_linear(
      "details",
      [](std::size_t n) {
        return "{\"detail\":[" +
               repeated(n, [](const std::string& k) { return "{\"msg\":\"m\",\"loc\":[" + k + "]}"; }) + "]}";
      },
      read);
  expect_linear(
      "text", [](std::size_t n) { return std::string(20 * n, '\xff'); }, read);
}

TEST(LinearWork, GoesIntoListingsAndOtherAnswersOfServers) {
  const Work read = [](const std::string& body) { (void)parse_server_json(body, "it"); };
  expect_linear("keys", keys, read);
  expect_linear(
      "the same key",
      [](std::size_t n) { return "{" + repeated(n, [](const std::string&) { return "\"a\":[1]"; }) + "}"; }, read);
  expect_linear(
      "malformed", [](std::size_t n) { return keys(n) + "}"; }, read);
  expect_linear(
      "numbers", [](std::size_t n) { return "[" + repeated(n, [](const std::string&) { return "1e400"; }) + "]"; },
      read);
  expect_linear(
      "depth", [](std::size_t n) { return std::string(10 * n, '['); }, read);
  static std::string listing;
  Provider provider;
  provider.name = "long_listing";
  provider.protocols = {protocol("openai_chat")};
  provider.base_url = "http://listing.invalid/v1";
  provider.transport = [](const Options&) -> Result<std::shared_ptr<Transport>> {
    return scripted_transport({Reply().bytes(listing)});
  };
  ASSERT_TRUE(register_provider(std::move(provider)));
  const Work list = [](const std::string& body) {
    listing = body;
    const auto models = list_models("long_listing");
    EXPECT_TRUE(models) << models.error().message;
  };
  expect_linear(
      "models",
      [](std::size_t n) {
        return "{\"data\":[" + repeated(n, [](const std::string& k) { return "{\"id\":\"m" + k + "\"}"; }) + "]}";
      },
      list);
  expect_linear(
      "a model of many keys", [](std::size_t n) { return "{\"data\":[" + keys(n) + "]}"; }, list);
}

TEST(LinearWork, GoesIntoConversationsAndBatchLines) {
  const Work read = [](const std::string& text) {
    (void)messages_from_json(text);
    (void)batch_item_from_json(text);
  };
  expect_linear("keys", keys, read);
  expect_linear(
      "keys of a message", [](std::size_t n) { return "[" + keys(n) + "]"; }, read);
  expect_linear(
      "an id of many keys", [](std::size_t n) { return "{\"prompt\":\"a\",\"id\":" + keys(n) + "}"; }, read);
  expect_linear(
      "messages",
      [](std::size_t n) {
        return "[" + repeated(n, [](const std::string&) { return R"({"role":"user","content":"a"})"; }) + "]";
      },
      read);
}

}  // namespace
}  // namespace abstractllm::field_cases
