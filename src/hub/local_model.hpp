// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "abstractllm/hub.hpp"

namespace abstractllm {

/// A function that gives the file for a model's name (Options::model of provider huggingface): a path stays as it is; a
/// name on the hub is the file in the cache, or else downloaded. The environment is read now, the disk and the network
/// when it is called.
///
/// The default model may also be the file that scripts/quickstart fetched (default_model.hpp).
std::function<Result<std::string>(const std::string& model, std::stop_token stop)> local_model_finder(
    const HubOptions& options);

/// The file for a model's name if it is on this disk; as the finder would find it, without the network.
std::optional<std::string> model_on_disk(const HubOptions& options, const std::string& model);

}  // namespace abstractllm
