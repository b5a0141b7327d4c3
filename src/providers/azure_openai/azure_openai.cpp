// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/provider.hpp"
#include "protocols/openai_chat/openai_chat.hpp"
#include "protocols/openai_responses/openai_responses.hpp"
#include "providers/dialects.hpp"

namespace abstractllm {

namespace {

/// Returns the base URL for AZURE_OPENAI_ENDPOINT. The variable holds only the resource; openai-python appends
/// "/openai" (https://github.com/openai/openai-python src/openai/lib/azure.py, 2026-11).
std::string azure_base_url(std::string_view endpoint) {
  while (endpoint.ends_with('/')) endpoint.remove_suffix(1);
  if (endpoint.ends_with("/openai/v1") || endpoint.find_first_of("?#") != std::string_view::npos)
    return std::string(endpoint);
  return std::string(endpoint) + (endpoint.ends_with("/openai") ? "/v1" : "/openai/v1");
}

}  // namespace

/// OpenAI's models on Azure, through its v1 endpoint: https://RESOURCE.openai.azure.com/openai/v1. The model is the
/// name of the deployment. The key is sent in the header api-key (docs/wire-formats.md#azure-openai).
Provider azure_openai_provider() {
  Provider provider;
  provider.name = "azure_openai";
  provider.description = "OpenAI's models on Azure; needs a base_url: https://RESOURCE.openai.azure.com/openai/v1";
  provider.protocols = {make_openai_chat_protocol(dialects::azure()),
                        make_openai_responses_protocol(ToolRuleSet::azure)};
  provider.base_url_variable = "AZURE_OPENAI_BASE_URL";
  provider.endpoint_variable = "AZURE_OPENAI_ENDPOINT";
  provider.read_endpoint = azure_base_url;
  provider.key_variable = "AZURE_OPENAI_API_KEY";
  provider.key_header = "api-key";
  provider.key_prefix = "";
  provider.model_required = true;
  return provider;
}

}  // namespace abstractllm
