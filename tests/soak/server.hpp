// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

namespace abstractllm::soak {

/// A process that answers each Question as it asks to be. A process of its own: what it holds must not be counted with
/// what the library holds, and children of the tests must not keep its connections open. Start it before any thread.
class ServerProcess {
 public:
  ServerProcess();
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  int port_ = 0;
  pid_t process_ = -1;
};

}  // namespace abstractllm::soak
