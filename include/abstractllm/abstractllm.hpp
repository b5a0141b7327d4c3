// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Everything. `namespace llm = abstractllm;` reads well.

#include "abstractllm/batch.hpp"
#include "abstractllm/capability.hpp"
#include "abstractllm/device.hpp"
#include "abstractllm/error.hpp"
#include "abstractllm/executor.hpp"
#include "abstractllm/hub.hpp"
#include "abstractllm/llm.hpp"
#include "abstractllm/log.hpp"
#include "abstractllm/message.hpp"
#include "abstractllm/model_cache.hpp"
#include "abstractllm/options.hpp"
#include "abstractllm/part.hpp"
#include "abstractllm/pending_response.hpp"
#include "abstractllm/provider.hpp"
#include "abstractllm/registry.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"
#include "abstractllm/stream.hpp"
#include "abstractllm/task.hpp"
#include "abstractllm/transport.hpp"
#include "abstractllm/usage.hpp"
#include "abstractllm/version.hpp"
