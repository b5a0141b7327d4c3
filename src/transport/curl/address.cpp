// SPDX-License-Identifier: Apache-2.0
#include "transport/curl/address.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "base/process.hpp"

namespace abstractllm {
namespace {

struct Range {
  std::uint32_t network;
  int bits;
};

constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

// IANA, IPv4 Special-Purpose Address Registry (2026-11), and multicast.
constexpr std::array special = {
    Range{ip(0, 0, 0, 0), 8},      Range{ip(10, 0, 0, 0), 8},     Range{ip(100, 64, 0, 0), 10},
    Range{ip(127, 0, 0, 0), 8},    Range{ip(169, 254, 0, 0), 16}, Range{ip(172, 16, 0, 0), 12},
    Range{ip(192, 0, 0, 0), 24},   Range{ip(192, 0, 2, 0), 24},   Range{ip(192, 88, 99, 0), 24},
    Range{ip(192, 168, 0, 0), 16}, Range{ip(198, 18, 0, 0), 15},  Range{ip(198, 51, 100, 0), 24},
    Range{ip(203, 0, 113, 0), 24}, Range{ip(224, 0, 0, 0), 4},    Range{ip(240, 0, 0, 0), 4},
};

bool is_public(std::uint32_t address) {
  for (const Range& range : special)
    if ((address >> (32 - range.bits)) == (range.network >> (32 - range.bits))) return false;
  return true;
}

using Ip6 = std::array<std::uint8_t, 16>;

std::uint32_t ip_at(const Ip6& address, std::size_t at) {
  return ip(address[at], address[at + 1], address[at + 2], address[at + 3]);
}

bool begins(const Ip6& address, std::initializer_list<std::uint8_t> bytes) {
  return std::memcmp(address.data(), bytes.begin(), bytes.size()) == 0;
}

bool is_public(const Ip6& address) {
  if (begins(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return is_public(ip_at(address, 12));
  if (begins(address, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) return is_public(ip_at(address, 12));
  if (begins(address, {0x20, 0x02})) return is_public(ip_at(address, 2));
  // 2001::/23 is for Teredo, ORCHID and IETF protocols; 2001:db8::/32 and 3fff::/20 are for documentation.
  if (address[0] == 0x20 && address[1] == 0x01 && address[2] < 2) return false;
  if (begins(address, {0x20, 0x01, 0x0D, 0xB8})) return false;
  if (address[0] == 0x3F && address[1] == 0xFF && address[2] < 0x10) return false;
  return address[0] >> 5 == 1;  // 2000::/3, the only range that is assigned
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in ip4{};
    std::memcpy(&ip4, &address, sizeof ip4);
    return is_public(ntohl(ip4.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return false;
  sockaddr_in6 ip6{};
  std::memcpy(&ip6, &address, sizeof ip6);
  Ip6 bytes{};
  std::memcpy(bytes.data(), &ip6.sin6_addr, bytes.size());
  return is_public(bytes);
}

std::string address_text(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.sa_family == AF_INET) {
    sockaddr_in ip4{};
    std::memcpy(&ip4, &address, sizeof ip4);
    inet_ntop(AF_INET, &ip4.sin_addr, text.data(), text.size());
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 ip6{};
    std::memcpy(&ip6, &address, sizeof ip6);
    inet_ntop(AF_INET6, &ip6.sin6_addr, text.data(), text.size());
  }
  return text.data();
}

int open_socket(int family, int type, int protocol) {
  const ForkHold hold;
#ifdef SOCK_CLOEXEC
  type |= SOCK_CLOEXEC;
#endif
  const int socket = ::socket(family, type, protocol);
  if (socket < 0) return socket;
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  if (keep_from_children(socket)) return socket;
  close(socket);
  return -1;
}

}  // namespace abstractllm
