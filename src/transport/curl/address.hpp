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

/// As libcurl would open it, but private to this process: neither a forked child nor a program that this one starts
/// keeps it, so that the connection ends when it is closed here. Close it with close_private(). -1 where the system
/// refuses.
int open_socket(int family, int type, int protocol);

}  // namespace abstractllm
