// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace abstractllm {

/// Bytes of memory that this process may hope for: of the machine, or of the control group it runs in, whichever is
/// less. 0 where the system does not say.
std::int64_t memory_of_this_machine();

/// Bytes of it that are free now, or hold what the system can drop at once (the page cache). 0 where the system does
/// not say.
std::int64_t free_memory_of_this_machine();

/// Gives the system back what was freed and the allocator keeps for later; where it has no such thing, does nothing.
/// Takes milliseconds.
void release_freed_memory();

}  // namespace abstractllm
