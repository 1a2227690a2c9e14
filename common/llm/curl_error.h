#pragma once

#include <curl/curl.h>

#include <string>
#include <string_view>

#include "common/llm/http_client.h"

namespace quern::llm {

// How a transfer failed, as libcurl tells it.
struct CurlFailure {
  CURLcode code = CURLE_OK;
  // The request began to leave.
  bool sent = false;
  // errno of the failed connect, 0 where there is none.
  long os_error = 0;
  // libcurl's own words.
  std::string_view details = {};
};

// "host:port: what went wrong", for people. Never holds a header, a key, a path or a proxy's password.
std::string ErrorForPeople(const HttpRequest& request, const CurlFailure& failure);

}  // namespace quern::llm
