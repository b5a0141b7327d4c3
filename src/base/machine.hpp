// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace abstractllm {

/// The memory limit of this process in bytes: that of the machine or of its control group, whichever is less. 0 if the
/// system does not report it.
std::int64_t memory_of_this_machine();

/// The bytes of it that are free now or that the system can free at once (the page cache). 0 if the system does not
/// report it.
std::int64_t free_memory_of_this_machine();

/// Returns memory that the allocator keeps after it was freed to the system. Does nothing if the allocator cannot do
/// this. Takes milliseconds.
void release_freed_memory();

}  // namespace abstractllm
