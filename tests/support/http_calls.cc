#include "tests/support/http_calls.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <utility>

namespace quern::testing {

std::vector<llm::HttpReply> SendAll(llm::HttpClient& client, const std::vector<llm::HttpRequest>& requests) {
  boost::asio::io_context loop(1);
  std::vector<llm::HttpReply> replies(requests.size());
  size_t done = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    boost::asio::co_spawn(loop, client.Send(requests[i]), [&, i](std::exception_ptr error, llm::HttpReply reply) {
      if (error) std::rethrow_exception(error);
      replies[i] = std::move(reply);
      ++done;
    });
  }
  loop.run();
  if (done != requests.size()) {
    std::cerr << "only " << done << " of " << requests.size() << " calls came back\n";
    std::abort();
  }
  return replies;
}

llm::HttpReply SendOne(llm::HttpClient& client, const llm::HttpRequest& request) {
  return std::move(SendAll(client, {request}).front());
}

}  // namespace quern::testing
