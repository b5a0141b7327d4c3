// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/backends.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/machine.hpp"
#include "base/process.hpp"
#include "engines/llama_cpp/engine_log.hpp"
#include "llama.h"

// From the engine's src/unicode.h, which is not a public header.
std::vector<std::string> unicode_regex_split(const std::string& text, const std::vector<std::string>& expressions,
                                             bool byte_encode);
std::uint8_t unicode_utf8_to_byte(const std::string& utf8);

namespace abstractllm {
namespace {

/// Constructs the static objects in functions of the engine that its threads use.
void make_statics() {
  (void)unicode_regex_split("a", {"\\p{L}"}, true);
  (void)unicode_utf8_to_byte("a");
  ggml_backend_dev_t cpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
  if (cpu == nullptr) return;
  auto* extra_buffer_types = reinterpret_cast<ggml_backend_dev_get_extra_bufts_t>(
      ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(cpu), "ggml_backend_dev_get_extra_bufts"));
  if (extra_buffer_types != nullptr) (void)extra_buffer_types(cpu);
}

bool is_gpu(ggml_backend_dev_t device) {
  const auto type = ggml_backend_dev_type(device);
  return type == GGML_BACKEND_DEVICE_TYPE_GPU || type == GGML_BACKEND_DEVICE_TYPE_IGPU;
}

std::vector<ggml_backend_dev_t> all_devices() {
  std::vector<ggml_backend_dev_t> found;
  for (std::size_t i = 0; i < ggml_backend_dev_count(); ++i) found.push_back(ggml_backend_dev_get(i));
  return found;
}

Error absent(const std::string& name) {
  std::string message =
      name == "gpu" ? "this machine has no GPU that this build can use" : "device '" + name + "' is not there";
  message += "; there are: ";
  for (ggml_backend_dev_t device : all_devices()) (message += ggml_backend_dev_name(device)) += ", ";
  return {ErrorKind::not_configured, message + "and the words auto and cpu" + (name == "gpu" ? "" : " and gpu")};
}

std::string type_name(ggml_backend_dev_t device) {
  switch (ggml_backend_dev_type(device)) {
    case GGML_BACKEND_DEVICE_TYPE_CPU: return "cpu";
    case GGML_BACKEND_DEVICE_TYPE_GPU: return "gpu";
    case GGML_BACKEND_DEVICE_TYPE_IGPU: return "integrated_gpu";
    default: return "accelerator";
  }
}

}  // namespace

void start_backends() {
  static std::once_flag once;
  const ForkHold hold;  // a child must not inherit it half-done
  std::call_once(once, [] {
    redirect_engine_log();
    llama_backend_init();
    make_statics();
  });
}

Result<DeviceChoice> choose_device(const std::string& name) {
  DeviceChoice choice;
  std::vector<ggml_backend_dev_t> gpus;
  for (ggml_backend_dev_t device : all_devices())
    if (is_gpu(device)) gpus.push_back(device);
  if (name == "auto") {
    choice.uses_gpu = !gpus.empty();
    return choice;
  }
  if (name == "gpu") {
    if (gpus.empty()) return absent(name);
    choice.devices = gpus;
  } else if (name != "cpu") {
    ggml_backend_dev_t device = ggml_backend_dev_by_name(name.c_str());
    if (device == nullptr) return absent(name);
    if (ggml_backend_dev_type(device) != GGML_BACKEND_DEVICE_TYPE_CPU) choice.devices = {device};
  }
  choice.uses_gpu = !choice.devices.empty();
  choice.devices.push_back(nullptr);
  return choice;
}

std::vector<Device> devices() {
  start_backends();
  bool has_gpu = false;
  for (ggml_backend_dev_t device : all_devices()) has_gpu = has_gpu || is_gpu(device);
  std::vector<Device> found;
  for (ggml_backend_dev_t each : all_devices()) {
    std::size_t free_bytes = 0;
    std::size_t total_bytes = 0;
    ggml_backend_dev_memory(each, &free_bytes, &total_bytes);
    const auto [free_of_machine, total_of_machine] = std::pair(free_memory_of_this_machine(), memory_of_this_machine());
    const bool is_machine = !is_gpu(each) && free_of_machine > 0 && total_of_machine > 0;
    Device device;
    device.name = ggml_backend_dev_name(each);
    device.description = ggml_backend_dev_description(each);
    device.type = type_name(each);
    // The engine reports all of the machine's own memory as free.
    device.memory_total_bytes = is_machine ? total_of_machine : static_cast<std::int64_t>(total_bytes);
    device.memory_free_bytes = is_machine ? free_of_machine : static_cast<std::int64_t>(free_bytes);
    device.chosen = has_gpu ? is_gpu(each) : device.type == "cpu";
    found.push_back(std::move(device));
  }
  return found;
}

}  // namespace abstractllm
