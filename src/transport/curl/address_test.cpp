// SPDX-License-Identifier: Apache-2.0
#include "transport/curl/address.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

namespace abstractllm {
namespace {

bool is_public(const char* text) {
  sockaddr_storage storage{};
  auto* ip4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* ip6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (std::strchr(text, ':') == nullptr) {
    ip4->sin_family = AF_INET;
    EXPECT_EQ(inet_pton(AF_INET, text, &ip4->sin_addr), 1) << text;
  } else {
    ip6->sin6_family = AF_INET6;
    EXPECT_EQ(inet_pton(AF_INET6, text, &ip6->sin6_addr), 1) << text;
  }
  const auto& address = reinterpret_cast<const sockaddr&>(storage);
  EXPECT_EQ(address_text(address), text);
  return is_public_address(address);
}

TEST(Address, OfTheInternetIsPublic) {
  for (const char* text :
       {"8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "192.167.1.1", "100.128.0.1", "169.253.1.1",
        "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::1"})
    EXPECT_TRUE(is_public(text)) << text;
}

TEST(Address, OfOnesOwnNetworkIsNot) {
  for (const char* text : {"0.0.0.0",
                           "10.0.0.1",
                           "100.64.0.1",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "198.18.0.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fe80::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "ff02::1",
                           "::ffff:127.0.0.1",
                           "::ffff:169.254.169.254",
                           "64:ff9b::a00:1",
                           "2002:7f00:1::1",
                           "2001:db8::1",
                           "2001::1"})
    EXPECT_FALSE(is_public(text)) << text;
}

}  // namespace
}  // namespace abstractllm
