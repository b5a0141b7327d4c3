// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "args.hpp"

namespace abstractllm::cli {

/// Prints one answer. Returns the process exit code.
int generate(Words words);

/// Answers many questions. Returns the process exit code.
int batch(Words words);

/// Makes vectors of texts. Returns the process exit code.
int embed_texts(Words words);

/// Finds the vectors of a file that are most similar to a text. Returns the process exit code.
int find_similar(Words words);

/// Lists the providers. Returns the process exit code.
int list_providers(Words words);

/// Lists the models that a provider offers. Returns the process exit code.
int list_provider_models(Words words);

/// Downloads a model of the Hugging Face hub. Returns the process exit code.
int pull_model(Words words);

/// Makes a GGUF file of a safetensors checkpoint. Returns the process exit code.
int import_checkpoint(Words words);

/// Lists the downloaded files, or removes some of them. Returns the process exit code.
int cache(Words words);

/// Lists the devices of the local engine. Returns the process exit code.
int list_devices(Words words);

/// One command of the tool. `run` gets the words after the command's name.
struct Command {
  std::string_view name;
  std::string_view synopsis;
  std::string_view summary;
  int (*run)(Words words);
  bool asks_provider = false;  ///< a listing that takes -p and the flags of a connection
};

/// All commands, in the order of the help text.
inline std::span<const Command> commands() {
  static constexpr Command table[] = {
      {"generate", "generate [PROMPT]",
       "Give one answer. Without PROMPT, or with -, the prompt is read from standard input", generate},
      {"batch", "batch FILE", "Answer many prompts, several at once. Input and output are JSON Lines", batch},
      {"embed", "embed TEXT…", "Make a vector of each text: words of the command, or the lines of a file", embed_texts},
      {"similar", "similar FILE.npy QUERY", "Find the texts whose vectors are most similar to that of QUERY",
       find_similar},
      {"providers", "providers", "List the providers: name, protocol, key, configured or not, default model",
       list_providers},
      {"models", "models [-p NAME]", "List the models of a provider", list_provider_models, true},
      {"pull", "pull REPO[:QUANT]", "Download a model from the Hugging Face hub. A stopped download is continued",
       pull_model},
      {"import", "import REPO|FOLDER", "Make a GGUF file of a safetensors model of the hub, or of a folder",
       import_checkpoint},
      {"cache", "cache [remove NAME]", "List downloaded and imported files with size and last use, or remove some",
       cache},
      {"devices", "devices", "List the devices of the local engine, and the one that it would choose", list_devices},
  };
  return table;
}

}  // namespace abstractllm::cli
