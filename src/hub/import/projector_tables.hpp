// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hub/import/architecture.hpp"

namespace abstractllm::projector_tables {

/// The tensors of towers with their projectors. Of an Architecture they use the name, the defaults and the tensors.
extern const Architecture clip_llava;
extern const Architecture siglip_llava;
extern const Architecture gemma3;
extern const Architecture idefics3;

}  // namespace abstractllm::projector_tables
