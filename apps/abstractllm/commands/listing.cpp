// SPDX-License-Identifier: Apache-2.0
#include "commands/listing.hpp"
#include "commands/run_command.hpp"

#include <algorithm>

#include "commands/commands.hpp"
#include "output.hpp"
#include "render.hpp"

namespace abstractllm::cli {

int run_listing(std::string_view name, Words words, const std::function<Result<std::string>(const ListArgs&)>& render) {
  const auto command =
      std::find_if(commands().begin(), commands().end(), [&](const Command& c) { return c.name == name; });
  return run_command(name, requested_format(words), parse_list(*command, words), [&](const ListArgs& args) {
    const Result<std::string> text = render(args);
    if (!text) return report_error(text.error(), args.format);
    Output output;
    output.write(*text);
    return finish_output(output, args.format);
  });
}

}  // namespace abstractllm::cli
