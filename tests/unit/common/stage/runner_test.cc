#include "common/stage/runner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <stdexcept>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "common/base/config/job_spec.h"
#include "common/base/error.h"
#include "tests/support/test_stage.h"

namespace quern::stage {
namespace {

using testing::TestStage;

v1::JobSpec Spec(uint64_t seed = 0) {
  v1::JobSpec spec;
  spec.set_seed(seed);
  return *config::ResolveJobSpec(spec);
}

StageInput Input(const std::string& text) {
  v1::Document document;
  document.set_id("d");
  document.set_text(text);
  return StageInput(std::make_shared<const v1::Document>(document), v1::WorkItem());
}

std::shared_ptr<boost::asio::thread_pool> Threads(size_t count) {
  return std::make_shared<boost::asio::thread_pool>(count);
}

class RunnerTest : public ::testing::Test {
 protected:
  Outcome RunOne(Runner* runner, const std::string& text, absl::Time deadline = absl::InfiniteFuture()) {
    Outcome result;
    absl::Notification done;
    runner->Run(
        *runner->StageFor(Spec()), Input(text),
        [&](Outcome outcome) {
          result = std::move(outcome);
          done.Notify();
        },
        deadline);
    done.WaitForNotification();
    return result;
  }

  service::Metrics metrics_{"quern-test"};
  service::StageMetrics stage_metrics_{&metrics_, v1::STAGE_NAME_FILTER};
};

TEST_F(RunnerTest, TellsWhenTheStageBeganAndEnded) {
  Runner runner(v1::STAGE_NAME_FILTER, TestStage::Factory([](const StageInput& input) -> Outcome {
                  absl::SleepFor(absl::Milliseconds(20));
                  Advance advance{{input.item}};
                  // What it found of another stage is not its own.
                  if (input.document->text() == "silent") return advance;
                  if (input.document->text() == "fault") return Fault{Fault::Of::kItem, absl::InternalError("broken")};
                  advance.outputs[0].add_trace()->set_stage(v1::STAGE_NAME_FILTER);
                  if (input.document->text() == "reject") return Reject{{}, advance.outputs[0]};
                  return advance;
                }),
                Threads(1), &stage_metrics_);
  const int64_t before = absl::ToUnixMillis(absl::Now());
  const auto check = [before](const v1::StageTrace& trace) {
    EXPECT_GE(trace.started_ms(), before);
    EXPECT_GE(trace.ended_ms(), trace.started_ms() + 15);
    EXPECT_LE(trace.ended_ms(), absl::ToUnixMillis(absl::Now()));
  };
  check(std::get<Advance>(RunOne(&runner, "keep")).outputs[0].trace(0));
  check(std::get<Reject>(RunOne(&runner, "reject")).item.trace(0));
  check(std::get<Fault>(RunOne(&runner, "fault")).trace);
  EXPECT_EQ(std::get<Advance>(RunOne(&runner, "silent")).outputs[0].trace_size(), 0);
}

TEST_F(RunnerTest, RunsOnAllItsThreadsAtOnce) {
  constexpr int kThreads = 4;
  absl::BlockingCounter meeting(kThreads);
  absl::Notification all_here;
  Runner runner(v1::STAGE_NAME_FILTER, TestStage::Factory([&](const StageInput& input) {
                  // Comes back only when all threads are here.
                  meeting.DecrementCount();
                  all_here.WaitForNotification();
                  return TestStage::Pass(input);
                }),
                Threads(kThreads), &stage_metrics_);
  absl::BlockingCounter done(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    runner.Run(*runner.StageFor(Spec()), Input("x"), [&](const Outcome&) { done.DecrementCount(); });
  }
  meeting.Wait();
  all_here.Notify();
  done.Wait();
}

TEST_F(RunnerTest, AnExceptionIsAFaultOfTheItemAndTellsNoText) {
  Runner runner(v1::STAGE_NAME_FILTER, TestStage::Factory([](const StageInput& input) -> Outcome {
                  throw std::runtime_error(input.document->text());
                }),
                Threads(1), &stage_metrics_);
  const Outcome outcome = RunOne(&runner, "canary");
  const auto* fault = std::get_if<Fault>(&outcome);
  ASSERT_NE(fault, nullptr);
  EXPECT_EQ(fault->of, Fault::Of::kItem);
  EXPECT_EQ(ErrorReason(fault->status), "INTERNAL_ERROR");
  EXPECT_EQ(fault->status.ToString().find("canary"), std::string::npos);
}

TEST_F(RunnerTest, ExpiredWorkIsNotStarted) {
  std::atomic<int> calls{0};
  Runner runner(v1::STAGE_NAME_FILTER, TestStage::Factory([&](const StageInput& input) {
                  ++calls;
                  return TestStage::Pass(input);
                }),
                Threads(1), &stage_metrics_);
  const Outcome outcome = RunOne(&runner, "x", absl::Now() - absl::Seconds(1));
  ASSERT_TRUE(std::holds_alternative<Fault>(outcome));
  EXPECT_EQ(std::get<Fault>(outcome).of, Fault::Of::kEnvironment);
  EXPECT_EQ(std::get<Fault>(outcome).status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(calls, 0);
}

TEST_F(RunnerTest, DestructionLetsRunWhatRunsAndStartsNothingMore) {
  std::atomic<int> started{0};
  absl::Notification running;
  absl::Notification go_on;
  int drained = 0;
  int advanced = 0;
  std::thread release;
  {
    Runner runner(v1::STAGE_NAME_FILTER, TestStage::Factory([&](const StageInput& input) {
                    if (++started == 1) running.Notify();
                    go_on.WaitForNotification();
                    return TestStage::Pass(input);
                  }),
                  Threads(1), &stage_metrics_);
    for (int i = 0; i < 10; ++i) {
      runner.Run(*runner.StageFor(Spec()), Input("x"), [&](const Outcome& outcome) {
        if (std::holds_alternative<Advance>(outcome)) return void(++advanced);
        EXPECT_EQ(ErrorReason(std::get<Fault>(outcome).status), "DRAINING");
        ++drained;
      });
    }
    running.WaitForNotification();
    // The one thread is held until the destructor below has begun.
    release = std::thread([&] {
      absl::SleepFor(absl::Milliseconds(50));
      go_on.Notify();
    });
  }
  release.join();
  EXPECT_EQ(advanced + drained, 10);
  EXPECT_EQ(advanced, started);
  EXPECT_LT(advanced, 10);
}

TEST_F(RunnerTest, AStageIsMadeOncePerSpec) {
  std::atomic<int> made{0};
  Runner runner(
      v1::STAGE_NAME_FILTER,
      [&](const v1::JobSpec&) -> absl::StatusOr<std::shared_ptr<Stage>> {
        ++made;
        return std::make_shared<TestStage>(&TestStage::Pass);
      },
      Threads(1), &stage_metrics_);
  const auto by_rpc = *runner.StageFor(Spec());
  EXPECT_EQ(*runner.StageFor(Spec()), by_rpc);
  const auto of_job = std::make_shared<const v1::JobSpec>(Spec());
  EXPECT_EQ(*runner.StageFor(of_job), by_rpc);
  EXPECT_EQ(*runner.StageFor(of_job), by_rpc);
  EXPECT_EQ(made, 1);
  EXPECT_NE(*runner.StageFor(Spec(1)), by_rpc);
  EXPECT_EQ(made, 2);
}

TEST_F(RunnerTest, OldStagesMakeRoomForNewOnes) {
  std::atomic<int> made{0};
  Runner runner(
      v1::STAGE_NAME_FILTER,
      [&](const v1::JobSpec&) -> absl::StatusOr<std::shared_ptr<Stage>> {
        ++made;
        return std::make_shared<TestStage>(&TestStage::Pass);
      },
      Threads(1), &stage_metrics_);
  for (uint64_t seed = 0; seed < 100; ++seed) ASSERT_TRUE(runner.StageFor(Spec(seed)).ok());
  EXPECT_TRUE(runner.StageFor(Spec(99)).ok());
  EXPECT_EQ(made, 100);
  EXPECT_TRUE(runner.StageFor(Spec(0)).ok());
  EXPECT_EQ(made, 101);
}

TEST_F(RunnerTest, AnErrorOfTheFactoryIsNotKept) {
  int calls = 0;
  Runner runner(
      v1::STAGE_NAME_FILTER,
      [&](const v1::JobSpec&) -> absl::StatusOr<std::shared_ptr<Stage>> {
        if (++calls == 1) return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC", "no");
        return std::make_shared<TestStage>(&TestStage::Pass);
      },
      Threads(1), &stage_metrics_);
  EXPECT_EQ(ErrorReason(runner.StageFor(Spec()).status()), "INVALID_SPEC");
  EXPECT_TRUE(runner.StageFor(Spec()).ok());
}

}  // namespace
}  // namespace quern::stage
