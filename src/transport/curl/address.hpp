// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <string>

namespace abstractllm {

/// Whether anybody on the internet could mean this address: neither loopback, private, link-local, shared, multicast,
/// reserved nor for documentation (the registries of RFC 6890), also where an IPv6 address holds such an IPv4 one.
bool is_public_address(const sockaddr& address);

/// "127.0.0.1"
std::string address_text(const sockaddr& address);

/// As libcurl would open it.
int open_socket(int family, int type, int protocol);

/// A program that this one starts does not inherit it: the connection ends when it is closed here.
void close_on_exec(int socket);

}  // namespace abstractllm
