#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "common/llm/plain_call.h"
#include "common/llm/plain_server.h"

namespace quern::llm {

// HTTP/1.1 without TLS and proxies, which is how models of one's own are asked: a fraction of the processor time that
// libcurl takes for the same call (docs/decisions/2026-11-28-plain-http-without-libcurl.md). Belongs to the loop's
// thread.
class PlainHttp {
 public:
  // The arguments must outlive it, and the loop must not run any more when it is destroyed: what is in flight ends
  // then.
  PlainHttp(boost::asio::io_context& loop, const std::string& user_agent) : loop_(loop), user_agent_(user_agent) {}
  PlainHttp(const PlainHttp&) = delete;
  PlainHttp& operator=(const PlainHttp&) = delete;

  void Start(std::shared_ptr<PlainCall> call);

 private:
  boost::asio::io_context& loop_;
  const std::string& user_agent_;
  // By host and port, as the URLs have them.
  absl::flat_hash_map<std::string, std::unique_ptr<PlainServer>> servers_;
};

}  // namespace quern::llm
