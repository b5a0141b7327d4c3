// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "base/reactor.hpp"
#include "transport/curl/curl_transfer.hpp"

namespace abstractllm {

/// Runs all asynchronous transfers of the process on the reactor's thread. Transfers over a host's limit of connections
/// wait here in order. With HTTP/2 transfers share connections, and the limit counts connections.
class CurlLoop final : public Reactor::SocketHandler {
 public:
  class Admission;

  /// The loop of Reactor::shared().
  explicit CurlLoop(Reactor& reactor);

  /// All functions run on the reactor's thread.
  static CurlLoop& shared();

  /// Starts the transfer, or queues it if `most_connections` are open to its host. The transfer must outlive the
  /// admission.
  std::unique_ptr<Admission> admit(CurlTransfer& transfer, int most_connections);

  /// Closes all connections while no transfer runs. This happens automatically after a minute without transfers.
  void close_idle_connections();

  void on_ready(int socket, bool readable, bool writable) override;

 private:
  struct Host {
    int active = 0;
    bool multiplexed = false;  // the host has answered with HTTP/2
    std::list<Admission*> waiting;
  };

  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*);
  static int on_timer(CURLM*, long milliseconds, void* self);

  void begin_multi();
  void act(curl_socket_t socket, int events);
  bool has_room(const Host& host, int most_connections) const;
  void fill(Host& host);
  void launch(Admission& admission);
  void release(Admission& admission);

  Reactor& reactor_;
  CURLM* multi_;
  Reactor::Timer timer_;
  Reactor::Timer idle_timer_;
  int running_ = 0;
  std::map<std::string, Host, std::less<>> hosts_;
  std::vector<CURL*> idle_;
};

/// The state of one transfer: in the queue of its host, running, or finished.
class CurlLoop::Admission : public ProcessOwned {
 public:
  Admission(CurlLoop& loop, CurlTransfer& transfer, Host& host, int most_connections)
      : loop_(loop), transfer_(transfer), host_(host), most_connections_(most_connections) {}
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  /// As Channel::poll().
  std::optional<IoResult> poll();

 private:
  friend class CurlLoop;
  enum class State { waiting, running, over };

  CurlLoop& loop_;
  CurlTransfer& transfer_;
  Host& host_;
  int most_connections_;
  State state_ = State::waiting;
  bool reported_waiting_ = false;
  std::optional<std::list<Admission*>::iterator> in_queue_;
  CURL* easy_ = nullptr;
  std::unique_ptr<Error> not_started_;
};

}  // namespace abstractllm
