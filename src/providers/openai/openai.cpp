// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/provider.hpp"
#include "protocols/openai_chat/openai_chat.hpp"
#include "protocols/openai_responses/openai_responses.hpp"
#include "providers/dialects.hpp"

namespace abstractllm {

/// The provider OpenAI. Responses is the default, because newer models accept tools nowhere else
/// (docs/wire-formats.md#openai-tools-on-chat). The variables are those of its SDKs
/// (docs/wire-formats.md#openai-server).
Provider openai_provider() {
  Provider provider;
  provider.name = "openai";
  provider.description = "OpenAI";
  provider.protocols = {make_openai_responses_protocol(), make_openai_chat_protocol(dialects::openai())};
  provider.base_url = "https://api.openai.com/v1";
  provider.base_url_variable = "OPENAI_BASE_URL";
  provider.key_variable = "OPENAI_API_KEY";
  provider.header_variables.emplace_back("OPENAI_ORG_ID", "OpenAI-Organization");
  provider.header_variables.emplace_back("OPENAI_PROJECT_ID", "OpenAI-Project");
  provider.counts_tokens = true;
  provider.model_required = true;
  provider.defaults.model("gpt-5-mini");
  return provider;
}

}  // namespace abstractllm
