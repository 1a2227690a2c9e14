#include "common/llm/url_parts.h"

#include <curl/curl.h>

#include <memory>

namespace quern::llm {
namespace {

std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return "?";
  std::string copy = text;
  curl_free(text);
  return copy;
}

}  // namespace

std::optional<HostAndPort> HostAndPortOf(const std::string& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), &curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return std::nullopt;
  return HostAndPort{Part(parsed.get(), CURLUPART_HOST), Part(parsed.get(), CURLUPART_PORT)};
}

}  // namespace quern::llm
