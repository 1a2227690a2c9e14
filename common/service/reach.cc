#include "common/service/reach.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "common/base/error.h"

namespace quern::service {
namespace {

bool IsPrivate(const in_addr& address) {
  const uint32_t ip = ntohl(address.s_addr);
  const auto within = [ip](uint32_t network, int bits) { return (ip >> (32 - bits)) == (network >> (32 - bits)); };
  return within(0x7f000000, 8) ||                            // 127.0.0.0/8
         within(0x0a000000, 8) || within(0xac100000, 12) ||  // 10.0.0.0/8, 172.16.0.0/12
         within(0xc0a80000, 16) ||                           // 192.168.0.0/16
         within(0x64400000, 10) || within(0xa9fe0000, 16);   // 100.64.0.0/10, 169.254.0.0/16
}

bool IsPrivate(const in6_addr& address) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    in_addr v4;
    std::memcpy(&v4, address.s6_addr + 12, sizeof(v4));
    return IsPrivate(v4);
  }
  const bool unique_local = (address.s6_addr[0] & 0xfe) == 0xfc;
  return IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_LINKLOCAL(&address) || unique_local;
}

// Of an IP address; "" where it is a private one or none of IP.
std::string PublicName(const sockaddr* address) {
  char name[INET6_ADDRSTRLEN] = {};
  if (address == nullptr) return "";
  if (address->sa_family == AF_INET) {
    const in_addr& ip = reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
    if (!IsPrivate(ip)) inet_ntop(AF_INET, &ip, name, sizeof(name));
  } else if (address->sa_family == AF_INET6) {
    const in6_addr& ip = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    if (!IsPrivate(ip)) inet_ntop(AF_INET6, &ip, name, sizeof(name));
  }
  return name;
}

bool IsAny(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    return reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr == htonl(INADDR_ANY);
  }
  return address->sa_family == AF_INET6 &&
         IN6_IS_ADDR_UNSPECIFIED(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
}

// A public address of this machine; "" where it has none.
std::string OwnPublicName() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return "";
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, &freeifaddrs);
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if ((one->ifa_flags & IFF_UP) == 0) continue;
    if (std::string name = PublicName(one->ifa_addr); !name.empty()) return name;
  }
  return "";
}

// `any`: which public address "0.0.0.0" and "[::]" stand for; "" where for none.
template <typename Any>
absl::Status CheckHost(std::string host, const std::string& address, const Any& any, std::string_view remedy) {
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  // gRPC may understand what the system's resolver does not ("*", "dns:0.0.0.0"): it cannot be told what that reaches.
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &list); error != 0) {
    return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_ADDRESS",
                     absl::StrFormat("cannot listen on %s: %s is no address: %s", address, host, gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, &freeaddrinfo);
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    const std::string name = IsAny(one->ai_addr) ? any() : PublicName(one->ai_addr);
    if (name.empty()) continue;
    return MakeError(absl::StatusCode::kInvalidArgument, "OPEN_ADDRESS",
                     absl::StrFormat("%s can be reached at the public address %s, and anybody there could spend this "
                                     "suite's money: %s",
                                     address, name, remedy));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckNotPublic(const std::string& address, std::string_view remedy) {
  const size_t colon = address.rfind(':');
  if (address.empty() || absl::StartsWith(address, "unix:") || colon == std::string::npos) return absl::OkStatus();
  return CheckHost(address.substr(0, colon), address, &OwnPublicName, remedy);
}

absl::Status CheckNotPublished(const std::string& address, std::string_view remedy) {
  const bool v6_alone = address.find(':') != address.rfind(':') && address.find(']') == std::string::npos;
  const bool has_port = !v6_alone && absl::StrContains(address.substr(address.rfind(']') + 1), ':');
  const std::string host = has_port ? address.substr(0, address.rfind(':')) : address;
  return CheckHost(
      host, address, [] { return std::string("of its machine, if it has one"); }, remedy);
}

}  // namespace quern::service
