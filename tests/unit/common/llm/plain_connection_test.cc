#include "common/llm/plain_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "common/llm/plain_server.h"
#include "tests/support/http_server.h"
#include "tests/support/silent_server.h"

namespace quern::llm {
namespace {

using boost::asio::ip::tcp;
using ::quern::testing::HttpServer;
using ::quern::testing::SilentServer;
using ::quern::testing::UnusedPort;
using ::testing::EndsWith;
using Outcome = HttpReply::Outcome;

class KeepReply : public ReplyWaiter {
 public:
  explicit KeepReply(std::optional<HttpReply>* reply) : reply_(reply) {}
  void Complete(HttpReply reply) override { *reply_ = std::move(reply); }

 private:
  std::optional<HttpReply>* const reply_;
};

class PlainConnectionTest : public ::testing::Test {
 protected:
  static tcp::endpoint At(uint16_t port) { return {boost::asio::ip::address_v4::loopback(), port}; }

  // What becomes of a call when its server's name stands for these addresses.
  HttpReply CallTo(const PlainConnection::Addresses& addresses) {
    std::optional<HttpReply> reply;
    HttpRequest request("http://model.example/v1", "x");
    request.connect_timeout = absl::Seconds(1);
    const auto connection = std::make_shared<PlainConnection>(loop_, &server_);
    connection->Await(std::make_shared<PlainCall>(request, std::make_unique<KeepReply>(&reply)));
    connection->Connect(addresses);
    while (!reply) loop_.run_one();
    return *std::move(reply);
  }

  boost::asio::io_context loop_;
  const std::string user_agent_ = "test";
  PlainServer server_{loop_, "model.example", "80", user_agent_};
};

TEST_F(PlainConnectionTest, TriesOneAddressAfterAnother) {
  std::string host;
  HttpServer good([&](const HttpServer::Request& request) {
    host = request.Header("host");
    return HttpServer::Response("{}");
  });
  const SilentServer silent;
  const HttpReply reply = CallTo({At(UnusedPort()), silent.endpoint(), At(good.port())});
  EXPECT_EQ(reply.outcome, Outcome::kAnswered) << reply.error;
  EXPECT_EQ(host, "model.example");
  EXPECT_EQ(CallTo({At(UnusedPort()), silent.endpoint()}).outcome, Outcome::kNotSent);
}

TEST_F(PlainConnectionTest, TellsWhyTheLastAddressFailed) {
  const HttpReply reply = CallTo({At(UnusedPort()), At(UnusedPort())});
  EXPECT_EQ(reply.outcome, Outcome::kNotSent);
  EXPECT_THAT(reply.error, EndsWith("model.example:80: cannot connect: Connection refused"));
}

}  // namespace
}  // namespace quern::llm
