#include "common/llm/plain_http.h"

#include <curl/curl.h>

#include <optional>
#include <utility>

#include "common/base/absl_view.h"

namespace quern::llm {
namespace {

std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
  std::string copy = text;
  curl_free(text);
  return copy;
}

// Host, without an IPv6 address's brackets, and port; nothing when it is no URL.
std::optional<std::pair<std::string, std::string>> HostAndPort(const std::string& text) {
  CURLU* url = curl_url();
  std::optional<std::pair<std::string, std::string>> found;
  if (curl_url_set(url, CURLUPART_URL, text.c_str(), 0) == CURLUE_OK) {
    std::string host = Part(url, CURLUPART_HOST);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    found.emplace(std::move(host), Part(url, CURLUPART_PORT));
  }
  curl_url_cleanup(url);
  return found;
}

}  // namespace

void PlainHttp::Start(std::shared_ptr<PlainCall> call) {
  auto known = servers_.find(AbslView(call->authority()));
  if (known == servers_.end()) {
    const auto address = HostAndPort(call->request().url);
    if (!address) return call->Fail(HttpReply::Outcome::kNotSent, {.code = CURLE_URL_MALFORMAT});
    auto server = std::make_unique<PlainServer>(loop_, address->first, address->second, user_agent_);
    known = servers_.emplace(std::string(call->authority()), std::move(server)).first;
  }
  known->second->Start(std::move(call));
}

}  // namespace quern::llm
