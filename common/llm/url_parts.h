#pragma once

#include <optional>
#include <string>

namespace quern::llm {

// Where a URL points, as libcurl reads it.
struct HostAndPort {
  // An IPv6 address stands in brackets.
  std::string host;
  std::string port;
};

// Of an http or https URL; the port is the scheme's where it names none. Nothing when it is no URL.
std::optional<HostAndPort> HostAndPortOf(const std::string& url);

}  // namespace quern::llm
