// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a server's listing of models, and as its answer about one model.
#include <string>

#include "abstractllm/registry.hpp"
#include "abstractllm/testing.hpp"
#include "core/image_transport.hpp"
#include "fuzzing.hpp"

namespace {

using abstractllm::Options;
using abstractllm::fuzzing::require;

std::string listing;  // what the provider answers with

void register_once() {
  static const bool registered = [] {
    abstractllm::Provider provider;
    provider.name = "fuzz_listing";
    provider.protocols = {abstractllm::protocol("openai_chat")};
    provider.base_url = "http://fuzz.invalid/v1";
    provider.models_path = "/models";
    provider.transport = [](const Options&) -> abstractllm::Result<std::shared_ptr<abstractllm::Transport>> {
      return abstractllm::scripted_transport({abstractllm::Reply().bytes(listing)});
    };
    return abstractllm::register_provider(std::move(provider)).has_value();
  }();
  require(registered, "the provider is there");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  register_once();
  listing = abstractllm::fuzzing::text_of(data, size);
  const auto models = abstractllm::list_models("fuzz_listing", Options().max_retries(0));
  if (!models) {
    require(models.error().kind == abstractllm::ErrorKind::protocol, "a bad listing is the server's");
    require(!models.error().message.empty(), "an error says what is wrong");
  }
  (void)abstractllm::read_capabilities(listing);
  return 0;
}
