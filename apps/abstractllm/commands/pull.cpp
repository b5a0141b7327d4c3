// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "abstractllm/hub.hpp"
#include "amounts.hpp"
#include "commands/commands.hpp"
#include "commands/run_command.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "render.hpp"

namespace abstractllm::cli {
namespace {

JsonObject as_json(const HubFile& file) {
  JsonObject object;
  object.text("path", file.path).integer("size_bytes", file.size_bytes);
  if (!file.etag.empty()) object.text("etag", file.etag);
  return object.text("local_path", file.local_path).boolean("cached", file.cached);
}

std::string as_json(const HubModel& model) {
  JsonObject object;
  object.text("name", to_string(model.name)).text("repo", model.name.repo).text("revision", model.name.revision);
  object.text("commit", model.commit);
  std::vector<JsonObject> files;
  for (const HubFile& file : model.files) files.push_back(as_json(file));
  object.objects("files", files).text("model_file", model.model_file);
  if (!model.projector_file.empty()) object.text("projector_file", model.projector_file);
  return object.texts("alternatives", model.alternatives).str() + "\n";
}

/// Returns what --dry-run prints for people.
std::string plan(const HubModel& model) {
  std::vector<std::vector<std::string>> rows = {{"FILE", "SIZE", "STATE"}};
  std::int64_t missing = 0;
  for (const HubFile& file : model.files) {
    rows.push_back({printable(file.path), bytes_text(file.size_bytes), file.cached ? "on this disk" : "to download"});
    if (!file.cached) missing += file.size_bytes;
  }
  std::string others;
  for (const std::string& each : model.alternatives) others += (others.empty() ? "" : " ") + printable(each);
  return table(rows) + "to download: " + bytes_text(missing) + "\nquantisations in the repository: " + others + "\n";
}

/// Without a terminal there is no bar. The message that another process is downloading is still printed once.
void tell_waiting(const PullProgress& progress, std::string& told) {
  if (progress.stage != PullProgress::Stage::waiting || told == progress.file) return;
  told = progress.file;
  write_error_line("abstractllm: waiting for another process that downloads " + printable(progress.file));
}

int run(const PullArgs& args) {
  const Interrupt interrupt;
  const LogSink log = log_to_standard_error(args.verbosity);
  const bool bar = is_terminal(STDERR_FILENO) && !args.quiet && args.verbosity == 0;
  Progress progress(bar);
  PullOptions options;
  options.stop_token = interrupt.token();
  options.dry_run = args.dry_run;
  options.max_retries = args.max_retries;
  std::string told;
  if (!bar && !args.quiet) options.on_progress = [&told](const PullProgress& now) { tell_waiting(now, told); };
  const Result<HubModel> model = pull(args.name, options);
  progress.finish();
  if (!model) return report_error(model.error(), args.format);
  Output output;
  if (args.format == Format::json) output.write(as_json(*model));
  else if (args.dry_run) output.write(plan(*model));
  else output.write(model->model_file + "\n");
  return finish_output(output, args.format);
}

}  // namespace

int pull_model(Words words) {
  return run_command("pull", requested_format(words), parse_pull(words), [](const auto& args) { return run(args); });
}

}  // namespace abstractllm::cli
