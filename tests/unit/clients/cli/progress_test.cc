#include "clients/cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "clients/cli/progress_display.h"

namespace quern::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::WatchJobResponse Watch(uint64_t accepted) {
  v1::WatchJobResponse watch;
  v1::Job& job = *watch.mutable_job();
  job.set_name("jobs/demo");
  job.set_state(v1::JOB_STATE_RUNNING);
  job.mutable_counts()->mutable_documents()->set_accepted(accepted);
  job.mutable_counts()->mutable_documents()->set_in_flight(500);
  job.mutable_counts()->mutable_items()->set_records(1234);
  for (int i = 0; i < 9; ++i) {
    v1::ReasonCount& reason = *job.mutable_counts()->add_rejections();
    reason.set_stage(v1::STAGE_NAME_FILTER);
    reason.set_reason("REASON_" + std::to_string(i));
    reason.set_count(static_cast<uint64_t>(10 * i + 1));
  }
  v1::StageBacklog& backlog = *job.mutable_counts()->add_backlog();
  backlog.set_stage(v1::STAGE_NAME_FILTER);
  backlog.set_entries(77);
  watch.set_documents_per_second(321);
  return watch;
}

TEST(ProgressTest, ShowsCountsRatesBacklogAndTheCommonestReasons) {
  Progress progress{Watch(10500), InputProgress{50, 100, 0, 1, false}, absl::Seconds(10)};
  std::string all;
  for (const std::string& line : ProgressLines(progress, 200, false)) all += line + "\n";
  EXPECT_THAT(all, HasSubstr("10,000 done of 10,500 accepted"));
  EXPECT_THAT(all, HasSubstr("321/s"));
  EXPECT_THAT(all, HasSubstr("1,234"));
  EXPECT_THAT(all, HasSubstr("filter 77"));
  EXPECT_THAT(all, HasSubstr("REASON_8 81"));
  EXPECT_THAT(all, Not(HasSubstr("REASON_0")));
  EXPECT_THAT(all, HasSubstr("input 50.0 %"));
}

TEST(ProgressTest, TheRestOfTheInputDecidesWhatIsLeft) {
  Progress progress{Watch(100), InputProgress{25, 100, 0, 1, false}, absl::Seconds(10)};
  EXPECT_EQ(TimeLeft(progress), absl::Seconds(30));
  progress.watch.set_eta_seconds(50);
  EXPECT_EQ(TimeLeft(progress), absl::Seconds(50));
  progress.input->closed = true;
  progress.watch.set_eta_seconds(7);
  EXPECT_EQ(TimeLeft(progress), absl::Seconds(7));
  progress.watch.clear_eta_seconds();
  EXPECT_EQ(TimeLeft(progress), std::nullopt);
}

TEST(ProgressTest, TellsWhatModelsCostAndWhichDoNotAnswer) {
  Progress progress{Watch(10500), std::nullopt, absl::Seconds(10)};
  v1::Job& job = *progress.watch.mutable_job();
  v1::ModelUsage& usage = *job.add_usage()->mutable_usage();
  usage.set_calls(1200);
  usage.set_cost(3.5);
  job.mutable_budget()->set_max_cost(10);
  v1::EndpointDown& down = *job.add_endpoints_down();
  down.set_endpoint("10.0.0.1:8000/v1 qwen");
  down.set_reason("connection refused");
  std::string all;
  for (const std::string& line : ProgressLines(progress, 200, false)) all += line + "\n";
  EXPECT_THAT(all, HasSubstr("models     1,200 calls · 3.5000 USD of 10.00 at most"));
  EXPECT_THAT(all, HasSubstr("no answer  10.0.0.1:8000/v1 qwen: connection refused"));
  EXPECT_THAT(ProgressLine(progress), HasSubstr("no answer from 10.0.0.1:8000/v1 qwen: connection refused"));
}

TEST(ProgressTest, LinesFitTheTerminal) {
  Progress progress{Watch(10500), std::nullopt, absl::Seconds(10)};
  for (const std::string& line : ProgressLines(progress, 40, false)) {
    const auto columns = std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; });
    EXPECT_LE(columns, 40) << line;
  }
}

TEST(ProgressDisplayTest, ATerminalIsRedrawnInPlace) {
  std::ostringstream err;
  Console console;
  console.err = &err;
  console.err_is_terminal = true;
  ProgressDisplay display(console);
  display.Update(Watch(1000));
  EXPECT_THAT(err.str(), Not(HasSubstr("A\x1b[J")));
  display.Update(Watch(2000));
  EXPECT_THAT(err.str(), HasSubstr("\x1b[6A\x1b[J"));
  EXPECT_THAT(err.str(), Not(HasSubstr("\x1b[1m")));
}

TEST(ProgressDisplayTest, WithoutATerminalLinesAreSpacedAndPlain) {
  std::ostringstream err;
  Console console;
  console.err = &err;
  absl::Time now = absl::FromUnixSeconds(1000);
  ProgressDisplay::Options options;
  options.now = [&now] { return now; };
  ProgressDisplay display(console, options);
  display.Update(Watch(1000));
  now += absl::Seconds(1);
  display.Update(Watch(1001));
  now += absl::Seconds(5);
  display.Update(Watch(1002));
  const std::string text = err.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(ProgressDisplayTest, PlainLinesBeginWhenThereIsSomethingToTell) {
  std::ostringstream err;
  Console console;
  console.err = &err;
  ProgressDisplay display(console);
  v1::WatchJobResponse watch;
  watch.mutable_job()->set_state(v1::JOB_STATE_RUNNING);
  display.Update(watch);
  EXPECT_EQ(err.str(), "");
  watch.mutable_job()->set_state_reason("the disk is full");
  display.Update(watch);
  EXPECT_THAT(err.str(), HasSubstr("the disk is full"));
}

TEST(ProgressDisplayTest, QuietShowsNoProgressButSaysWhatIsSaid) {
  std::ostringstream err;
  Console console;
  console.err = &err;
  console.err_is_terminal = true;
  ProgressDisplay::Options options;
  options.quiet = true;
  ProgressDisplay display(console, options);
  display.Update(Watch(1000));
  display.Say("warning");
  display.Finish();
  EXPECT_EQ(err.str(), "warning\n");
}

}  // namespace
}  // namespace quern::cli
