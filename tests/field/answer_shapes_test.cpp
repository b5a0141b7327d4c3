// SPDX-License-Identifier: Apache-2.0
//
// Shapes of answers that broke other people's clients: finish reasons, choices, text between the parts of a stream,
// errors within an answer of status 200, usage in odd places.
#include <gtest/gtest.h>

#include "field/answers.hpp"

namespace abstractllm::field_cases {
namespace {

std::vector<std::string> warnings_of(const Outcome& outcome) {
  std::vector<std::string> codes;
  for (const Warning& warning : outcome.all<Warning>()) codes.push_back(warning.code);
  return codes;
}

const std::string chat_text = chat_delta(R"({"content":"Hi"})");
const std::string chat_usage = event(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}})");

// Some gateways write Python's None or JSON's null as a string with every chunk. Taken for a reason, it ends the
// answer.
TEST(FinishReasons, NamedNullAreNone) {
  for (const std::string word : {"null", "None", ""}) {
    const std::string chunk =
        event(R"({"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":")" + word + "\"}]}");
    const Outcome whole = answer("openai_chat", chunk + chunk + chat_end("length"));
    EXPECT_EQ(whole.text(), "HiHi") << word;
    EXPECT_EQ(whole.finished().value().finish_reason, FinishReason::length) << word;
    EXPECT_TRUE(answer("openai_chat", chunk + chunk).error) << "cut off: " << word;
  }
  EXPECT_TRUE(answer("anthropic_messages", event(R"({"type":"message_delta","delta":{"stop_reason":"null"}})")).error);
  EXPECT_EQ(answer("ollama_chat", R"({"message":{"content":"a"},"done":true,"done_reason":"null"})"
                                  "\n")
                .finished()
                .value()
                .raw_finish_reason,
            "");
}

// Servers that say "stop" with each chunk, or in the chunk before the one that knows better.
TEST(FinishReasons, CountWithTheLastWord) {
  const std::string early = event(R"({"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]})");
  const Outcome outcome = answer("openai_chat", early + chat_end("length"));
  EXPECT_EQ(outcome.finished().value().finish_reason, FinishReason::length);
  EXPECT_EQ(outcome.finished().value().raw_finish_reason, "length");
  const Outcome emptied = answer("openai_chat", early + chat_end(""));
  EXPECT_EQ(emptied.finished().value().raw_finish_reason, "stop") << "nothing is no word";
}

// The server counted what it sent and closed in order; only the reason is missing (Kimi, gateways).
TEST(FinishReasons, MayBeMissingAfterUsageAndDone) {
  const Outcome outcome = answer("openai_chat", chat_text + chat_usage + done);
  ASSERT_FALSE(outcome.error) << outcome.error->message;
  EXPECT_EQ(outcome.text(), "Hi");
  EXPECT_EQ(outcome.finished().value().finish_reason, FinishReason::other);
  EXPECT_EQ(outcome.finished().value().raw_finish_reason, "");
  EXPECT_EQ(outcome.finished().value().usage.output_tokens, 2);
  EXPECT_EQ(warnings_of(outcome), std::vector<std::string>{"no_finish_reason"});
  EXPECT_TRUE(answer("openai_chat", chat_text + done).error) << "without usage, nobody has counted the answer";
  EXPECT_TRUE(answer("openai_chat", chat_text + chat_usage).error) << "without [DONE], usage may be of the half";
  EXPECT_TRUE(answer("openai_chat", chat_usage + done).error) << "no answer at all";
}

// All of a Messages answer comes before its stop reason; some gateways leave message_stop out.
TEST(FinishReasons, AreTheEndOfAMessagesAnswerToo) {
  const Outcome outcome =
      answer("anthropic_messages",
             event(R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Hi"}})") +
                 event(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}})"));
  EXPECT_EQ(outcome.text(), "Hi");
  EXPECT_EQ(outcome.finished().value().usage.output_tokens, 5);
}

// Bedrock gateways number from 1; some leave the index out of later chunks.
TEST(Choices, CountFromWhicheverComesFirst) {
  const Outcome outcome =
      answer("openai_chat", event(R"({"choices":[{"index":1,"delta":{"content":"a"}}]})") +
                                event(R"({"choices":[{"index":2,"delta":{"content":"other"}}]})") +
                                event(R"({"choices":[{"delta":{"content":"b"}}]})") +
                                event(R"({"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]})") + done);
  EXPECT_EQ(outcome.text(), "ab");
  EXPECT_EQ(outcome.finished().value().finish_reason, FinishReason::stop);
  EXPECT_EQ(warnings_of(outcome), std::vector<std::string>{"choices_ignored"});
}

// "data: : keepalive" is a comment that went through code which puts "data: " before each line.
TEST(Streams, PassOverCommentsThatCameAsData) {
  for (const std::string_view protocol : {"openai_chat", "openai_responses", "anthropic_messages"}) {
    const std::string bytes = two_texts(protocol, "a", "b");
    const std::size_t middle = bytes.find("data: ", bytes.size() / 2);
    for (const char* comment :
         {"data: : keepalive\n\n", "data: :\n\n", "data:\n\n", ": OPENROUTER PROCESSING\n\n", "data: null\n\n"}) {
      const std::string input = comment + bytes.substr(0, middle) + comment + bytes.substr(middle);
      const Outcome outcome = answer(protocol, input);
      ASSERT_FALSE(outcome.error) << protocol << comment << outcome.error->message;
      EXPECT_EQ(outcome.text(), "ab") << protocol << comment;
      EXPECT_TRUE(warnings_of(outcome).empty()) << protocol << comment;
    }
  }
}

// A proxy writes a line of its own between two of the server. Where the server then ends in order, the answer is whole.
TEST(Streams, PassOverALineOfTextAndSaySo) {
  for (const std::string_view protocol : all_protocols) {
    const std::string bytes = two_texts(protocol, "a", "b");
    const bool lines = protocol == "ollama_chat";
    const std::string text = lines ? "it's \"slow\" {today\n" : "data: it's \"slow\" {today\n\n";
    const std::size_t middle = lines ? bytes.find('\n') + 1 : bytes.find("data: ", 1);
    for (const std::string& input : {text + bytes, bytes.substr(0, middle) + text + bytes.substr(middle)}) {
      const Outcome outcome = answer(protocol, input);
      ASSERT_FALSE(outcome.error) << protocol << outcome.error->message;
      EXPECT_EQ(outcome.text(), "ab") << protocol;
      EXPECT_EQ(warnings_of(outcome), std::vector<std::string>{"text_ignored"}) << protocol;
    }
  }
}

// Where the text is all that comes, it is the reason, and the user must see it.
TEST(Streams, ThatEndInTextShowIt) {
  const std::string half = R"({"message":{"content":"Half"},"done":false})"
                           "\n";
  for (const std::string& input : {half + "upstream connect error\x01", half + "upstream connect error\x01\n"}) {
    const Outcome outcome = answer("ollama_chat", input);
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->kind, ErrorKind::protocol);
    EXPECT_EQ(outcome.error->provider_message, "upstream connect error\\x01");
    EXPECT_EQ(outcome.text(), "Half");
  }
  EXPECT_EQ(answer("openai_chat", chat_text + "data: upstream connect error\n\n").error.value().provider_message,
            "upstream connect error");
  EXPECT_EQ(answer("openai_chat", "upstream connect error").error.value().provider_message, "upstream connect error");
  EXPECT_EQ(answer("ollama_chat", "upstream connect error").error.value().provider_message, "upstream connect error");
}

TEST(Streams, ThatHoldMalformedJsonQuoteItsBeginning) {
  const Outcome outcome = answer("openai_chat", chat_text + event("{\"a\":x\x02}"));
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->message, "event 2 of the stream is not valid JSON at byte 5");
  EXPECT_EQ(outcome.error->provider_message, "{\"a\":x\\x02}");
  EXPECT_EQ(answer("openai_chat", "{" + std::string(300, ' ') + "oops", Delivery::body).error.value().provider_message,
            "{" + std::string(99, ' ') + "…");
}

// Seen from SGLang, vLLM behind proxies, Groq and one-api: an error that is not in a data field at all.
TEST(ErrorsInStreams, AreReadWhereverTheyStand) {
  const std::string error = R"({"error":{"message":"out of memory","code":"server_error"}})";
  const std::string pretty =
      "{\n  \"error\": {\n    \"message\": \"out of memory\",\n    \"code\": \"server_error\"\n  }\n}";
  const std::string inputs[] = {
      "error: " + error + "\n\n",
      "error: {\"message\":\"out of memory\",\"code\":\"server_error\"}\n\n",
      "event: error\ndata: " + error + "\n\n",
      "data: " + error + "\n\n",
      error + "\n\n",
      error + "\n\ndata: [DONE]\n\n",
      error + "\ndata: [DONE]\n\n",
      error,
      pretty + "\n\n",
      pretty + "\ndata: [DONE]\n\n",
      "event: error\n" + error + "\n\n",
      "event: error\r\n" + error + "\r\n\r\n",
  };
  for (const std::string_view protocol : {"openai_chat", "openai_responses", "anthropic_messages"}) {
    const std::string bytes = two_texts(protocol, "a", "b");
    const std::string start = bytes.substr(0, bytes.find("data: ", bytes.find("\"a\"")));
    for (const std::string& input : inputs)
      for (const std::string& before : {start, std::string()}) {
        if (before.empty() && input.find("[DONE]") != std::string::npos && protocol != "openai_chat") continue;
        const Outcome outcome = answer(protocol, before + input);
        ASSERT_TRUE(outcome.error) << protocol << '\n' << before + input;
        EXPECT_EQ(outcome.error->provider_message, "out of memory") << protocol << '\n' << before + input;
        EXPECT_EQ(outcome.error->provider_code, "server_error") << protocol << '\n' << before + input;
        EXPECT_EQ(outcome.text(), before.empty() ? "" : "a") << protocol << '\n' << before + input;
      }
  }
}

TEST(ErrorsInStreams, OfTextAloneAreRead) {
  for (const std::string input : {"event: error\ndata: overloaded\n\n", "error: overloaded\n\n"}) {
    const Outcome outcome = answer("openai_chat", chat_text + input);
    ASSERT_TRUE(outcome.error) << input;
    EXPECT_EQ(outcome.error->kind, ErrorKind::unavailable) << input;
    EXPECT_EQ(outcome.error->provider_message, "overloaded") << input;
  }
  EXPECT_EQ(answer("openai_chat", chat_text + "error: null\n\nerror:\n\n" + chat_end("stop")).text(), "Hi");
}

// What a failed answer has cost is billed too.
TEST(ErrorsInStreams, KeepTheUsageThatCameWithThem) {
  const auto tokens = [](std::string_view protocol, std::string_view input) {
    const Outcome outcome = answer(protocol, input);
    EXPECT_TRUE(outcome.error) << protocol;
    return outcome.decoded.usage.output_tokens.value_or(-1);
  };
  EXPECT_EQ(
      tokens("openai_chat", event(R"({"error":{"message":"x"},"usage":{"prompt_tokens":1,"completion_tokens":7}})")),
      7);
  EXPECT_EQ(tokens("anthropic_messages",
                   event(R"({"type":"error","error":{"message":"x"},"usage":{"input_tokens":1,"output_tokens":7}})")),
            7);
  EXPECT_EQ(tokens("openai_responses",
                   event(R"({"type":"error","error":{"message":"x"},"usage":{"input_tokens":1,"output_tokens":7}})")),
            7);
  EXPECT_EQ(tokens("openai_responses", event(R"({"type":"response.failed","response":{"status":"failed",)"
                                             R"("error":{"message":"x"},"usage":{"output_tokens":7}}})")),
            7);
  EXPECT_EQ(tokens("ollama_chat", R"({"error":"x","prompt_eval_count":1,"eval_count":7})"
                                  "\n"),
            7);
}

// MiniMax answers 200 to everything; 0 is success and comes with each good answer.
TEST(ErrorsWithStatus200, AreReadFromMiniMax) {
  struct Case {
    int code;
    ErrorKind kind;
  };
  for (const Case& each : {Case{1002, ErrorKind::rate_limited}, Case{1004, ErrorKind::authentication},
                           Case{1008, ErrorKind::permission}, Case{1026, ErrorKind::content_filtered},
                           Case{1013, ErrorKind::unavailable}, Case{2013, ErrorKind::invalid_argument}}) {
    const std::string body = R"({"id":"1","choices":null,"base_resp":{"status_code":)" + std::to_string(each.code) +
                             R"(,"status_msg":"no luck"}})";
    for (const Outcome& outcome :
         {answer("openai_chat", body, Delivery::body), answer("openai_chat", chat_text + event(body))}) {
      ASSERT_TRUE(outcome.error) << each.code;
      EXPECT_EQ(outcome.error->kind, each.kind) << each.code;
      EXPECT_EQ(outcome.error->provider_message, "no luck");
      EXPECT_EQ(outcome.error->provider_code, std::to_string(each.code));
    }
  }
  const Outcome good = answer("openai_chat", R"({"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":)"
                                             R"("stop"}],"base_resp":{"status_code":0,"status_msg":""}})");
  EXPECT_EQ(good.text(), "Hi");
  EXPECT_FALSE(good.error);
}

// OpenRouter maps what it does not know to "stop": an empty answer that looks whole.
TEST(ErrorsWithStatus200, AreReadFromOpenRoutersNativeReason) {
  const auto choice = [](std::string_view content, std::string_view native) {
    return event(R"({"choices":[{"index":0,"delta":{"content":")" + std::string(content) +
                 R"("},"finish_reason":"stop","native_finish_reason":")" + std::string(native) + "\"}]}") +
           done;
  };
  for (const std::string_view native : {"error", "MALFORMED_FUNCTION_CALL", "server_error", "failed"}) {
    const Outcome outcome = answer("openai_chat", choice("", native));
    ASSERT_TRUE(outcome.error) << native;
    EXPECT_EQ(outcome.error->kind, ErrorKind::unavailable) << native;
    EXPECT_EQ(outcome.error->provider_code, native);
    EXPECT_EQ(answer("openai_chat", choice("Hi", native)).text(), "Hi") << "an answer with text is one";
  }
  for (const std::string_view native : {"stop", "STOP", "end_turn", "completed"})
    EXPECT_FALSE(answer("openai_chat", choice("", native)).error) << native;
}

// Perplexity repeats the lists with each chunk, and they grow.
TEST(Citations, AreTakenFromPerplexity) {
  const auto chunk = [](std::string_view lists, std::string_view reason) {
    return event(R"({"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":)" + std::string(reason) + "}]," +
                 std::string(lists) + "}");
  };
  const Outcome outcome = answer(
      "openai_chat",
      chunk(R"("citations":["https://a"])", "null") +
          chunk(R"("citations":["https://a","https://b"],"search_results":[{"title":"A","url":"https://a"}])", "null") +
          chunk(R"("citations":["https://a","https://b"],"search_results":[{"title":"A","url":"https://a"}])",
                "\"stop\"") +
          done);
  EXPECT_EQ(outcome.decoded.citations_json, R"(["https://a","https://b",{"title":"A","url":"https://a"}])");
}

// Gemini's OpenAI endpoint counts thinking in the total alone.
TEST(UsageCounts, OfGeminiHoldItsThinking) {
  const auto usage = [](std::string_view counts) {
    return answer("openai_chat",
                  chat_text + event(R"({"choices":[],"usage":{)" + std::string(counts) + "}}") + chat_end("stop"))
        .decoded.usage;
  };
  const Usage thought = usage(R"("prompt_tokens":10,"completion_tokens":5,"total_tokens":115)");
  EXPECT_EQ(thought.output_tokens, 105);
  EXPECT_EQ(thought.reasoning_tokens, 100);
  const Usage only_thought = usage(R"("prompt_tokens":10,"total_tokens":110)");
  EXPECT_EQ(only_thought.output_tokens, 100) << "the limit was reached while it thought";
  const Usage plain = usage(R"("prompt_tokens":10,"completion_tokens":5,"total_tokens":15)");
  EXPECT_EQ(plain.output_tokens, 5);
  EXPECT_FALSE(plain.reasoning_tokens.known()) << "not known is not 0";
  const Usage within = usage(
      R"("prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"completion_tokens_details":{"reasoning_tokens":3})");
  EXPECT_EQ(within.output_tokens, 5);
  EXPECT_EQ(within.reasoning_tokens, 3);
}

}  // namespace
}  // namespace abstractllm::field_cases
