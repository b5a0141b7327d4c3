// SPDX-License-Identifier: Apache-2.0
// A test of a program that asks a model, without a network and without a model. The server is a script. The first call
// gets a busy server and is repeated. The second call loses its connection in the middle of the answer.
#include <abstractllm/abstractllm.hpp>
#include <abstractllm/testing.hpp>
#include <iostream>

namespace llm = abstractllm;

// The code under test. It asks a model.
std::string ask(const llm::Llm& model) {
  const auto reply = model.generate("What is the capital of France?");
  if (reply) return reply->text;
  const std::string before = reply.error().partial ? reply.error().partial->text : "";
  return std::string(llm::to_string(reply.error().kind)) + " after '" + before + "'";
}

int main() {
  llm::Reply broken = llm::text_reply("openai_chat", "It is Paris.").value();
  broken.pieces.resize(2);
  broken.fail(llm::Error(llm::ErrorKind::network, "the connection broke"));
  const auto server = llm::scripted_transport({
      llm::Reply(503).header("Retry-After", "0"),
      llm::text_reply("openai_chat", "Paris.", llm::Delivery::body).value(),
      broken,
  });

  llm::Provider provider;
  provider.name = "scripted";
  provider.protocols = {llm::protocol("openai_chat")};
  provider.base_url = "http://scripted.invalid/v1";
  provider.transport = [server](const llm::Options&) { return llm::Result<std::shared_ptr<llm::Transport>>(server); };
  llm::register_provider(std::move(provider)).value();

  const llm::Llm model = llm::create_llm("scripted").value();
  const std::string first = ask(model);
  const std::string second = ask(model);
  std::cout << first << '\n' << second << '\n';
  return first == "Paris." && second == "network after 'It is'" ? 0 : 1;
}
