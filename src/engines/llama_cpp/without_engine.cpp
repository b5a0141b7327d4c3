// SPDX-License-Identifier: Apache-2.0
//
// Replaces this whole folder in a build without the engine (ABSTRACTLLM_LLAMA_CPP=OFF).
#include "abstractllm/device.hpp"
#include "abstractllm/model_cache.hpp"
#include "engines/llama_cpp/gguf_writer.hpp"
#include "engines/llama_cpp/llama_cpp_transport.hpp"

namespace abstractllm {

std::vector<Device> devices() { return {}; }

std::string engine_version() { return {}; }

Result<std::shared_ptr<Transport>> make_llama_cpp_transport(const Options&, ModelFinder) {
  return Error{ErrorKind::not_configured,
               "this build has no local engine: build with -DABSTRACTLLM_LLAMA_CPP=ON, or give base_url to use a model "
               "on a server"};
}

GgufEngine gguf_engine() {
  const auto missing = [] {
    return Error(ErrorKind::not_configured,
                 "this build has no local engine, which writes GGUF files: build with -DABSTRACTLLM_LLAMA_CPP=ON");
  };
  GgufEngine engine;
  engine.write = [=](const GgufModel&, const std::string&, const GgufWatch&) -> Result<void> { return missing(); };
  engine.quantize = [=](const std::string&, const std::string&, const Quantisation&, const GgufWatch&) -> Result<void> {
    return missing();
  };
  engine.quantisations = [] { return std::vector<Quantisation>(); };
  engine.most_model_bytes = [] { return std::int64_t{0}; };
  return engine;
}

Capabilities capabilities_with(const Options&, const ModelFiles&) {
  Capabilities none;
  none.vision = none.hearing = false;
  return none;
}

void set_model_cache_limits(const ModelCacheLimits&) {}
ModelCacheLimits model_cache_limits() { return {}; }
ModelCacheStats model_cache_stats() { return {}; }
bool evict_model(const std::string&) { return false; }
int clear_model_cache() { return 0; }
ModelObserver on_model_evicted(std::function<void(const ModelInMemory&)>) { return {}; }
ModelObserver on_model_loading(std::function<void(const LoadProgress&)>) { return {}; }

}  // namespace abstractllm
