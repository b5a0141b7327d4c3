// SPDX-License-Identifier: Apache-2.0
#include "hub/import/model_parts.hpp"

#include <utility>

#include "hub/import/architectures/phi4mm.hpp"
#include "hub/import/projector.hpp"

namespace abstractllm {

Result<void> add_parts(const ModelClass& model, const ModelFolder& folder, const Json& config,
                       const Checkpoint& checkpoint, const Checkpoint& tower, const ModelSizes& sizes,
                       ImportedCheckpoint& imported) {
  if (is_phi4mm(model.name)) return add_phi4mm_parts(folder, config, checkpoint, sizes, imported);
  if (model.vision == nullptr) return {};
  Result<std::optional<GgufModel>> projector =
      import_projector(*model.vision, folder, config, tower, sizes[Size::embedding], imported.warnings);
  if (!projector) return projector.error();
  imported.projector = std::move(*projector);
  return {};
}

}  // namespace abstractllm
