#include "common/llm/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/http_calls.h"
#include "tests/support/http_server.h"
#include "tests/unit/common/llm/http_way.h"

namespace quern::llm {
namespace {

using ::quern::testing::HttpServer;
using ::quern::testing::SendAll;
using ::quern::testing::SendOne;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using Outcome = HttpReply::Outcome;

// By both ways in which requests are sent: see HttpWay.
class HttpClientTest : public ::testing::TestWithParam<HttpWay> {
 protected:
  static std::string Url(const std::string& url) { return GetParam().Url(url); }
};
INSTANTIATE_TEST_SUITE_P(, HttpClientTest, ::testing::ValuesIn(kHttpWays), NameOfWay);

HttpServer::Response EchoBody(const HttpServer::Request& request) { return HttpServer::Response(request.body); }

// An environment with a proxy must not catch the calls to the test's own server.
[[maybe_unused]] const int no_environment_proxy = ::setenv("no_proxy", "*", 1);

TEST_P(HttpClientTest, SendsTheSharedPartOfABodyBetweenItsOwn) {
  HttpServer server(EchoBody);
  HttpClient client;
  // More than a socket takes at once; around it parts of several sizes, or none.
  const auto shared = std::make_shared<const std::string>(6 << 20, 's');
  std::vector<HttpRequest> requests;
  for (size_t i = 0; i < 3; ++i) {
    HttpRequest& request = requests.emplace_back(Url(server.url() + "/v1"), std::string(i * 1000, 'b'));
    request.body.shared = shared;
    request.timeout = absl::Seconds(30);
    request.body.after = std::string((2 - i) * 2000, 'a');
  }
  const std::vector<HttpReply> replies = SendAll(client, requests);
  for (size_t i = 0; i < requests.size(); ++i) {
    ASSERT_EQ(replies[i].outcome, Outcome::kAnswered) << replies[i].error;
    EXPECT_TRUE(replies[i].body == std::move(requests[i].body).Joined()) << i;
  }
}

TEST_P(HttpClientTest, KeepsConnectionsForLaterCalls) {
  HttpServer server(EchoBody);
  HttpClient client;
  constexpr int kCalls = 200, kRounds = 5;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<HttpRequest> requests;
    for (int i = 0; i < kCalls; ++i) {
      requests.emplace_back(Url(server.url() + "/v1"), absl::StrCat(round, "/", i, std::string(8192, 'x')));
    }
    const std::vector<HttpReply> replies = SendAll(client, requests);
    for (int i = 0; i < kCalls; ++i) {
      ASSERT_EQ(replies[i].outcome, Outcome::kAnswered) << replies[i].error;
      EXPECT_EQ(replies[i].body, requests[i].body.before);
    }
  }
  EXPECT_EQ(server.requests(), kCalls * kRounds);
  EXPECT_LE(server.connections(), kCalls);
}

TEST_P(HttpClientTest, SendsOneCallAfterAnotherOverOneConnection) {
  HttpServer server(EchoBody);
  HttpClient client;
  for (int i = 0; i < 10; ++i) ASSERT_EQ(SendOne(client, HttpRequest(Url(server.url()), "x")).status, 200);
  EXPECT_EQ(server.connections(), 1);
}

TEST_P(HttpClientTest, SendsWhatItWasGivenAndNoMore) {
  HttpServer::Request seen;
  HttpServer server([&](const HttpServer::Request& request) {
    seen = request;
    return HttpServer::Response("{}");
  });
  // A .netrc with a password for every host.
  const std::string home = ::testing::TempDir() + "/netrc_home";
  ASSERT_EQ(std::system(absl::StrCat("mkdir -p ", home, " && echo 'default login me password secret' > ", home,
                                     "/.netrc && chmod 600 ", home, "/.netrc")
                            .c_str()),
            0);
  const std::string real_home = std::getenv("HOME") ? std::getenv("HOME") : "/";
  ::setenv("HOME", home.c_str(), 1);
  HttpClient client;
  HttpRequest request(Url(server.url() + "/v1/chat/completions?x=1"), std::string(2 << 20, 'b'));
  request.headers = {"Authorization: Bearer key", "X-Other: two words"};
  const HttpReply reply = SendOne(client, request);
  ::setenv("HOME", real_home.c_str(), 1);
  ASSERT_EQ(reply.outcome, Outcome::kAnswered) << reply.error;
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/v1/chat/completions?x=1");
  EXPECT_EQ(seen.body, request.body.before);
  EXPECT_EQ(seen.Header("authorization"), "Bearer key");
  EXPECT_EQ(seen.Header("x-other"), "two words");
  EXPECT_EQ(seen.Header("content-type"), "application/json");
  EXPECT_EQ(seen.Header("accept"), "application/json");
  EXPECT_EQ(seen.Header("user-agent"), "quern");
  EXPECT_EQ(seen.Header("expect"), "");
  EXPECT_THAT(seen.Header("accept-encoding"), HasSubstr("gzip"));

  HttpRequest get(Url(server.url() + "/v1/models"), "");
  get.method = "GET";
  ASSERT_EQ(SendOne(client, get).status, 200);
  EXPECT_EQ(seen.method, "GET");
  EXPECT_EQ(seen.Header("content-type"), "");
  EXPECT_EQ(seen.Header("authorization"), "");
}

TEST_P(HttpClientTest, ReadsTheLastResponsesHeadersInLowerCase) {
  HttpServer server([](const HttpServer::Request&) {
    HttpServer::Response response("slow down", 429);
    response.preamble = "HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n";
    response.headers = {{"Retry-After", " 7 "}, {"X-RateLimit-Reset-Requests", "1s"}, {"retry-after", "8"}};
    return response;
  });
  HttpClient client;
  const HttpReply reply = SendOne(client, HttpRequest(Url(server.url()), "x"));
  EXPECT_EQ(reply.outcome, Outcome::kAnswered);
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.http_version, 1);
  EXPECT_EQ(reply.body, "slow down");
  EXPECT_EQ(reply.error, "");
  EXPECT_EQ(reply.Header("retry-after"), "7");
  EXPECT_EQ(reply.Header("x-ratelimit-reset-requests"), "1s");
  EXPECT_EQ(reply.Header("x-early"), "");
  EXPECT_THAT(reply.headers, ElementsAre(Pair("retry-after", "7"), Pair("x-ratelimit-reset-requests", "1s"),
                                         Pair("retry-after", "8"), Pair("content-length", "9")));
}

TEST_P(HttpClientTest, ReadsChunkedAndCompressedAnswers) {
  const std::string text(10'000, 't');
  HttpServer server([&](const HttpServer::Request& request) {
    HttpServer::Response response(text);
    if (request.target == "/chunked") response.manner = HttpServer::Response::Manner::kChunked;
    response.gzip = request.target == "/gzip";
    return response;
  });
  HttpClient client;
  EXPECT_EQ(SendOne(client, HttpRequest(Url(server.url() + "/chunked"), "")).body, text);
  EXPECT_EQ(SendOne(client, HttpRequest(Url(server.url() + "/gzip"), "")).body, text);
}

TEST_P(HttpClientTest, HandsRedirectsOn) {
  HttpServer server([](const HttpServer::Request&) {
    HttpServer::Response response("", 307);
    response.headers = {{"Location", "/elsewhere"}};
    return response;
  });
  HttpClient client;
  const HttpReply reply = SendOne(client, HttpRequest(Url(server.url()), "x"));
  EXPECT_EQ(reply.outcome, Outcome::kAnswered);
  EXPECT_EQ(reply.status, 307);
  EXPECT_EQ(reply.Header("location"), "/elsewhere");
  EXPECT_EQ(server.requests(), 1);
}

TEST_P(HttpClientTest, GoesThroughAProxyWhenOneIsGiven) {
  std::string target;
  HttpServer proxy([&](const HttpServer::Request& request) {
    target = request.target;
    return HttpServer::Response("from the proxy");
  });
  HttpClient client;
  HttpRequest request("http://model.invalid:8000/v1", "x");
  request.proxy = proxy.url();
  EXPECT_EQ(SendOne(client, request).body, "from the proxy");
  EXPECT_EQ(target, "http://model.invalid:8000/v1");
  // https goes through a tunnel; what a proxy says that refuses one is not the server's answer.
  request.url = "https://model.invalid/v1";
  const HttpReply refused = SendOne(client, request);
  EXPECT_EQ(target, "model.invalid:443");
  EXPECT_EQ(refused.outcome, Outcome::kNotSent);
  EXPECT_EQ(refused.status, 0);
}

TEST_P(HttpClientTest, CompletesOnTheCallersExecutorAndKeepsItsLoopRunning) {
  HttpServer server([](const HttpServer::Request&) {
    HttpServer::Response response("{}");
    response.delay = absl::Milliseconds(50);
    return response;
  });
  HttpClient client;
  boost::asio::io_context loop;
  std::thread::id thread;
  const auto call = [&]() -> boost::asio::awaitable<void> {
    HttpRequest request(Url(server.url()), "x");
    const HttpReply reply = co_await client.Send(std::move(request));
    EXPECT_EQ(reply.status, 200);
    EXPECT_GE(reply.duration, absl::Milliseconds(50));
    thread = std::this_thread::get_id();
  };
  boost::asio::co_spawn(loop, call, boost::asio::detached);
  // Nothing but the call keeps the loop busy: run() returns when it is over, not before.
  loop.run();
  EXPECT_EQ(thread, std::this_thread::get_id());
}

TEST_P(HttpClientTest, ServesManyThreads) {
  HttpServer server(EchoBody);
  HttpClient client;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const std::vector<HttpRequest> requests(50, HttpRequest(Url(server.url()), "x"));
      for (const HttpReply& reply : SendAll(client, requests)) EXPECT_EQ(reply.status, 200) << reply.error;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server.requests(), 200);
}

}  // namespace
}  // namespace quern::llm
