// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <string>
#include <variant>
#include <vector>

#include "abstractllm/hub.hpp"
#include "amounts.hpp"
#include "commands/commands.hpp"
#include "commands/listing.hpp"
#include "commands/run_command.hpp"
#include "output.hpp"
#include "render.hpp"

namespace abstractllm::cli {
namespace {

/// Returns "2026-11-23T14:56:01Z".
std::string utc_text(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

JsonObject as_json(const CachedModel& model) {
  JsonObject object;
  object.text("name", model.name).integer("size_bytes", model.size_bytes);
  if (model.incomplete_bytes > 0) object.integer("incomplete_bytes", model.incomplete_bytes);
  if (!model.commit.empty()) object.text("commit", model.commit);
  if (model.last_used) object.text("last_used", utc_text(*model.last_used));
  if (model.imported) object.boolean("imported", true);
  if (model.adapter) object.boolean("adapter", true);
  if (!model.source.empty()) object.text("source", model.source);
  return object.texts("paths", model.paths).boolean("usable", model.usable);
}

std::string kind_of(const CachedModel& model) {
  // The name of what came from the hub says the same.
  const std::string source =
      model.source.empty() || (!model.adapter && !model.commit.empty()) ? "" : ": " + printable(model.source);
  if (model.adapter) return "imported adapter" + source;
  if (!model.usable) return "other files";
  const auto is_adapter = [](const std::string& path) { return path.find("-lora.") != path.npos; };
  const bool has_adapters = std::any_of(model.paths.begin(), model.paths.end(), is_adapter);
  if (model.imported) return (has_adapters ? "imported model with adapters" : "imported model") + source;
  return "model";
}

std::vector<std::string> as_row(const CachedModel& model) {
  std::string size = bytes_text(model.size_bytes);
  if (model.incomplete_bytes > 0) size += " + " + bytes_text(model.incomplete_bytes) + " incomplete";
  return {printable(model.name), size, model.last_used ? utc_text(*model.last_used) : "-", kind_of(model)};
}

Result<std::string> listing(const ListArgs& args) {
  const Result<std::vector<CachedModel>> models = cached_models();
  if (!models) return models.error();
  std::vector<JsonObject> objects;
  std::vector<std::vector<std::string>> rows = {{"NAME", "SIZE", "LAST USED", "WHAT"}};
  for (const CachedModel& model : *models) {
    objects.push_back(as_json(model));
    rows.push_back(as_row(model));
  }
  return args.format == Format::json ? json_list(objects) : table(rows);
}

int remove(const RemoveArgs& args) {
  const Result<RemovedModel> removed = remove_cached(args.name);
  if (!removed) return report_error(removed.error(), args.format);
  Output output;
  JsonObject object;
  object.text("name", args.name).integer("freed_bytes", removed->freed_bytes).texts("paths", removed->paths);
  if (args.format == Format::json) output.write(object.str() + "\n");
  else output.write("removed " + printable(args.name) + ", freed " + bytes_text(removed->freed_bytes) + "\n");
  return finish_output(output, args.format);
}

}  // namespace

int cache(Words words) {
  if (words.empty() || std::string_view(words.front()) != "remove") return run_listing("cache", words, listing);
  return run_command("cache", requested_format(words), parse_remove(words.subspan(1)),
                     [](const auto& args) { return remove(args); });
}

}  // namespace abstractllm::cli
