// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <string>

namespace abstractllm {

/// Whether the address is public: not loopback, private, link-local, shared, multicast, reserved or for documentation
/// (the registries of RFC 6890). An IPv6 address that contains an IPv4 address is judged by that address too.
bool is_public_address(const sockaddr& address);

/// "127.0.0.1"
std::string address_text(const sockaddr& address);

/// Opens a socket as libcurl would, but private to this process: neither a forked child nor a program that this process
/// starts keeps it. So the connection ends when it is closed here. Close it with close_private(). Returns -1 if the
/// system refuses.
int open_socket(int family, int type, int protocol);

}  // namespace abstractllm
