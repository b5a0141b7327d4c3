// SPDX-License-Identifier: Apache-2.0
#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/base64.hpp"

namespace abstractllm {
namespace {

HttpRequest request_with(const std::string& name, const std::string& value) {
  HttpRequest request;
  request.headers.emplace_back(name, value, /*is_secret=*/true);
  request.headers.emplace_back("Accept", "application/json");
  return request;
}

std::string masked(std::string text, const std::string& value, const std::string& name = "Authorization") {
  Secrets(request_with(name, value)).mask(text);
  return text;
}

TEST(Secrets, AreMaskedWithAndWithoutTheirScheme) {
  EXPECT_EQ(masked("key sk-secret-1, Bearer sk-secret-1.", "Bearer sk-secret-1"),
            "key ***********, ******************.");
  EXPECT_EQ(masked("application/json", "Bearer sk-secret-1"), "application/json") << "not a secret header";
}

TEST(Secrets, AreMaskedInEveryFormInWhichTheyAreRepeated) {
  const std::string key = "k\"e/y\\+<sécret>";
  const char* const forms[] = {
      "k\"e/y\\+<sécret>",                            // unchanged
      R"(k\"e/y\\+<sécret>)",                         // JSON
      R"(k\"e\/y\\+<sécret>)",                        // JSON of PHP
      R"(k\u0022e\u002Fy\u005c+\u003csécret\u003E)",  // JSON of Go and .NET
      R"(k\\\"e\\\/y\\\\+<sécret>)",                  // JSON within JSON
      R"(k\\u0022e/y\\\\+\\u003csécret\\u003e)",      // the same, of Go
      "k%22e%2Fy%5C%2b%3Cs%C3%A9cret%3E",             // URL
  };
  for (const char* form : forms) {
    const std::string text = masked(std::string("[") + form + "]", "Bearer " + key);
    EXPECT_EQ(text, "[" + std::string(std::string_view(form).size(), '*') + "]") << form;
  }
  EXPECT_EQ(masked("[" + to_base64(key) + "]", "Bearer " + key).find(to_base64(key)), std::string::npos);
}

TEST(Secrets, WithPercentSignsAndBackslashesAreMasked) {
  for (const char* form : {"pa%ss%20wo%25rd", "pa%25ss%2520wo%2525rd"})
    EXPECT_EQ(masked(std::string("[") + form + "]", "Bearer pa%ss%20wo%25rd").find('p'), std::string::npos) << form;
  const std::string key = R"(pa\ss\\\word\)";
  for (const char* form : {R"(pa\ss\\\word\)", R"(pa\\ss\\\\\\word\\)", R"(pa%5Css%5c%5C%5Cword%5C)"}) {
    EXPECT_EQ(masked(form, "Bearer " + key), std::string(std::string_view(form).size(), '*')) << form;
    EXPECT_EQ(masked(form + std::string("]"), "Bearer " + key).find('p'), std::string::npos) << form;
  }
}

TEST(Secrets, AreMaskedWithinALongerTextAsBase64) {
  const std::string key = "sk-secret-123456789";
  for (const std::string before : {"", "a", "ab", "abc", "Authorization: Bearer "}) {
    const std::string whole = to_base64(before + key + "\r\n");
    const std::string text = masked("[" + whole + "]", "Bearer " + key);
    // At most one character at each border, because some of its bits belong to the neighbouring text.
    EXPECT_GE(std::count(text.begin(), text.end(), '*'), static_cast<long>(key.size() * 8 / 6) - 2) << before;
  }
}

TEST(Secrets, ThatAreCutAreMasked) {
  const std::string header = "Bearer sk-secret-123456789";
  EXPECT_EQ(masked("the key sk-secret-1234", header), "the key **************");
  EXPECT_EQ(masked("the key sk-secret-1234…", header), "the key **************…");
  EXPECT_EQ(masked("the key sk%2Dsecret%2D1234", header), "the key ******************");
  EXPECT_EQ(masked("the key sk%2Dsecret%2", header), "the key *************");
  EXPECT_EQ(masked(R"(the key sk\u002Dsecret\u00)", header), "the key ******************");
  EXPECT_EQ(masked("the key " + to_base64("sk-secret-123456789").substr(0, 14), header), "the key **************");
  EXPECT_EQ(masked("a key begins with sk-", header), "a key begins with sk-") << "known to all";
  EXPECT_EQ(masked("sk-secret-1234 was cut before", header), "sk-secret-1234 was cut before") << "not at the end";
  EXPECT_EQ(masked("write Bearer", header), "write Bearer");
}

TEST(Secrets, OfBasicAuthenticationAreMaskedDecodedToo) {
  const std::string header = "Basic " + to_base64("user:pass word");
  EXPECT_EQ(masked("user:pass word", header), "**************");
  EXPECT_EQ(masked("the password 'pass word' is wrong", header), "the password '*********' is wrong");
  EXPECT_EQ(masked(to_base64("user:pass word"), header).find_first_not_of('*'), std::string::npos);
}

TEST(Secrets, OfACookieAreMaskedOneByOne) {
  EXPECT_EQ(masked("got abcdef and ghijkl", "a=abcdef; b=ghijkl", "Cookie"), "got ****** and ******");
}

TEST(Secrets, OfAQueryAreKnownByTheirNames) {
  HttpRequest request;
  request.url = "https://h/v1?code=of-a-function&api-version=2024-10-21&X-Amz-Signature=of-amazon&sig=of-azure";
  std::string text = "of-a-function 2024-10-21 of-amazon of-azure";
  Secrets(request).mask(text);
  EXPECT_EQ(text, "************* 2024-10-21 ********* ********");
}

TEST(Secrets, AreMaskedInEachTextOfAnError) {
  Error error(ErrorKind::authentication, "no sk-secret-1");
  error.provider_message = error.provider_code = error.request_id = "sk-secret-1";
  Secrets(request_with("Authorization", "Bearer sk-secret-1")).mask(error);
  EXPECT_EQ(error.message, "no ***********");
  EXPECT_EQ(error.provider_message, "***********");
  EXPECT_EQ(error.provider_code, "***********");
  EXPECT_EQ(error.request_id, "***********");
}

TEST(Secrets, ThatAreTooShortAreLeft) {
  EXPECT_EQ(masked("an apple", "a"), "an apple");
  EXPECT_EQ(masked("the cat", "Bearer cat"), "the cat");
  EXPECT_EQ(masked("", "Bearer sk-secret-1"), "");
}

TEST(Secrets, AreFoundInHostileTextInLinearTime) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "sk-secret-\\\\\\\\";
  text += '.';
  const std::string before = text;
  EXPECT_EQ(masked(text, "Bearer sk-secret-1"), before);
  EXPECT_EQ(masked(std::string(200'000, '\\'), "Bearer sk-secret-1"), std::string(200'000, '\\'));
  EXPECT_EQ(masked(std::string(200'000, '%'), "Bearer sk%secret%1"), std::string(200'000, '%'));
}

TEST(UserOfProxy, IsFoundInMalformedUrlsToo) {
  EXPECT_EQ(user_of_proxy("http://user:pa#ss@host:80"), "user:pa#ss");
  EXPECT_EQ(user_of_proxy("http://user:p@ss/w?d@host"), "user:p@ss/w?d");
  EXPECT_EQ(user_of_proxy("user:pass@host:80"), "user:pass");
  EXPECT_EQ(user_of_proxy("http://host:80"), "");
  EXPECT_EQ(user_of_proxy(""), "");
}

}  // namespace
}  // namespace abstractllm
