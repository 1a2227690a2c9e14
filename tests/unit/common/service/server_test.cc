#include "common/service/server.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/service/metrics.h"
#include "quern/v1/stages.grpc.pb.h"
#include "tests/support/rpc/health.h"

namespace quern::service {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::Health;
using testing::HealthOf;
using testing::HealthWatcher;

constexpr char kFilter[] = "quern.v1.FilterService";

// Keeps a document whose text is "keep"; holds the call while it is "wait".
class TestFilter : public v1::FilterService::CallbackService {
 public:
  grpc::ServerUnaryReactor* FilterDocument(grpc::CallbackServerContext* context,
                                           const v1::FilterDocumentRequest* request,
                                           v1::FilterDocumentResponse* response) override {
    auto* reactor = context->DefaultReactor();
    if (request->document().text() == "wait") {
      waiting.Notify();
      held = reactor;
      return reactor;
    }
    response->mutable_kept()->set_language("en");
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  absl::Notification waiting;
  grpc::ServerUnaryReactor* held = nullptr;
};

class ServerTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Server>> Start(const std::string& address) {
    ServerOptions options;
    options.address = address;
    options.max_message_bytes = 1 << 20;
    return Server::Start(options, {&filter_}, &metrics_);
  }

  static grpc::Status Filter(const std::shared_ptr<grpc::Channel>& channel, const std::string& text) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    v1::FilterDocumentRequest request;
    request.mutable_document()->set_text(text);
    v1::FilterDocumentResponse response;
    return v1::FilterService::NewStub(channel)->FilterDocument(&context, request, &response);
  }

  static std::shared_ptr<grpc::Channel> Connect(const Server& server) {
    return grpc::CreateChannel(server.address(), grpc::InsecureChannelCredentials());
  }

  Metrics metrics_{"quern-test"};
  TestFilter filter_;
};

TEST_F(ServerTest, HealthAnswersForEveryServiceAndChangesWithServing) {
  const auto server = Start("127.0.0.1:0");
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_THAT((*server)->address(), ::testing::MatchesRegex("127.0.0.1:[1-9][0-9]*"));
  const auto channel = Connect(**server);
  EXPECT_EQ(HealthOf(channel, ""), Health::kNotServing);
  (*server)->SetServing(true);
  EXPECT_EQ(HealthOf(channel, ""), Health::kServing);
  EXPECT_EQ(HealthOf(channel, kFilter), Health::kServing);
  EXPECT_EQ(HealthOf(channel, "quern.v1.NoSuchService"), Health::kUnknownService);
  (*server)->SetServing(false);
  EXPECT_EQ(HealthOf(channel, kFilter), Health::kNotServing);
  EXPECT_TRUE(Filter(channel, "keep").ok());
}

TEST_F(ServerTest, APortInUseIsAClearError) {
  const auto first = Start("127.0.0.1:0");
  ASSERT_TRUE(first.ok());
  const auto second = Start((*first)->address());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorReason(second.status()), "ADDRESS_IN_USE");
  EXPECT_THAT(std::string(second.status().message()), AllOf(HasSubstr((*first)->address()), HasSubstr("--listen")));
}

TEST_F(ServerTest, ASocketInUseIsNotTakenAwayButAStaleOneIs) {
  const std::string path = ::testing::TempDir() + "/quern-server-test.sock";
  {
    const auto first = Start("unix:" + path);
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(ErrorReason(Start("unix:" + path).status()), "ADDRESS_IN_USE");
    EXPECT_TRUE(Filter(Connect(**first), "keep").ok());
  }
  unlink(path.c_str());
  EXPECT_TRUE(Start("unix:" + path).ok());
}

TEST_F(ServerTest, IllFormedAddressIsAnError) { EXPECT_EQ(ErrorReason(Start("nowhere").status()), "INVALID_ADDRESS"); }

TEST_F(ServerTest, InProcessChannelNeedsNoAddress) {
  const auto server = Start("");
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_TRUE(Filter((*server)->InProcessChannel(), "keep").ok());
}

TEST_F(ServerTest, MessagesOverTheLimitAreRefused) {
  const auto server = Start("127.0.0.1:0");
  ASSERT_TRUE(server.ok());
  EXPECT_TRUE(Filter(Connect(**server), std::string(1 << 19, 'x')).ok());
  EXPECT_EQ(Filter(Connect(**server), std::string(1 << 20, 'x')).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(ServerTest, DrainRefusesNewCallsAndFinishesThoseUnderWay) {
  const auto server = Start("127.0.0.1:0");
  ASSERT_TRUE(server.ok());
  const auto channel = Connect(**server);
  grpc::Status held;
  std::thread caller([&] { held = Filter(channel, "wait"); });
  filter_.waiting.WaitForNotification();
  std::thread drain([&] { (*server)->Drain(absl::Seconds(20)); });
  while (Filter(Connect(**server), "keep").ok()) absl::SleepFor(absl::Milliseconds(1));
  filter_.held->Finish(grpc::Status::OK);
  caller.join();
  drain.join();
  EXPECT_TRUE(held.ok()) << held.error_message();
}

// A watcher held the first drain for its whole grace, ten minutes.
TEST_F(ServerTest, WatchersOfTheHealthServiceDoNotHoldADrain) {
  const auto server = Start("127.0.0.1:0");
  ASSERT_TRUE(server.ok());
  HealthWatcher watcher(Connect(**server));
  ASSERT_TRUE(watcher.answered());
  const absl::Time begin = absl::Now();
  (*server)->Drain(absl::Seconds(100));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(50));
}

TEST_F(ServerTest, CallsAreCountedByMethodAndCode) {
  const auto server = Start("");
  ASSERT_TRUE(server.ok());
  ASSERT_TRUE(Filter((*server)->InProcessChannel(), "keep").ok());
  (*server)->Drain(absl::Seconds(20));
  const std::string text = metrics_.Text();
  EXPECT_THAT(text, HasSubstr("quern_grpc_server_started_total{method=\"FilterDocument\"} 1"));
  EXPECT_THAT(text, HasSubstr("quern_grpc_server_handled_total{code=\"OK\",method=\"FilterDocument\"} 1"));
  EXPECT_THAT(text, HasSubstr("quern_grpc_server_duration_seconds_count{method=\"FilterDocument\"} 1"));
}

}  // namespace
}  // namespace quern::service
