#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/llm/http_client.h"
#include "tests/support/http_calls.h"
#include "tests/support/http_server.h"

namespace quern::llm {
namespace {

using ::quern::testing::HttpServer;
using ::quern::testing::SendAll;
using ::testing::HasSubstr;

// How many threads this process had at most while it sent the requests.
long MostThreadsWhile(const std::vector<HttpRequest>& requests, std::vector<HttpReply>& replies) {
  HttpClient client;
  std::atomic<bool> done = false;
  long most = 0;
  std::thread observer([&] {
    while (!done) {
      const std::filesystem::directory_iterator tasks("/proc/self/task");
      most = std::max<long>(most, std::distance(begin(tasks), end(tasks)));
    }
  });
  replies = SendAll(client, requests);
  done = true;
  observer.join();
  return most;
}

// libcurl makes a thread for each look-up: a first burst of ten thousand calls would make as many.
TEST(HttpLookupTest, LooksUpTheNameOfAServerOnceForABurstOfCalls) {
  char name[256] = "";
  ASSERT_EQ(::gethostname(name, sizeof(name) - 1), 0);
  if (::gethostbyname(name) == nullptr) GTEST_SKIP() << "this machine's name has no address";
  HttpServer server([](const HttpServer::Request&) { return HttpServer::Response("{}"); });
  const std::vector<HttpRequest> requests(1000, HttpRequest(absl::StrCat("http://", name, ":", server.port()), "x"));
  std::vector<HttpReply> replies;
  EXPECT_LT(MostThreadsWhile(requests, replies), 20);
  // The machine's name need not stand for the address on which the server listens.
  for (const HttpReply& reply : replies) {
    if (reply.outcome != HttpReply::Outcome::kAnswered) {
      EXPECT_THAT(reply.error, HasSubstr("cannot connect"));
    }
  }
}

TEST(HttpLookupTest, TellsEveryCallOfABurstThatTheNameHasNoAddress) {
  // Reserved never to exist (RFC 6761).
  const std::vector<HttpRequest> requests(1000, HttpRequest("http://no-such-host.invalid:81/v1", "x"));
  std::vector<HttpReply> replies;
  EXPECT_LT(MostThreadsWhile(requests, replies), 20);
  for (const HttpReply& reply : replies) {
    ASSERT_EQ(reply.outcome, HttpReply::Outcome::kNotSent);
    ASSERT_EQ(reply.error, "no-such-host.invalid:81: this name has no address");
  }
}

}  // namespace
}  // namespace quern::llm
