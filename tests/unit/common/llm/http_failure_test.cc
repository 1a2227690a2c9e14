#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/llm/http_client.h"
#include "tests/support/http_calls.h"
#include "tests/support/http_server.h"
#include "tests/support/silent_server.h"
#include "tests/unit/common/llm/http_way.h"

namespace quern::llm {
namespace {

using ::quern::testing::HttpServer;
using ::quern::testing::SendAll;
using ::quern::testing::SendOne;
using ::quern::testing::SilentServer;
using ::quern::testing::UnusedPort;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Manner = HttpServer::Response::Manner;
using Outcome = HttpReply::Outcome;

// By both ways in which requests are sent: see HttpWay.
class HttpFailureTest : public ::testing::TestWithParam<HttpWay> {
 protected:
  static HttpRequest To(const std::string& url) { return HttpRequest(GetParam().Url(url), "x"); }
  static HttpReply ReplyAfter(HttpServer::Response response, absl::Duration timeout = absl::Seconds(30));
};
INSTANTIATE_TEST_SUITE_P(, HttpFailureTest, ::testing::ValuesIn(kHttpWays), NameOfWay);

// The reply to a request that the server treats in this manner.
HttpReply HttpFailureTest::ReplyAfter(HttpServer::Response response, absl::Duration timeout) {
  HttpServer server([&](const HttpServer::Request&) { return response; });
  HttpClient client;
  HttpRequest request = To(server.url() + "/v1/secret-path");
  request.headers = {"Authorization: Bearer secret-key"};
  request.timeout = timeout;
  HttpReply reply = SendOne(client, request);
  EXPECT_EQ(server.requests(), 1) << "sent more than once";
  EXPECT_THAT(reply.error, StartsWith(absl::StrCat("127.0.0.1:", server.port(), ": ")));
  EXPECT_THAT(reply.error, Not(HasSubstr("secret")));
  EXPECT_EQ(reply.body, "");
  return reply;
}

TEST_P(HttpFailureTest, RefusedConnectionIsNotSent) {
  HttpClient client;
  const uint16_t port = UnusedPort();
  const HttpReply reply = SendOne(client, To(absl::StrCat("http://127.0.0.1:", port, "/v1")));
  EXPECT_EQ(reply.outcome, Outcome::kNotSent);
  EXPECT_EQ(reply.error, absl::StrCat("127.0.0.1:", port, ": cannot connect: Connection refused"));
}

TEST_P(HttpFailureTest, AProxyThatIsNotThereIsNamed) {
  HttpClient client;
  HttpRequest request = To("http://model.example/v1");
  const uint16_t port = UnusedPort();
  request.proxy = absl::StrCat("http://user:secret@127.0.0.1:", port);
  const HttpReply reply = SendOne(client, request);
  EXPECT_EQ(reply.outcome, Outcome::kNotSent);
  EXPECT_EQ(reply.error, absl::StrCat("model.example:80: cannot connect through the proxy 127.0.0.1:", port,
                                      ": Connection refused"));
}

TEST_P(HttpFailureTest, UrlsThatAreNoneAreNotSent) {
  HttpClient client;
  for (const char* url : {"", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://"}) {
    const HttpReply reply = SendOne(client, HttpRequest(url, "x"));
    EXPECT_EQ(reply.outcome, Outcome::kNotSent) << url;
    EXPECT_NE(reply.error, "") << url;
  }
}

TEST_P(HttpFailureTest, ServerWithoutTlsIsNotSent) {
  HttpServer server([](const HttpServer::Request&) { return HttpServer::Response("{}"); });
  HttpClient client;
  const HttpReply reply = SendOne(client, HttpRequest(absl::StrCat("https://127.0.0.1:", server.port()), "x"));
  EXPECT_EQ(reply.outcome, Outcome::kNotSent);
  EXPECT_THAT(reply.error, HasSubstr("TLS failed"));
}

TEST_P(HttpFailureTest, ClosedWithoutAnswerIsLost) {
  const HttpReply reply = ReplyAfter(HttpServer::Response(Manner::kClose));
  EXPECT_EQ(reply.outcome, Outcome::kLost);
  EXPECT_FALSE(reply.timed_out);
  EXPECT_THAT(reply.error, EndsWith("the server closed the connection without an answer"));
}

TEST_P(HttpFailureTest, ResetWithoutAnswerIsLost) {
  EXPECT_EQ(ReplyAfter(HttpServer::Response(Manner::kReset)).outcome, Outcome::kLost);
}

// libcurl itself would send the request again on a fresh connection: the server would work twice.
TEST_P(HttpFailureTest, ClosedWithoutAnswerOnAKeptConnectionIsLostAndNotSentAgain) {
  for (const Manner manner : {Manner::kClose, Manner::kReset}) {
    HttpServer server([manner](const HttpServer::Request& request) {
      return request.number == 0 ? HttpServer::Response("{}") : HttpServer::Response(manner);
    });
    HttpClient client;
    ASSERT_EQ(SendOne(client, To(server.url())).outcome, Outcome::kAnswered);
    const HttpReply reply = SendOne(client, To(server.url()));
    EXPECT_EQ(reply.outcome, Outcome::kLost);
    EXPECT_THAT(reply.error, EndsWith("the server closed the connection without an answer"));
    EXPECT_EQ(server.requests(), 2);
  }
}

TEST_P(HttpFailureTest, ConnectionThatTheServerClosedWhileIdleIsReplaced) {
  HttpServer::Response response("{}");
  auto server = std::make_unique<HttpServer>([&](const HttpServer::Request&) { return response; });
  const uint16_t port = server->port();
  const HttpRequest request = To(server->url());
  HttpClient client;
  ASSERT_EQ(SendOne(client, request).outcome, Outcome::kAnswered);
  server.reset();
  server = std::make_unique<HttpServer>([&](const HttpServer::Request&) { return response; }, port);
  EXPECT_EQ(SendOne(client, request).outcome, Outcome::kAnswered);
}

TEST_P(HttpFailureTest, ResetInTheMiddleOfTheAnswerIsLost) {
  HttpServer::Response response(Manner::kResetMidBody);
  response.body = std::string(100'000, 'b');
  EXPECT_EQ(ReplyAfter(response).outcome, Outcome::kLost);
}

TEST_P(HttpFailureTest, NoAnswerInTimeIsLostAndTimedOut) {
  const HttpReply reply = ReplyAfter(HttpServer::Response(Manner::kNever), absl::Milliseconds(500));
  EXPECT_EQ(reply.outcome, Outcome::kLost);
  EXPECT_TRUE(reply.timed_out);
  EXPECT_THAT(reply.error, EndsWith("no complete answer within 500ms"));
  EXPECT_GE(reply.duration, absl::Milliseconds(500));
}

TEST_P(HttpFailureTest, NonsenseInsteadOfHttpIsLost) {
  HttpServer::Response response("{}");
  response.preamble = "220 mail.example ESMTP\r\n";
  EXPECT_EQ(ReplyAfter(response).outcome, Outcome::kLost);
}

TEST_P(HttpFailureTest, NoConnectionInTimeIsNotSent) {
  const SilentServer server;
  HttpClient client;
  HttpRequest request = To(server.url());
  request.connect_timeout = absl::Milliseconds(200);
  const HttpReply reply = SendOne(client, request);
  EXPECT_EQ(reply.outcome, Outcome::kNotSent);
  EXPECT_FALSE(reply.timed_out);
  EXPECT_THAT(reply.error, EndsWith("no connection within 200ms"));
}

// libcurl closes a socket that never was connected without a word, and its number comes back with the next.
TEST_P(HttpFailureTest, AConnectionThatFailedIsInNobodysWay) {
  const SilentServer silent;
  HttpServer server([](const HttpServer::Request&) { return HttpServer::Response("{}"); });
  HttpClient client;
  for (int round = 0; round < 3; ++round) {
    HttpRequest in_vain = To(silent.url());
    in_vain.connect_timeout = absl::Milliseconds(200);
    EXPECT_EQ(SendOne(client, in_vain).outcome, Outcome::kNotSent);
    HttpRequest request = To(server.url());
    // Whoever overlooks that it is connected notices when the time to connect is over.
    request.connect_timeout = absl::Seconds(60);
    request.timeout = absl::Seconds(10);
    const HttpReply reply = SendOne(client, std::move(request));
    EXPECT_EQ(reply.outcome, Outcome::kAnswered) << reply.error;
  }
}

// As proxies do that find a request too large.
TEST_P(HttpFailureTest, AnAnswerBeforeTheRequestHasLeftIsTaken) {
  boost::asio::io_context loop;
  boost::asio::ip::tcp::acceptor acceptor(loop, {boost::asio::ip::address_v4::loopback(), 0});
  std::thread server([&] {
    boost::asio::ip::tcp::socket socket = acceptor.accept();
    std::string bytes(10'000, '\0');
    boost::asio::read(socket, boost::asio::buffer(bytes));
    boost::asio::write(socket,
                       boost::asio::buffer(std::string("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")));
    socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send);
    boost::system::error_code error;
    while (!error) boost::asio::read(socket, boost::asio::buffer(bytes), error);
  });
  HttpClient client;
  HttpRequest request = To(absl::StrCat("http://127.0.0.1:", acceptor.local_endpoint().port()));
  request.body = std::string(64 << 20, 'b');
  const HttpReply reply = SendOne(client, request);
  server.join();
  EXPECT_EQ(reply.outcome, Outcome::kAnswered) << reply.error;
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.body, "no");
}

TEST_P(HttpFailureTest, TheEndOfTheConnectionEndsAnAnswerWithoutLengthOnly) {
  HttpServer::Response response(Manner::kClose);
  response.preamble = "HTTP/1.0 200 OK\r\n\r\nwhole";
  HttpServer server([&](const HttpServer::Request&) { return response; });
  HttpClient client;
  const HttpReply whole = SendOne(client, To(server.url()));
  EXPECT_EQ(whole.outcome, Outcome::kAnswered) << whole.error;
  EXPECT_EQ(whole.body, "whole");
  response.preamble = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nwhole";
  const HttpReply cut = SendOne(client, To(server.url()));
  EXPECT_EQ(cut.outcome, Outcome::kLost);
  EXPECT_THAT(cut.error, EndsWith("the server closed the connection in the middle of its answer"));
}

TEST_P(HttpFailureTest, WhatIsCompressedBadlyIsLost) {
  HttpServer::Response response("no gzip at all");
  response.headers = {{"Content-Encoding", "gzip"}};
  HttpServer server([&](const HttpServer::Request&) { return response; });
  HttpClient client;
  const HttpReply reply = SendOne(client, To(server.url()));
  EXPECT_EQ(reply.outcome, Outcome::kLost);
  EXPECT_THAT(reply.error, EndsWith("the answer is compressed badly"));
}

TEST_P(HttpFailureTest, BodyOverTheLimitIsTooLong) {
  HttpServer server([](const HttpServer::Request& request) {
    HttpServer::Response response(std::string(request.target == "/fits" ? 5'000 : 5'001, 'b'));
    if (request.target == "/chunked") response.manner = Manner::kChunked;
    response.gzip = request.target == "/gzip";
    return response;
  });
  HttpClient client;
  for (const char* target : {"/fits", "/whole", "/chunked", "/gzip"}) {
    HttpRequest request = To(server.url() + target);
    request.max_reply_bytes = 5'000;
    const HttpReply reply = SendOne(client, request);
    const bool fits = std::string_view(target) == "/fits";
    EXPECT_EQ(reply.outcome, fits ? Outcome::kAnswered : Outcome::kTooLong) << target;
    EXPECT_EQ(reply.body.size(), fits ? 5'000 : 0) << target;
  }
}

TEST_P(HttpFailureTest, HeadersWithoutEndAreTooLong) {
  HttpServer::Response response("{}");
  for (int i = 0; i < 10; ++i) response.headers.emplace_back("X-Long", std::string(50'000, 'h'));
  EXPECT_EQ(ReplyAfter(response).outcome, Outcome::kTooLong);
}

TEST_P(HttpFailureTest, DestructionEndsWhatIsInFlight) {
  HttpServer server([](const HttpServer::Request&) { return HttpServer::Response(Manner::kNever); });
  auto client = std::make_unique<HttpClient>();
  boost::asio::io_context loop;
  constexpr int kCalls = 100;
  int lost = 0;
  for (int i = 0; i < kCalls; ++i) {
    boost::asio::co_spawn(loop, client->Send(To(server.url())), [&](std::exception_ptr, const HttpReply& reply) {
      lost += reply.outcome == Outcome::kLost;
      EXPECT_THAT(reply.error, EndsWith("ended before the answer was complete"));
    });
  }
  std::thread runner([&] { loop.run(); });
  while (server.at_once() < kCalls) absl::SleepFor(absl::Milliseconds(1));
  client.reset();
  runner.join();
  EXPECT_EQ(lost, kCalls);
}

TEST_P(HttpFailureTest, DestructionRightAfterSendingCompletesEveryCall) {
  HttpServer server([](const HttpServer::Request&) { return HttpServer::Response("{}"); });
  for (int round = 0; round < 20; ++round) {
    auto client = std::make_unique<HttpClient>();
    boost::asio::io_context loop;
    int done = 0;
    for (int i = 0; i < 10; ++i) {
      boost::asio::co_spawn(loop, client->Send(To(server.url())),
                            [&](std::exception_ptr, const HttpReply&) { ++done; });
    }
    // Starts the coroutines; what follows their replies is left for the second run.
    loop.poll();
    client.reset();
    loop.run();
    EXPECT_EQ(done, 10);
  }
}

}  // namespace
}  // namespace quern::llm
