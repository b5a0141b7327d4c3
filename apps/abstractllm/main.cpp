// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>

#include "abstractllm/device.hpp"
#include "abstractllm/version.hpp"
#include "args.hpp"
#include "commands/commands.hpp"
#include "output.hpp"
#include "render.hpp"

namespace abstractllm::cli {
namespace {

int version() {
  const std::string engine = engine_version();
  Output output;
  output.write("abstractllm " + std::string(abstractllm::version()) + "\n");
  output.write((engine.empty() ? "no local engine in this build" : engine) + "\n");
  return finish_output(output, Format::text);
}

int help() {
  Output output;
  output.write(overview(commands()));
  return finish_output(output, Format::text);
}

int run(Words words) {
  if (words.empty()) return report_usage_error({ErrorKind::invalid_argument, "no command"}, Format::text, "");
  const std::string first = words.front();
  if (first == "--version") return version();
  if (first == "--help" || first == "-h" || first == "help") return help();
  for (const Command& command : commands()) {
    if (command.name == first) return command.run(words.subspan(1));
  }
  const bool flag = first.starts_with('-');
  std::string message = (flag ? "unknown flag '" : "unknown command '") + first + "'; the commands are";
  for (const Command& command : commands()) message += " " + std::string(command.name);
  return report_usage_error({ErrorKind::invalid_argument, message}, requested_format(words), "");
}

}  // namespace
}  // namespace abstractllm::cli

int main(int argc, char** argv) {
  abstractllm::cli::open_missing_standard_streams();
  // If these signals are ignored, a closed pipe is a failed write, which ends the answer quietly. So is a file at its
  // size limit.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  // Where an assertion of the engine fails, it would start a debugger, which writes to standard output.
  setenv("GGML_NO_BACKTRACE", "1", 0);
  std::string what = "out of memory";
  try {
    return abstractllm::cli::run({argv + (argc > 0 ? 1 : 0), argv + argc});
  } catch (const std::bad_alloc&) {
  } catch (const std::exception& problem) {
    what = problem.what();
  }
  return abstractllm::cli::report_error({abstractllm::ErrorKind::internal, what}, abstractllm::cli::Format::text);
}
