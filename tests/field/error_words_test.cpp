// SPDX-License-Identifier: Apache-2.0
//
// Whatever shape an error has, the server's own words reach the user: "HTTP 400" alone cannot be acted upon.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "protocols/errors.hpp"

namespace abstractllm {
namespace {

Error error_of(int status, std::string_view body) {
  HttpHead head;
  head.status = status;
  return decode_error(head, body);
}

struct Row {
  std::string_view server;
  int status;
  std::string_view body;
  std::string_view words;
};

const Row rows[] = {
    {"NestJS: `error` is the status, the reason is beside it", 400,
     R"~({"statusCode":400,"message":["model must be a string","messages should not be empty"],"error":"Bad Request"})~",
     "Bad Request: model must be a string; messages should not be empty"},
    {"Spring", 404,
     R"~({"timestamp":1,"status":404,"error":"Not Found","message":"No handler for /v1/x","path":"/v1/x"})~",
     "Not Found: No handler for /v1/x"},
    {"the same twice", 400, R"~({"error":"bad model","message":"bad model"})~", "bad model"},
    {"OAuth (RFC 6749)", 401, R"~({"error":"invalid_token","error_description":"The token expired"})~",
     "invalid_token: The token expired"},
    {"beside an `error` object", 400, R"~({"error":{"message":"A","code":"c"},"message":"B"})~", "A: B"},
    {"FastAPI: where it is wrong", 422,
     R"~({"detail":[{"type":"missing","loc":["body","messages",0,"content"],"msg":"Field required","input":{}}]})~",
     "body.messages.0.content: Field required"},
    {"FastAPI, two", 422, R"~({"detail":[{"loc":["body","a"],"msg":"A"},{"loc":["query","b"],"msg":"B"}]})~",
     "body.a: A; query.b: B"},
    {"Cloudflare", 400,
     R"~({"success":false,"errors":[{"code":5007,"message":"No such model @cf/x or task"}],"messages":[],"result":{}})~",
     "No such model @cf/x or task"},
    {"a list of texts", 400, R"~({"errors":["A","B"]})~", "A; B"},
    {"ASP.NET (RFC 9457)", 400,
     R"~({"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"messages":["The messages field is required."]},"traceId":"t"})~",
     "One or more validation errors occurred.: messages: The messages field is required."},
    {"problem details (RFC 9457)", 403,
     R"~({"title":"Forbidden","status":403,"detail":"Your plan has no such model."})~", "Your plan has no such model."},
    {"a list of errors in `error`", 400, R"~({"error":[{"message":"A"},{"message":"B"}]})~", "A; B"},
    {"AWS", 403, R"~({"Message":"User is not authorized"})~", "User is not authorized"},
    {"a shape that nobody has seen", 400, R"~({"fault":{"reason":"quota of tenant"}})~",
     R"~({"fault":{"reason":"quota of tenant"}})~"},
    {"an `error` without words", 500, R"~({"error":{"kind":7}})~", R"~({"error":{"kind":7}})~"},
    {"an empty object", 500, "{}", "{}"},
    {"a list without objects", 500, "[1,2]", "[1,2]"},
    {"a string", 500, R"~("upstream connect error")~", "upstream connect error"},
    {"plain text", 503, "upstream connect error or disconnect/reset before headers\n",
     "upstream connect error or disconnect/reset before headers"},
    {"control characters", 500, "a\x1b[31mb\x01", "a\\x1b[31mb\\x01"},
    {"not UTF-8", 500, "caf\xE9 noir", "caf\\xe9 noir"},
    {"a page", 502, "<html>\r\n<head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
     "502 Bad Gateway"},
    {"a page without a title", 500, "<h1>Internal Server Error</h1>", "<h1>Internal Server Error</h1>"},
    {"XML", 403, "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
     "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"},
    {"JSON that is cut", 500, R"~({"error":{"message":"the disk is fu)~", R"~({"error":{"message":"the disk is fu)~"},
};

TEST(ErrorWords, OfTheServerReachTheUserInEveryShape) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.server);
    EXPECT_EQ(error_of(row.status, row.body).provider_message, row.words);
  }
}

TEST(ErrorWords, AreLimited) {
  std::string many = R"({"errors":[)";
  std::string fields = R"({"errors":{)";
  for (int i = 0; i < 200'000; ++i) {
    many += R"({"message":"aaaaaaaaab"},)";
    fields += "\"" + std::to_string(i) + "\":[\"x\"],";
  }
  const std::string deep = "{\"error\":" + std::string(900, '[') + std::string(900, ']') + "}";

  for (const std::string& body : {many + "{}]}", fields + "\"z\":[]}}", deep, std::string(1 << 20, '<'),
                                  "{\"error\":{\"loc\":[" + std::string(1 << 19, '1') + "]}}"}) {
    EXPECT_LE(error_of(400, body).provider_message.size(), 4096U);
  }
}

}  // namespace
}  // namespace abstractllm
