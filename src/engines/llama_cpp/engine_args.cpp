// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/engine_args.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "arg.h"
#include "common.h"

namespace abstractllm {
namespace {

struct Refused {
  std::string_view reason;
  std::initializer_list<std::string_view> names;
};

// One name of each argument is enough, because all its spellings are refused.
const std::array<Refused, 7> refused = {{
    {"it prints and ends the process, or prints",
     {"--help", "--version", "--cache-list", "--completion-bash", "--list-devices", "--override-tensor",
      "--spec-draft-override-tensor", "--fit-print"}},
    {"it is about an HTTP server",
     {"--host",
      "--port",
      "--reuse-port",
      "--path",
      "--cors-origins",
      "--cors-methods",
      "--cors-headers",
      "--cors-credentials",
      "--api-prefix",
      "--ui-config",
      "--ui-config-file",
      "--ui-mcp-proxy",
      "--tools",
      "--tools-runtime",
      "--mcp-servers-config",
      "--mcp-servers-json",
      "--agent",
      "--ui",
      "--api-key",
      "--api-key-file",
      "--ssl-key-file",
      "--ssl-cert-file",
      "--timeout",
      "--sse-ping-interval",
      "--threads-http",
      "--metrics",
      "--props",
      "--slots",
      "--slot-save-path",
      "--media-path",
      "--models-dir",
      "--models-preset",
      "--models-max",
      "--models-autoload",
      "--sleep-idle-seconds"}},
    {"the log of the engine goes to the log of this library",
     {"--log-disable", "--log-file", "--log-jsonl", "--log-prompts-dir", "--log-colors", "--verbose", "--verbosity",
      "--log-prefix", "--log-timestamps"}},
    {"there is an option of this library for it",
     {"--model", "--ctx-size", "--threads", "--gpu-layers", "--device", "--parallel", "--spec-draft-device", "--mmproj",
      "--lora", "--lora-scaled", "--lora-init-without-apply"}},
    {"it downloads",
     {"--model-url", "--hf-repo", "--hf-file", "--hf-token", "--docker-repo", "--mmproj-url", "--spec-draft-hf",
      "--offline", "--mtp", "--dflash", "--eagle3"}},
    {"each call says whether it wants an answer, embeddings or scores", {"--embedding", "--rerank"}},
    {"this library does not offer it yet", {"--rpc", "--context-shift"}},
}};

// Without a GPU their handlers write a warning to standard error.
constexpr std::array<std::string_view, 4> for_gpus = {"--split-mode", "--tensor-split", "--main-gpu",
                                                      "--spec-draft-ngl"};

Error bad_argument(const std::string& argument, const std::string& problem) {
  return {ErrorKind::invalid_argument, "engine_args: '" + argument + "' " + problem};
}

/// The engine accepts --ctx_size for --ctx-size.
std::string normal_name(std::string argument) {
  if (argument.starts_with("--")) std::replace(argument.begin(), argument.end(), '_', '-');
  return argument;
}

bool has_name(const std::vector<const char*>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [name](std::string_view known) { return known == name; });
}

common_arg* find_argument(std::vector<common_arg>& known, std::string_view name) {
  for (common_arg& each : known)
    if (!each.is_preset_only && (has_name(each.args, name) || has_name(each.args_neg, name))) return &each;
  return nullptr;
}

std::string_view reason_against(const common_arg& argument) {
  for (const Refused& group : refused)
    for (const std::string_view name : group.names)
      if (has_name(argument.args, name)) return group.reason;
  if (!llama_supports_gpu_offload())
    for (const std::string_view name : for_gpus)
      if (has_name(argument.args, name)) return "there is no GPU";
  return {};
}

std::size_t values_of(const common_arg& argument) {
  if (argument.handler_void != nullptr || argument.handler_bool != nullptr) return 0;
  return argument.handler_str_str != nullptr ? 2 : 1;
}

void call_handler(const common_arg& argument, const std::string& name, const std::string* values,
                  common_params& params) {
  if (argument.handler_void != nullptr) argument.handler_void(params);
  else if (argument.handler_bool != nullptr) argument.handler_bool(params, has_name(argument.args, name));
  else if (argument.handler_int != nullptr) argument.handler_int(params, std::stoi(values[0]));
  else if (argument.handler_string != nullptr) argument.handler_string(params, values[0]);
  else argument.handler_str_str(params, values[0], values[1]);
}

/// Some shorthands name a model on the hub. They can be recognised only by their effect.
bool wants_download(const common_params& params) {
  const auto remote = [](const common_params_model& model) {
    return !model.hf_repo.empty() || !model.url.empty() || !model.docker_repo.empty();
  };
  return remote(params.model) || remote(params.mmproj) || remote(params.speculative.draft.mparams);
}

Result<std::size_t> apply_one(const std::vector<std::string>& arguments, std::size_t at, std::vector<common_arg>& known,
                              common_params& params) {
  const std::string name = normal_name(arguments[at]);
  const common_arg* argument = find_argument(known, name);
  if (argument == nullptr) return bad_argument(arguments[at], "is not an argument of the engine");
  if (const auto reason = reason_against(*argument); !reason.empty())
    return bad_argument(arguments[at], "cannot be used: " + std::string(reason));
  const std::size_t count = values_of(*argument);
  if (arguments.size() - at - 1 < count) return bad_argument(arguments[at], "needs a value");
  try {
    call_handler(*argument, name, arguments.data() + at + 1, params);
  } catch (const std::exception& failure) {
    return bad_argument(arguments[at], std::string("was refused by the engine: ") + failure.what());
  }
  if (wants_download(params)) return bad_argument(arguments[at], "cannot be used: it downloads");
  return at + 1 + count;
}

}  // namespace

Result<void> apply_engine_args(const std::vector<std::string>& arguments, common_params& params) {
  if (arguments.empty()) return {};
  common_params defaults;  // the table of arguments is built from the defaults and asserts that they are unchanged
  common_params_context context = common_params_parser_init(defaults, LLAMA_EXAMPLE_SERVER);
  for (std::size_t at = 0; at < arguments.size();) {
    const auto next = apply_one(arguments, at, context.options, params);
    if (!next) return next.error();
    at = *next;
  }
  return {};
}

}  // namespace abstractllm
