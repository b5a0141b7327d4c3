// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/provider.hpp"
#include "protocols/anthropic_messages/anthropic_messages.hpp"

namespace abstractllm {

/// The provider Anthropic. The key is sent in x-api-key, which its API, proxies and compatible servers all read
/// (docs/wire-formats.md#anthropic-keys).
Provider anthropic_provider() {
  Provider provider;
  provider.name = "anthropic";
  provider.description = "Anthropic";
  provider.protocols = {make_anthropic_messages_protocol()};
  provider.base_url = "https://api.anthropic.com";
  provider.base_url_variable = "ANTHROPIC_BASE_URL";
  provider.key_variable = "ANTHROPIC_API_KEY";
  // Its SDK sends both if both are set (anthropic-sdk-python src/anthropic/_client.py, 2026-11).
  provider.header_variables.emplace_back("ANTHROPIC_AUTH_TOKEN", "Authorization", "Bearer ");
  provider.key_header = "x-api-key";
  provider.key_prefix = "";
  provider.counts_tokens = true;
  provider.model_required = true;
  provider.defaults.model("claude-sonnet-5");
  return provider;
}

}  // namespace abstractllm
