// SPDX-License-Identifier: Apache-2.0
//
// Text that spells a special token is text, whoever wrote it; only what the template writes is a token.
#include <set>

#include "ask.hpp"
#include "engines/llama_cpp/backends.hpp"
#include "engines/llama_cpp/marked_prompt.hpp"

namespace abstractllm::engine_test {
namespace {

class SpecialText : public ::testing::Test {
 protected:
  SpecialText() { start_backends(); }

  static std::int64_t tokens_of(Transport& transport, const json& body) {
    const Reply reply = drain(*open(transport, body.dump(), "local:///v1/chat/completions/input_tokens"));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.parsed().value("input_tokens", std::int64_t{-1});
  }

  const TinyModelFile file_;
  const std::shared_ptr<Transport> transport_ = file_.transport();
};

// In the tiny model a byte is a token, and "<|im_end|>" is one.
TEST_F(SpecialText, ASpellingInAMessageIsAsManyTokensAsItHasBytes) {
  const std::string spelling = "<|im_end|>";
  const std::int64_t without = tokens_of(*transport_, chat("ab"));
  EXPECT_EQ(tokens_of(*transport_, chat("axxxxxxxxxxb")), without + 10);
  for (const char* role : {"user", "system", "assistant", "tool"}) {
    json plain = chat("Hi");
    json spelled = chat("Hi");
    plain["messages"].push_back({{"role", role}, {"content", "axxxxxxxxxxb"}});
    spelled["messages"].push_back({{"role", role}, {"content", "a" + spelling + "b"}});
    for (json* body : {&plain, &spelled}) (*body)["messages"].push_back({{"role", "user"}, {"content", "?"}});
    EXPECT_EQ(tokens_of(*transport_, spelled), tokens_of(*transport_, plain)) << role;
  }
}

TEST_F(SpecialText, ASpellingOverTwoPartsOfAMessageIsTextToo) {
  const TinyModelFile file({.chat_template =
                                "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}"
                                "{% for part in m.content %}{{ part.text }}{% endfor %}{% endif %}{% endfor %}"});
  const auto transport = file.transport();
  const auto parts = [](const std::string& first, const std::string& second) {
    return json{{"messages",
                 {{{"role", "user"},
                   {"content", {{{"type", "text"}, {"text", first}}, {{"type", "text"}, {"text", second}}}}}}}};
  };
  EXPECT_EQ(tokens_of(*transport, parts("<|im_", "end|>")), tokens_of(*transport, parts("xxxxx", "xxxxx")));
}

TEST_F(SpecialText, ASpellingInArgumentsResultsAndToolsIsText) {
  const TinyModelFile file(
      {.chat_template =
           "{% if tools %}{{ tools|tojson }}{% endif %}{% for m in messages %}{{ m|tojson }}{% endfor %}"});
  const auto transport = file.transport();
  const auto body = [](const std::string& text, const std::string& arguments) {
    json all = chat("Hi");
    all["messages"].push_back(
        {{"role", "assistant"},
         {"content", ""},
         {"tool_calls",
          {{{"id", "1"}, {"type", "function"}, {"function", {{"name", "f"}, {"arguments", arguments}}}}}}});
    all["messages"].push_back({{"role", "tool"}, {"tool_call_id", "1"}, {"content", text}});
    all["tools"] = {{{"type", "function"},
                     {"function", {{"name", "f"}, {"description", text}, {"parameters", {{"type", "object"}}}}}}};
    return all;
  };
  const std::int64_t plain = tokens_of(*transport, body("xxxxxxxxxx", R"({"a": "xxxxxxxxxx"})"));
  EXPECT_EQ(tokens_of(*transport, body("<|im_end|>", R"({"a": "<|im_end|>"})")), plain);
  const std::int64_t escaped = tokens_of(*transport, body("xxxxxxxxxx", R"({"a": "\u003c|im_end|>"})"));
  EXPECT_GE(escaped, plain) << "an escape is no way around";
}

TEST_F(SpecialText, ABaseModelReadsSpecialTokensAsItsCallerWritesThem) {
  const TinyModelFile base({.chat_template = ""});
  EXPECT_EQ(tokens_of(*base.transport(), chat("a<|im_end|>b")), 3);
  EXPECT_EQ(tokens_of(**make_llama_cpp_transport(file_.options().chat_template("plain")), chat("a<|im_end|>b")), 3);
}

/// The vocabularies of real models, where llama.cpp's tree has them.
class Vocabulary {
 public:
  explicit Vocabulary(const std::string& name) {
    llama_model_params params = llama_model_default_params();
    params.vocab_only = true;
    model_.reset(llama_model_load_from_file(
        (std::string(ABSTRACTLLM_LLAMA_CPP_MODELS) + "/ggml-vocab-" + name + ".gguf").c_str(), params));
  }
  const llama_vocab* get() const { return llama_model_get_vocab(model_.get()); }
  explicit operator bool() const { return model_ != nullptr; }

 private:
  std::unique_ptr<llama_model, decltype(&llama_model_free)> model_{nullptr, &llama_model_free};
};

std::vector<llama_token> rendered(const Vocabulary& vocabulary, const SpecialTokens& specials,
                                  const std::string& before, const std::string& text, const std::string& after) {
  const std::string mark = new_mark();
  ::common_json body = {{"messages", common_json::array({common_json{{"role", "user"}, {"content", text}}})}};
  mark_special_spellings(body, specials, mark);
  const auto marked = body.at("messages").at(std::size_t{0}).at("content").get<std::string>();
  return tokenize_marked(vocabulary.get(), specials, before + marked + after, mark);
}

TEST_F(SpecialText, RealVocabulariesHaveTodaysTokensForTextWithoutSpellingsAndPlainOnesForTheRest) {
  for (const char* name : {"qwen2", "llama-bpe", "llama-spm", "phi-3"}) {
    const Vocabulary vocabulary(name);
    ASSERT_TRUE(vocabulary) << name;
    const SpecialTokens specials(vocabulary.get());
    std::string ending;
    for (llama_token token = 0; token < llama_vocab_n_tokens(vocabulary.get()) && ending.empty(); ++token)
      if (specials.contains(token) && llama_vocab_is_eog(vocabulary.get(), token))
        ending = llama_vocab_get_text(vocabulary.get(), token);
    ASSERT_FALSE(ending.empty()) << name;
    for (const std::string text : {"Hello world", "  two  spaces\n\n", "x < y | z > w", "<|im", "日本語 ñ 👍", ""}) {
      const std::string prompt = ending + text + ending;
      EXPECT_EQ(rendered(vocabulary, specials, ending, text, ending),
                common_tokenize(vocabulary.get(), prompt, true, true))
          << name << ": " << text;
    }
    const auto tokens = rendered(vocabulary, specials, ending, "a " + ending + " b", ending);
    EXPECT_EQ(std::count_if(tokens.begin(), tokens.end(),
                            [&](llama_token token) { return llama_vocab_is_eog(vocabulary.get(), token); }),
              2)
        << name << ": only the template's own";
    auto expected = common_tokenize(vocabulary.get(), ending, true, true);
    const auto plain = common_tokenize(vocabulary.get(), "a " + ending + " b", false, false);
    expected.insert(expected.end(), plain.begin(), plain.end());
    const auto end = common_tokenize(vocabulary.get(), ending, false, true);
    expected.insert(expected.end(), end.begin(), end.end());
    EXPECT_EQ(tokens, expected) << name;
  }
}

}  // namespace
}  // namespace abstractllm::engine_test
