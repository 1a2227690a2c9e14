#include "common/service/reach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"

namespace quern::service {
namespace {

using ::testing::HasSubstr;

TEST(ReachTest, LoopbackAndPrivateNetworksAreNotPublic) {
  for (const char* address : {"127.0.0.1:7070", "localhost:7070", "127.8.9.1:0", "[::1]:7070", "10.1.2.3:1",
                              "172.16.0.1:1", "172.31.255.255:1", "192.168.0.9:1", "100.64.0.1:1", "169.254.1.1:1",
                              "[fd00::1]:1", "[fe80::1]:1", "[::ffff:10.0.0.1]:1", "unix:/tmp/socket", ""}) {
    EXPECT_TRUE(CheckNotPublic(address, "").ok()) << address << ": " << CheckNotPublic(address, "");
  }
}

TEST(ReachTest, EverythingElseIs) {
  for (const char* address : {"203.0.113.5:7070", "8.8.8.8:1", "172.32.0.1:1", "172.15.0.1:1", "100.128.0.1:1",
                              "11.0.0.1:1", "[2001:db8::1]:7070", "[::ffff:8.8.8.8]:1"}) {
    const absl::Status status = CheckNotPublic(address, "set a token");
    EXPECT_EQ(ErrorReason(status), "OPEN_ADDRESS") << address;
    EXPECT_THAT(std::string(status.message()), HasSubstr("set a token"));
  }
}

TEST(ReachTest, WhatOnlyGrpcUnderstandsIsRefused) {
  for (const char* address : {"no-such-host.invalid:7070", "*:7070", "dns:0.0.0.0:7070", "dns:///0.0.0.0:7070"}) {
    EXPECT_EQ(ErrorReason(CheckNotPublic(address, "")), "INVALID_ADDRESS") << address;
  }
}

TEST(ReachTest, WhatIsPublishedEverywhereIsPublic) {
  for (const char* address : {"127.0.0.1", "10.1.2.3", "192.168.0.1:7070", "[fd00::1]:7070", "fd00::1", "localhost"}) {
    EXPECT_EQ(CheckNotPublished(address, ""), absl::OkStatus()) << address;
  }
  for (const char* address : {"0.0.0.0", "0.0.0.0:7070", "::", "[::]:7070", "8.8.8.8", "2001:4860::1"}) {
    EXPECT_EQ(ErrorReason(CheckNotPublished(address, "")), "OPEN_ADDRESS") << address;
  }
}

}  // namespace
}  // namespace quern::service
