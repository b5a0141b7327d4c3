// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/import.hpp"

#include <unistd.h>

#include <string>
#include <variant>

#include "commands/commands.hpp"
#include "commands/run_command.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "render.hpp"

namespace abstractllm::cli {
namespace {

JsonObject as_json(const Warning& warning) {
  JsonObject object;
  return object.text("code", warning.code).text("message", warning.message);
}

std::string as_json(const ImportedModel& model) {
  JsonObject object;
  object.text("model_file", model.model_file);
  if (!model.projector_file.empty()) object.text("projector_file", model.projector_file);
  std::vector<JsonObject> adapters;
  for (const ImportedAdapter& adapter : model.adapters)
    adapters.push_back(JsonObject().text("name", adapter.name).text("file", adapter.file));
  if (!adapters.empty()) object.objects("adapters", adapters);
  object.text("source", model.source);
  if (!model.commit.empty()) object.text("commit", model.commit);
  object.text("type", model.type).integer("size_bytes", model.size_bytes).boolean("reused", model.reused);
  std::vector<JsonObject> warnings;
  for (const Warning& warning : model.warnings) warnings.push_back(as_json(warning));
  return object.objects("warnings", warnings).str() + "\n";
}

/// Without a terminal there is no bar. The message that another process is at work is still printed once.
void tell_waiting(const ImportProgress& progress, bool& told) {
  if (progress.stage != ImportProgress::Stage::waiting || told) return;
  told = true;
  write_error_line("abstractllm: waiting for another process that downloads or imports " + printable(progress.file));
}

int run(const ImportArgs& args) {
  const Interrupt interrupt;
  const LogSink log = log_to_standard_error(args.verbosity);
  const bool bar = is_terminal(STDERR_FILENO) && !args.quiet && args.verbosity == 0;
  Progress progress(bar);
  ImportOptions options;
  options.stop_token = interrupt.token();
  options.output_file = args.output;
  options.quantize = args.quantize;
  bool told = false;
  if (!bar && !args.quiet) options.on_progress = [&told](const ImportProgress& now) { tell_waiting(now, told); };
  const Result<ImportedModel> model = import_model(args.source, options);
  progress.finish();
  if (!model) return report_error(model.error(), args.format);
  if (!args.quiet && args.format == Format::text) {
    report_warnings(model->warnings);
    for (const ImportedAdapter& adapter : model->adapters)
      write_error_line("abstractllm: adapter for " + printable(adapter.name) + ": " + printable(adapter.file));
  }
  Output output;
  output.write(args.format == Format::json ? as_json(*model) : model->model_file + "\n");
  return finish_output(output, args.format);
}

}  // namespace

int import_checkpoint(Words words) {
  return run_command("import", requested_format(words), parse_import(words),
                     [](const auto& args) { return run(args); });
}

}  // namespace abstractllm::cli
