#include "common/llm/plain_http.h"

#include <optional>
#include <utility>

#include "common/base/absl_view.h"
#include "common/llm/url_parts.h"

namespace quern::llm {

void PlainHttp::Start(std::shared_ptr<PlainCall> call) {
  auto known = servers_.find(AbslView(call->authority()));
  if (known == servers_.end()) {
    const std::optional<HostAndPort> address = HostAndPortOf(call->request().url);
    if (!address) return call->Fail(HttpReply::Outcome::kNotSent, {.code = CURLE_URL_MALFORMAT});
    std::string host = address->host;
    // The resolver knows no brackets.
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    auto server = std::make_unique<PlainServer>(loop_, std::move(host), address->port, user_agent_);
    known = servers_.emplace(std::string(call->authority()), std::move(server)).first;
  }
  known->second->Start(std::move(call));
}

}  // namespace quern::llm
