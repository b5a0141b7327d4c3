// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/provider.hpp"
#include "protocols/ollama_chat/ollama_chat.hpp"
#include "providers/ollama/ollama_host.hpp"

namespace abstractllm {

/// The provider Ollama, on this machine or in its cloud (docs/wire-formats.md#ollama-server). There is no default
/// model, because the models of a server depend on what was pulled.
Provider ollama_provider() {
  Provider provider;
  provider.name = "ollama";
  provider.description = "Ollama";
  provider.protocols = {make_ollama_chat_protocol()};
  provider.base_url = "http://127.0.0.1:11434";
  provider.base_url_variable = "OLLAMA_HOST";
  provider.read_base_url = ollama_base_url;
  provider.key_variable = "OLLAMA_API_KEY";
  provider.key_required = false;
  provider.model_required = true;
  return provider;
}

}  // namespace abstractllm
