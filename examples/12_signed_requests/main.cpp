// SPDX-License-Identifier: Apache-2.0
// A provider that signs each request: Amazon Bedrock's OpenAI-compatible endpoint, with AWS Signature Version 4. With
// exchange.jsonl as its argument, the example takes the answer from that file and needs no account. To ask Bedrock
// itself, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and run it without arguments.
#include <abstractllm/abstractllm.hpp>
#include <cstdlib>
#include <ctime>
#include <iostream>

#include "aws_signature.hpp"

namespace llm = abstractllm;

llm::Provider bedrock(const AwsAccess& access) {
  llm::Provider provider;
  provider.name = "bedrock";
  provider.protocols = {llm::protocol("openai_chat")};
  provider.base_url = "https://bedrock-runtime." + access.region + ".amazonaws.com/openai/v1";
  provider.authorize = [access](llm::HttpRequest& request, const llm::Options&) -> llm::Result<void> {
    sign_for_aws(request, access, std::time(nullptr));
    return {};
  };
  return provider;
}

std::string variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

int main(int argc, char** argv) {
  const AwsAccess access = {variable("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
                            variable("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                            variable("AWS_REGION", "us-west-2"), "bedrock"};
  llm::Options options = llm::Options().model("openai.gpt-oss-120b-1:0");
  if (argc > 1) options.replay(argv[1]);
  const llm::Llm model = llm::create_llm(bedrock(access), options).value();
  const llm::Result<llm::Response> reply = model.generate("What is the capital of France? Answer in one word.");
  if (!reply) {
    std::cerr << reply.error().message << '\n';
    return llm::exit_code(reply.error().kind);
  }
  std::cout << reply->text << '\n';
}
