// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace abstractllm {

/// This process's number; tells a forked child that it is not its parent. 0 where there is no fork.
long process_id();

}  // namespace abstractllm
