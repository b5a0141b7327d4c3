// SPDX-License-Identifier: Apache-2.0
#include "commands/listing.hpp"

#include <algorithm>

#include "commands/commands.hpp"
#include "output.hpp"
#include "render.hpp"

namespace abstractllm::cli {

int run_listing(std::string_view name, Words words, const std::function<Result<std::string>(const ListArgs&)>& render) {
  const auto command =
      std::find_if(commands().begin(), commands().end(), [&](const Command& c) { return c.name == name; });
  const auto parsed = parse_list(*command, words);
  if (!parsed) return report_usage_error(parsed.error(), requested_format(words), name);
  Output output;
  Format format = Format::text;
  if (const auto* help = std::get_if<Help>(&*parsed)) {
    output.write(help->text);
  } else {
    const auto& args = std::get<ListArgs>(*parsed);
    format = args.format;
    const Result<std::string> text = render(args);
    if (!text) return report_error(text.error(), format);
    output.write(*text);
  }
  return finish_output(output, format);
}

}  // namespace abstractllm::cli
