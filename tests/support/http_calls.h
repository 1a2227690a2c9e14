#pragma once

#include <vector>

#include "common/llm/http_client.h"

namespace quern::testing {

// Sends the requests all at once from a loop of this thread, and returns their replies in that order when all are
// there. Ends the program when a call throws, and when the loop runs dry before the last reply.
std::vector<llm::HttpReply> SendAll(llm::HttpClient& client, const std::vector<llm::HttpRequest>& requests);

// One request alone.
llm::HttpReply SendOne(llm::HttpClient& client, const llm::HttpRequest& request);

}  // namespace quern::testing
