#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace quern::service {

// OK where whoever can connect to an address is of this machine or of a private network: loopback, unix sockets, RFC
// 1918, RFC 4193, RFC 6598 and link-local addresses; and "0.0.0.0" and "[::]" on a machine all of whose addresses are
// such. Otherwise INVALID_ARGUMENT, reason OPEN_ADDRESS, naming the public address and `remedy`. `address` is host:port
// or unix:PATH. INVALID_ARGUMENT, reason INVALID_ADDRESS: the host has no address.
absl::Status CheckNotPublic(const std::string& address, std::string_view remedy);

// The same for an address at which something else publishes this process's port, with or without a port: the addresses
// "0.0.0.0" and "::" are then those of a machine that is not known, and public.
absl::Status CheckNotPublished(const std::string& address, std::string_view remedy);

}  // namespace quern::service
