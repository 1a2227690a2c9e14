// Batches of several processes over a real Redis and a provider: a call is paid once, whoever asks, and a job's state
// decides what is sent.
#include "common/llm/batch/desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "common/queue/keys.h"
#include "common/stage/batch_store.h"
#include "services/simulator/batches.h"
#include "tests/integration/queue/support/job_fixture.h"
#include "tests/integration/queue/support/memory_sink.h"
#include "tests/support/wait_until.h"
#include "tests/unit/common/llm/client_calls.h"

namespace quern::testing {
namespace {

using ::testing::HasSubstr;

class DeskTest : public JobFixture {
 protected:
  // As durable at once as a batch waits for.
  DeskTest() : JobFixture({"--appendfsync", "always"}) {}

  // What a process that runs stages has.
  struct Process {
    explicit Process(const std::string& redis) : desk(stage::MakeBatchStore(At(redis))) {}

    llm::TestLedger ledger;
    batch::Desk desk;
    llm::Hub hub{&ledger, nullptr, nullptr, nullptr, &desk};
  };

  void Start(absl::Duration batch_time) {
    simulator::BatchOptions options;
    options.time = batch_time;
    provider_ = std::make_unique<simulator::Batches>(options, [this](const std::string&) {
      ++calls_;
      return simulator::Reply(200, CompletionBody("4"));
    });
    server_ = std::make_unique<HttpServer>([this](const HttpServer::Request& request) {
      if (request.target == "/v1/chat/completions") {
        ++direct_calls_;
        return HttpServer::Response(CompletionBody("4"));
      }
      if (absl::Now() < busy_until_) {
        ++turned_away_;
        HttpServer::Response busy = ErrorResponse(429, "too many requests");
        busy.headers.emplace_back("Retry-After", "5");
        return busy;
      }
      const auto reply = provider_->Handle(request.method, request.target, request.body);
      return reply ? HttpServer::Response(reply->body, reply->status) : HttpServer::Response("", 404);
    });
    asking_ = JobAsking({server_->url() + "/v1"});
    v1::BatchSpec* batch = asking_.mutable_models(0)->mutable_batch();
    batch->set_max_calls(100);
    batch->mutable_max_wait()->set_nanos(100'000'000);
    batch->mutable_poll_interval()->set_nanos(100'000'000);
    CreateJob(asking_);
  }

  // The reply's text, or the reason why there is none, once it is there.
  std::future<std::string> Ask(Process& process, const llm::ChatRequest& request = llm::Question()) {
    return std::async(std::launch::async, [this, &process, request] {
      return llm::TextOrReason(llm::AskOnce(*llm::ClientOf(&process.hub, asking_), request));
    });
  }

  // The provider's list of batches.
  std::string Listed() { return provider_->Handle("GET", "/v1/batches", "")->body; }

  std::atomic<int> calls_ = 0;
  std::atomic<int> direct_calls_ = 0;
  // Until then the batch API turns everybody away.
  absl::Time busy_until_ = absl::InfinitePast();
  std::atomic<int> turned_away_ = 0;
  std::unique_ptr<simulator::Batches> provider_;
  std::unique_ptr<HttpServer> server_;
  v1::JobSpec asking_;
};

TEST_F(DeskTest, ProcessesThatAskTheSameAtOnceShareOneCallAndOneBill) {
  Start(absl::Milliseconds(500));
  Process one(redis_.url());
  Process other(redis_.url());
  std::vector<std::future<std::string>> asked;
  for (int i = 0; i < 3; ++i) {
    asked.push_back(Ask(one));
    asked.push_back(Ask(other));
  }
  for (auto& each : asked) EXPECT_EQ(each.get(), "4");
  EXPECT_EQ(calls_, 1);
  EXPECT_EQ(one.ledger.total().calls() + other.ledger.total().calls(), 1);
  EXPECT_EQ(one.ledger.total().input_tokens() + other.ledger.total().input_tokens(), 10);
}

TEST_F(DeskTest, AReplyThatWasTakenIsThereForTheNextProcessAndNotBilledAgain) {
  Start(absl::Milliseconds(100));
  {
    Process first(redis_.url());
    EXPECT_EQ(Ask(first).get(), "4");
  }
  Process next(redis_.url());
  EXPECT_EQ(Ask(next).get(), "4");
  EXPECT_EQ(calls_, 1);
  EXPECT_EQ(next.ledger.total().calls(), 0);
  llm::ChatRequest another_attempt = llm::Question();
  another_attempt.attempt = 1;
  EXPECT_EQ(Ask(next, another_attempt).get(), "4");
  EXPECT_EQ(calls_, 2);
  EXPECT_EQ(next.ledger.total().calls(), 1);
}

TEST_F(DeskTest, AProcessThatStopsLeavesItsBatchToTheNextOne) {
  Start(absl::Seconds(3));
  Process first(redis_.url());
  auto asked = Ask(first);
  WaitUntil([&] { return calls_ == 1; }, "the batch is created");
  const absl::Time stopped = absl::Now();
  first.hub.Stop();
  EXPECT_EQ(asked.get(), "DRAINING");
  EXPECT_LT(absl::Now() - stopped, absl::Seconds(2));
  Process next(redis_.url());
  EXPECT_EQ(Ask(next).get(), "4");
  EXPECT_EQ(calls_, 1);
}

TEST_F(DeskTest, APausedJobSendsNothingUntilItIsResumed) {
  Start(absl::Milliseconds(100));
  ASSERT_TRUE(jobs_.SetState("job", v1::JOB_STATE_PAUSED, "").ok());
  Process process(redis_.url());
  auto asked = Ask(process);
  EXPECT_EQ(asked.wait_for(std::chrono::seconds(1)), std::future_status::timeout);
  EXPECT_EQ(server_->requests(), 0);
  EXPECT_EQ(process.desk.counts().calls_gathered, 1u);
  ASSERT_TRUE(jobs_.SetState("job", v1::JOB_STATE_RUNNING, "").ok());
  EXPECT_EQ(asked.get(), "4");
}

TEST_F(DeskTest, TellsWhatIsUnderWay) {
  Start(absl::Seconds(2));
  Process process(redis_.url());
  auto asked = Ask(process);
  WaitUntil([&] { return process.desk.counts().batches_sent == 1; }, "the batch is under way");
  EXPECT_EQ(process.desk.counts().calls_sent, 1u);
  EXPECT_EQ(process.desk.counts().calls_gathered, 0u);
  EXPECT_EQ(asked.get(), "4");
  WaitUntil([&] { return process.desk.counts().batches_sent == 0; }, "it is over");
}

TEST_F(DeskTest, WaitsAsLongAsTheProviderAsksTo) {
  Start(absl::Milliseconds(100));
  busy_until_ = absl::Now() + absl::Seconds(4);
  Process process(redis_.url());
  EXPECT_EQ(Ask(process).get(), "4");
  EXPECT_GE(absl::Now(), busy_until_);
  EXPECT_EQ(turned_away_, 1) << "by backing off alone it would have asked several times";
}

TEST_F(DeskTest, ACancelledJobCancelsItsBatches) {
  Start(absl::Hours(1));
  Process process(redis_.url());
  auto asked = Ask(process);
  WaitUntil([&] { return calls_ == 1; }, "the batch is created");
  ASSERT_TRUE(jobs_.SetState("job", v1::JOB_STATE_CANCELLING, "").ok());
  EXPECT_EQ(asked.get(), "DRAINING");
  WaitUntil([&] { return Listed().find("\"cancelled\"") != std::string::npos; }, "the provider hears of it");
}

TEST_F(DeskTest, ASpentBudgetIsSeenBeforeAnythingIsSent) {
  Start(absl::Milliseconds(100));
  Process process(redis_.url());
  process.ledger.AnswerCheck(MakeError(absl::StatusCode::kResourceExhausted, "BUDGET_SPENT", "spent"));
  EXPECT_EQ(Ask(process).get(), "BUDGET_SPENT");
  EXPECT_EQ(server_->requests(), 0);
}

TEST_F(DeskTest, WithoutAJobTheModelIsCalledAtOnce) {
  Start(absl::Hours(1));
  Process process(redis_.url());
  llm::ChatRequest request = llm::Question();
  request.job = "";
  EXPECT_EQ(Ask(process, request).get(), "4");
  EXPECT_EQ(direct_calls_, 1);
}

TEST_F(DeskTest, ARedisThatIsAwayIsWaitedFor) {
  Start(absl::Seconds(1));
  Process process(redis_.url());
  auto asked = Ask(process);
  WaitUntil([&] { return calls_ == 1; }, "the batch is created");
  redis_.Kill();
  EXPECT_EQ(asked.wait_for(std::chrono::seconds(2)), std::future_status::timeout);
  redis_.Start();
  EXPECT_EQ(asked.get(), "4");
  EXPECT_EQ(calls_, 1);
}

TEST_F(DeskTest, ADeletedJobKeepsNoKey) {
  Start(absl::Milliseconds(100));
  {
    Process process(redis_.url());
    EXPECT_EQ(Ask(process).get(), "4");
  }
  queue::Redis redis(At(redis_.url()));
  const auto exist = [&] {
    const auto count = redis.Command({"EXISTS", queue::BatchesKey("job"), queue::BatchCallsKey("job")});
    return count.ok() ? count->integer : -1;
  };
  EXPECT_EQ(exist(), 2);
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  MemorySink(At(redis_.url()), "job", 1, false).RunUntilEnded(absl::Seconds(20));
  ASSERT_TRUE(jobs_.Delete("job").ok());
  EXPECT_EQ(exist(), 0);
}

}  // namespace
}  // namespace quern::testing
