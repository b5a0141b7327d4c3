// SPDX-License-Identifier: Apache-2.0
// A program built on Boost.Asio: callbacks run on its io_context, beside its own timers and sockets.
// Usage: example_asio [PROVIDER] [MODEL]
#include <abstractllm/abstractllm.hpp>
#include <abstractllm/executor.hpp>
#include <boost/asio.hpp>
#include <iostream>

namespace llm = abstractllm;

int main(int argc, char** argv) try {
  boost::asio::io_context context;
  llm::Options options;
  if (argc > 2) options.model(argv[2]);
  options.executor(llm::executor_from(context.get_executor()));
  const llm::Llm model = llm::create_llm(argc > 1 ? argv[1] : "huggingface", options).value();

  int status = 0;
  auto work = boost::asio::make_work_guard(context);  // until the answer is here
  model.generate_async("What is the capital of France?", {}, [&](const llm::Result<llm::Response>& answer) {
    if (answer) std::cout << answer->text << "\n";
    else std::cerr << answer.error().message << "\n", status = 1;
    work.reset();
  });
  context.run();
  return status;
} catch (const llm::Exception& failure) {
  std::cerr << failure.what() << "\n";
  return 1;
}
