// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "abstractllm/transport.hpp"
#include "base/clock.hpp"
#include "hub/hub_client.hpp"
#include "hub/hub_settings.hpp"

namespace abstractllm {

/// What a download may bring.
enum class PullForm {
  gguf,                ///< a GGUF model
  gguf_or_checkpoint,  ///< a GGUF model, or the safetensors of a repository without one
  checkpoint,          ///< the safetensors, even if there is a GGUF model
  adapter,             ///< a LoRA adapter as PEFT saves it
};

/// What pull() does besides PullOptions.
struct PullPlan {
  PullForm form = PullForm::gguf;
  /// Called for a checkpoint of which only name and commit are known. True: nothing is downloaded.
  std::function<bool(const HubModel& checkpoint)> is_done;
  /// Called for a checkpoint whose configuration is on this disk and whose weights may not be. Its error ends the
  /// download.
  std::function<Result<void>(const HubClient& client, const HubModel& checkpoint)> check;
};

/// Whether the model is a checkpoint or an adapter: HubModel::model_file is the folder of its files then.
bool is_checkpoint(const HubModel& model);

/// What helps if a repository cannot be used: the GGUF repositories that the hub lists as made from it.
std::string gguf_advice(const HubClient& client, const std::string& repo);

/// pull() with the given settings and clock. `options.hub` is ignored.
Result<HubModel> pull(const HubSettings& settings, const HubName& name, const PullOptions& options,
                      std::shared_ptr<Transport> transport, Clock& clock, const PullPlan& plan = {});

}  // namespace abstractllm
