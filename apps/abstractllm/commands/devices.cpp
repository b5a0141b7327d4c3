// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <vector>

#include "abstractllm/device.hpp"
#include "commands/commands.hpp"
#include "commands/listing.hpp"
#include "render.hpp"

namespace abstractllm::cli {
namespace {

std::string mebibytes(std::int64_t bytes) {
  return bytes > 0 ? std::to_string(bytes / (1024 * 1024)) + " MiB" : "unknown";
}

JsonObject as_json(const Device& device) {
  JsonObject object;
  object.text("name", device.name).text("description", device.description).text("type", device.type);
  if (device.memory_total_bytes > 0) {
    object.integer("memory_total_bytes", device.memory_total_bytes);
    object.integer("memory_free_bytes", device.memory_free_bytes);
  }
  return object.boolean("chosen", device.chosen);
}

std::vector<std::string> as_row(const Device& device) {
  return {device.name,
          device.type,
          device.chosen ? "yes" : "no",
          mebibytes(device.memory_total_bytes),
          mebibytes(device.memory_free_bytes),
          device.description};
}

}  // namespace

int list_devices(Words words) {
  return run_listing("devices", words, [](const ListArgs& args) -> Result<std::string> {
    std::vector<JsonObject> objects;
    std::vector<std::vector<std::string>> rows = {{"NAME", "TYPE", "CHOSEN", "MEMORY", "FREE", "DESCRIPTION"}};
    for (const Device& device : devices()) {
      objects.push_back(as_json(device));
      rows.push_back(as_row(device));
    }
    return args.format == Format::json ? json_list(objects) : table(rows);
  });
}

}  // namespace abstractllm::cli
