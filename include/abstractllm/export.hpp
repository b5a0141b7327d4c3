// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Marks the symbols that the shared library exports. All other symbols stay hidden.
#if defined(_WIN32)
#if defined(ABSTRACTLLM_STATIC)
#define ABSTRACTLLM_API
#elif defined(ABSTRACTLLM_BUILDING)
#define ABSTRACTLLM_API __declspec(dllexport)
#else
#define ABSTRACTLLM_API __declspec(dllimport)
#endif
#else
#define ABSTRACTLLM_API __attribute__((visibility("default")))
#endif
