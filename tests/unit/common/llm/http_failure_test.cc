#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/llm/http_client.h"
#include "tests/support/http_calls.h"
#include "tests/support/http_server.h"

namespace quern::llm {
namespace {

using ::quern::testing::HttpServer;
using ::quern::testing::SendAll;
using ::quern::testing::SendOne;
using ::quern::testing::UnusedPort;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Manner = HttpServer::Response::Manner;
using Outcome = HttpReply::Outcome;

// The reply to a request that the server treats in this manner.
HttpReply ReplyAfter(HttpServer::Response response, absl::Duration timeout = absl::Seconds(30)) {
  HttpServer server([&](const HttpServer::Request&) { return response; });
  HttpClient client;
  HttpRequest request(server.url() + "/v1/secret-path", "x");
  request.headers = {"Authorization: Bearer secret-key"};
  request.timeout = timeout;
  HttpReply reply = SendOne(client, request);
  EXPECT_EQ(server.requests(), 1) << "sent more than once";
  EXPECT_THAT(reply.error, StartsWith(absl::StrCat("127.0.0.1:", server.port(), ": ")));
  EXPECT_THAT(reply.error, Not(HasSubstr("secret")));
  EXPECT_EQ(reply.body, "");
  return reply;
}

TEST(HttpFailureTest, RefusedConnectionIsNotSent) {
  HttpClient client;
  const uint16_t port = UnusedPort();
  const HttpReply reply = SendOne(client, HttpRequest(absl::StrCat("http://127.0.0.1:", port, "/v1"), "x"));
  EXPECT_EQ(reply.outcome, Outcome::kNotSent);
  EXPECT_EQ(reply.error, absl::StrCat("127.0.0.1:", port, ": cannot connect: Connection refused"));
}

TEST(HttpFailureTest, UrlsThatAreNoneAreNotSent) {
  HttpClient client;
  for (const char* url : {"", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://"}) {
    const HttpReply reply = SendOne(client, HttpRequest(url, "x"));
    EXPECT_EQ(reply.outcome, Outcome::kNotSent) << url;
    EXPECT_NE(reply.error, "") << url;
  }
}

TEST(HttpFailureTest, ServerWithoutTlsIsNotSent) {
  HttpServer server([](const HttpServer::Request&) { return HttpServer::Response("{}"); });
  HttpClient client;
  const HttpReply reply = SendOne(client, HttpRequest(absl::StrCat("https://127.0.0.1:", server.port()), "x"));
  EXPECT_EQ(reply.outcome, Outcome::kNotSent);
  EXPECT_THAT(reply.error, HasSubstr("TLS failed"));
}

TEST(HttpFailureTest, ClosedWithoutAnswerIsLost) {
  const HttpReply reply = ReplyAfter(HttpServer::Response(Manner::kClose));
  EXPECT_EQ(reply.outcome, Outcome::kLost);
  EXPECT_FALSE(reply.timed_out);
  EXPECT_THAT(reply.error, EndsWith("the server closed the connection without an answer"));
}

TEST(HttpFailureTest, ResetWithoutAnswerIsLost) {
  EXPECT_EQ(ReplyAfter(HttpServer::Response(Manner::kReset)).outcome, Outcome::kLost);
}

// libcurl itself would send the request again on a fresh connection: the server would work twice.
TEST(HttpFailureTest, ClosedWithoutAnswerOnAKeptConnectionIsLostAndNotSentAgain) {
  for (const Manner manner : {Manner::kClose, Manner::kReset}) {
    HttpServer server([manner](const HttpServer::Request& request) {
      return request.number == 0 ? HttpServer::Response("{}") : HttpServer::Response(manner);
    });
    HttpClient client;
    ASSERT_EQ(SendOne(client, HttpRequest(server.url(), "x")).outcome, Outcome::kAnswered);
    const HttpReply reply = SendOne(client, HttpRequest(server.url(), "x"));
    EXPECT_EQ(reply.outcome, Outcome::kLost);
    EXPECT_THAT(reply.error, EndsWith("the server closed the connection without an answer"));
    EXPECT_EQ(server.requests(), 2);
  }
}

TEST(HttpFailureTest, ConnectionThatTheServerClosedWhileIdleIsReplaced) {
  HttpServer::Response response("{}");
  auto server = std::make_unique<HttpServer>([&](const HttpServer::Request&) { return response; });
  const uint16_t port = server->port();
  const HttpRequest request(server->url(), "x");
  HttpClient client;
  ASSERT_EQ(SendOne(client, request).outcome, Outcome::kAnswered);
  server.reset();
  server = std::make_unique<HttpServer>([&](const HttpServer::Request&) { return response; }, port);
  EXPECT_EQ(SendOne(client, request).outcome, Outcome::kAnswered);
}

TEST(HttpFailureTest, ResetInTheMiddleOfTheAnswerIsLost) {
  HttpServer::Response response(Manner::kResetMidBody);
  response.body = std::string(100'000, 'b');
  EXPECT_EQ(ReplyAfter(response).outcome, Outcome::kLost);
}

TEST(HttpFailureTest, NoAnswerInTimeIsLostAndTimedOut) {
  const HttpReply reply = ReplyAfter(HttpServer::Response(Manner::kNever), absl::Milliseconds(500));
  EXPECT_EQ(reply.outcome, Outcome::kLost);
  EXPECT_TRUE(reply.timed_out);
  EXPECT_THAT(reply.error, EndsWith("no complete answer within 500ms"));
  EXPECT_GE(reply.duration, absl::Milliseconds(500));
}

TEST(HttpFailureTest, NonsenseInsteadOfHttpIsLost) {
  HttpServer::Response response("{}");
  response.preamble = "220 mail.example ESMTP\r\n";
  EXPECT_EQ(ReplyAfter(response).outcome, Outcome::kLost);
}

// A listener that never accepts, with its queue full, keeps connections waiting as a silent firewall does.
class SilentServer {
 public:
  SilentServer() {
    const boost::asio::ip::tcp::endpoint any(boost::asio::ip::address_v4::loopback(), 0);
    acceptor_.open(any.protocol());
    acceptor_.bind(any);
    acceptor_.listen(0);
    const boost::asio::ip::tcp::endpoint endpoint = acceptor_.local_endpoint();
    for (int i = 0; i < 3; ++i) {
      boost::asio::ip::tcp::socket& socket = waiting_.emplace_back(loop_, endpoint.protocol());
      socket.native_non_blocking(true);
      // Asio's own connect waits for the end.
      ::connect(socket.native_handle(), endpoint.data(), endpoint.size());
    }
  }

  HttpRequest RequestTo() const {
    HttpRequest request(absl::StrCat("http://127.0.0.1:", acceptor_.local_endpoint().port()), "x");
    request.connect_timeout = absl::Milliseconds(200);
    return request;
  }

 private:
  boost::asio::io_context loop_;
  boost::asio::ip::tcp::acceptor acceptor_{loop_};
  std::vector<boost::asio::ip::tcp::socket> waiting_;
};

TEST(HttpFailureTest, NoConnectionInTimeIsNotSent) {
  const SilentServer server;
  HttpClient client;
  const HttpReply reply = SendOne(client, server.RequestTo());
  EXPECT_EQ(reply.outcome, Outcome::kNotSent);
  EXPECT_FALSE(reply.timed_out);
  EXPECT_THAT(reply.error, EndsWith("no connection within 200ms"));
}

// libcurl closes a socket that never was connected without a word, and its number comes back with the next.
TEST(HttpFailureTest, AConnectionThatFailedIsInNobodysWay) {
  const SilentServer silent;
  HttpServer server([](const HttpServer::Request&) { return HttpServer::Response("{}"); });
  HttpClient client;
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(SendOne(client, silent.RequestTo()).outcome, Outcome::kNotSent);
    HttpRequest request(server.url(), "x");
    // Whoever overlooks that it is connected notices when the time to connect is over.
    request.connect_timeout = absl::Seconds(60);
    request.timeout = absl::Seconds(10);
    const HttpReply reply = SendOne(client, std::move(request));
    EXPECT_EQ(reply.outcome, Outcome::kAnswered) << reply.error;
  }
}

TEST(HttpFailureTest, BodyOverTheLimitIsTooLong) {
  HttpServer server([](const HttpServer::Request& request) {
    HttpServer::Response response(std::string(request.target == "/fits" ? 5'000 : 5'001, 'b'));
    if (request.target == "/chunked") response.manner = Manner::kChunked;
    response.gzip = request.target == "/gzip";
    return response;
  });
  HttpClient client;
  for (const char* target : {"/fits", "/whole", "/chunked", "/gzip"}) {
    HttpRequest request(server.url() + target, "x");
    request.max_reply_bytes = 5'000;
    const HttpReply reply = SendOne(client, request);
    const bool fits = request.url.ends_with("/fits");
    EXPECT_EQ(reply.outcome, fits ? Outcome::kAnswered : Outcome::kTooLong) << target;
    EXPECT_EQ(reply.body.size(), fits ? 5'000 : 0) << target;
  }
}

TEST(HttpFailureTest, HeadersWithoutEndAreTooLong) {
  HttpServer::Response response("{}");
  for (int i = 0; i < 10; ++i) response.headers.emplace_back("X-Long", std::string(50'000, 'h'));
  EXPECT_EQ(ReplyAfter(response).outcome, Outcome::kTooLong);
}

TEST(HttpFailureTest, DestructionEndsWhatIsInFlight) {
  HttpServer server([](const HttpServer::Request&) { return HttpServer::Response(Manner::kNever); });
  auto client = std::make_unique<HttpClient>();
  boost::asio::io_context loop;
  constexpr int kCalls = 100;
  int lost = 0;
  for (int i = 0; i < kCalls; ++i) {
    boost::asio::co_spawn(loop, client->Send(HttpRequest(server.url(), "x")),
                          [&](std::exception_ptr, const HttpReply& reply) {
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

TEST(HttpFailureTest, DestructionRightAfterSendingCompletesEveryCall) {
  HttpServer server([](const HttpServer::Request&) { return HttpServer::Response("{}"); });
  for (int round = 0; round < 20; ++round) {
    auto client = std::make_unique<HttpClient>();
    boost::asio::io_context loop;
    int done = 0;
    for (int i = 0; i < 10; ++i) {
      boost::asio::co_spawn(loop, client->Send(HttpRequest(server.url(), "x")),
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
