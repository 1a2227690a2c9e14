#pragma once

#include <gtest/gtest.h>

#include <array>
#include <ostream>
#include <string>

namespace quern::llm {

// Requests without TLS go over connections of the client's own, and by libcurl where their URLs have parts that only
// libcurl knows: a fragment, which no server sees, is one. Everything must hold by either way.
struct HttpWay {
  std::string Url(const std::string& url) const { return url + fragment; }
  friend void PrintTo(const HttpWay& way, std::ostream* out) { *out << way.name; }

  const char* name;
  const char* fragment;
};

inline constexpr std::array<HttpWay, 2> kHttpWays = {{{"Plain", ""}, {"Libcurl", "#"}}};

inline std::string NameOfWay(const ::testing::TestParamInfo<HttpWay>& info) { return info.param.name; }

}  // namespace quern::llm
