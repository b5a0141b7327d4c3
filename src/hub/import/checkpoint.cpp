// SPDX-License-Identifier: Apache-2.0
#include "hub/import/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <utility>

namespace abstractllm {
namespace {

constexpr std::string_view single_name = "model.safetensors";
constexpr std::string_view index_name = "model.safetensors.index.json";
constexpr std::string_view adapter_name = "adapter_model.safetensors";
constexpr std::array<std::string_view, 5> pickle_endings = {".bin", ".pt", ".pth", ".ckpt", ".pkl"};
constexpr std::size_t most_shards = 10'000;

using Placement = std::unordered_map<std::string_view, std::string_view>;  // tensor -> shard

Error broken_index(const std::string& what) {
  return {ErrorKind::engine_failed, "'" + std::string(index_name) + "' " + what};
}

Error no_checkpoint(const ModelFolder& folder) {
  for (const std::string_view name : {single_name, index_name}) {
    std::error_code failed;
    if (std::filesystem::is_symlink(folder.path() / name, failed)) return folder.find(name).error();
  }
  const std::string where = "'" + folder.path().string() + "'";
  if (folder.has(adapter_name)) {
    return {ErrorKind::unsupported,
            where + " holds an adapter and no model; name its base model as the model, and this folder with --adapter"};
  }
  for (const std::string& name : folder.files()) {
    const auto ends = [&name](std::string_view ending) { return std::string_view(name).ends_with(ending); };
    if (std::none_of(pickle_endings.begin(), pickle_endings.end(), ends)) continue;
    std::string message = where;
    message.append(" has its weights only as '").append(name);
    message +=
        "'; pickle files are never opened because they can run code. Use a repository with .safetensors or .gguf files";
    return {ErrorKind::unsupported, std::move(message)};
  }
  return {ErrorKind::not_configured, where + " has no " + std::string(single_name) + " and no " +
                                         std::string(index_name) + "; check that it was fetched completely"};
}

Result<void> add_file(const ModelFolder& folder, std::string_view name, Checkpoint& checkpoint) {
  const Result<std::filesystem::path> path = folder.find(name);
  if (!path) return path.error();
  Result<SourceFile> opened = SourceFile::open(*path);
  if (!opened) return opened.error();
  const auto file = std::make_shared<const SourceFile>(std::move(*opened));
  Result<std::vector<StoredTensor>> tensors = read_safetensors(*file, name);
  if (!tensors) return tensors.error();
  for (StoredTensor& tensor : *tensors) checkpoint.tensors.push_back({std::move(tensor), file});
  return {};
}

/// The member of a small object, or null.
const Json* member_of(const Json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

/// Which shard holds which tensor, as the index says. Its texts live in `index`.
Result<Placement> placement_of(const Json& index) {
  const Json* map = member_of(index, "weight_map");
  if (map == nullptr || !map->is_object() || map->empty()) return broken_index("has no weight_map");
  Placement placement;
  for (const auto& [tensor, shard] : map->get_ref<const Json::object_t&>()) {
    const auto* const name = shard.get_ptr<const std::string*>();
    if (name == nullptr) return broken_index("does not say in which file '" + tensor + "' is");
    placement.emplace(tensor, *name);
  }
  return placement;
}

/// The tensors of one shard are those that the index puts there.
Result<void> check_shard(const Placement& placement, std::string_view shard, const Checkpoint& checkpoint,
                         std::size_t first) {
  for (std::size_t at = first; at < checkpoint.tensors.size(); ++at) {
    const std::string& tensor = checkpoint.tensors[at].stored.name;
    const auto found = placement.find(tensor);
    if (found != placement.end() && found->second == shard) continue;
    return broken_index("does not put tensor '" + tensor + "' into '" + std::string(shard) +
                        "', which has it; the files are of different revisions. Fetch all of them again");
  }
  return {};
}

Result<void> check_complete(const Placement& placement, const Checkpoint& checkpoint) {
  if (checkpoint.tensors.size() == placement.size()) return {};
  Placement missing = placement;
  for (const CheckpointTensor& tensor : checkpoint.tensors) missing.erase(tensor.stored.name);
  const auto first = std::min_element(missing.begin(), missing.end());
  return broken_index("puts tensor '" + std::string(first->first) + "' into '" + std::string(first->second) +
                      "', which lacks it; the files are of different revisions. Fetch all of them again");
}

/// A wrong total is common, because some tools write it before they convert; so it is no error.
void check_total(const Json& index, Checkpoint& checkpoint) {
  const Json* metadata = member_of(index, "metadata");
  const Json* claimed = metadata == nullptr ? nullptr : member_of(*metadata, "total_size");
  if (claimed == nullptr || !claimed->is_number()) return;
  std::int64_t total = 0;
  for (const CheckpointTensor& tensor : checkpoint.tensors) total += tensor.stored.bytes;
  if (claimed->get<double>() == static_cast<double>(total)) return;
  checkpoint.warnings.push_back({"import_size", "'" + std::string(index_name) + "' claims " + claimed->dump() +
                                                    " bytes of tensors, and the files have " + std::to_string(total) +
                                                    "; they may be of different revisions"});
}

Result<Checkpoint> open_shards(const ModelFolder& folder) {
  const Result<Json> index = folder.json(index_name);
  if (!index) return index.error();
  const Result<Placement> placement = placement_of(*index);
  if (!placement) return placement.error();
  std::map<std::string_view, bool> shards;
  for (const auto& [tensor, shard] : *placement) shards[shard] = true;
  if (shards.size() > most_shards) return broken_index("lists more than " + std::to_string(most_shards) + " files");
  Checkpoint checkpoint;
  for (const auto& [shard, listed] : shards) {
    const std::size_t first = checkpoint.tensors.size();
    if (Result<void> added = add_file(folder, shard, checkpoint); !added) return added.error();
    if (Result<void> checked = check_shard(*placement, shard, checkpoint, first); !checked) return checked.error();
  }
  if (Result<void> checked = check_complete(*placement, checkpoint); !checked) return checked.error();
  check_total(*index, checkpoint);
  return checkpoint;
}

}  // namespace

Result<Checkpoint> open_checkpoint_file(const ModelFolder& folder, std::string_view name) {
  Checkpoint checkpoint;
  if (Result<void> added = add_file(folder, name, checkpoint); !added) return added.error();
  return checkpoint;
}

Result<Checkpoint> open_checkpoint(const ModelFolder& folder) {
  if (folder.has(single_name)) return open_checkpoint_file(folder, single_name);
  if (folder.has(index_name)) return open_shards(folder);
  return no_checkpoint(folder);
}

}  // namespace abstractllm
