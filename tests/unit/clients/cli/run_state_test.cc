#include "clients/cli/run_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "clients/cli/run_output.h"
#include "common/base/error.h"
#include "tests/unit/common/dataset/temporary_folder.h"

namespace quern::cli {
namespace {

using dataset::TemporaryFolder;

using ::testing::HasSubstr;

RunState Sample() {
  dataset::Corpus corpus;
  corpus.sources.resize(2);
  corpus.sources[0].name = "a \"quoted\" name.jsonl";
  corpus.sources[0].bytes = 10;
  corpus.sources[1].name = "b.jsonl";
  corpus.sources[1].bytes = uint64_t{1} << 40;
  return MakeRunState("run", "0123", "", corpus, 7);
}

TEST(RunStateTest, ComesBackAsItWasWritten) {
  TemporaryFolder folder;
  RunState state = Sample();
  state.left.emplace().set_state(v1::JOB_STATE_COMPLETED);
  state.left->mutable_counts()->mutable_items()->set_records(uint64_t{1} << 60);
  ASSERT_TRUE(WriteRunState(folder.path(), state).ok());
  const auto found = ReadRunState(folder.path());
  ASSERT_TRUE(found.ok() && found->has_value()) << found.status();
  EXPECT_TRUE(CheckSameRun(**found, state, {}, folder.path()).ok());
  EXPECT_EQ((*found)->left->counts().items().records(), uint64_t{1} << 60);
}

TEST(RunStateTest, APasswordIsNotWrittenDown) {
  EXPECT_EQ(MakeRunState("run", "0", "redis://:secret@host:6379/1", {}, {}).redis, "redis://host:6379/1");
}

TEST(RunStateTest, AnEmptyFolderHoldsNoRunAndAFullOneIsRefused) {
  TemporaryFolder folder;
  EXPECT_FALSE(ReadRunState(folder.path())->has_value());
  folder.Write("thesis.tex", "mine");
  const auto found = ReadRunState(folder.path());
  EXPECT_EQ(ErrorReason(found.status()), "OTHER_JOB");
}

TEST(RunStateTest, ADamagedFileIsAnErrorAndNotAFreshStart) {
  TemporaryFolder folder;
  folder.Write("run.json", "{\"job\": \"run\"");
  EXPECT_TRUE(absl::IsDataLoss(ReadRunState(folder.path()).status()));
}

TEST(RunStateTest, EveryDifferenceIsNamed) {
  const RunState found = Sample();
  const auto why = [&](auto change) {
    RunState wanted = Sample();
    change(wanted);
    const absl::Status status = CheckSameRun(found, wanted, {}, "out");
    EXPECT_EQ(ErrorReason(status), "OTHER_JOB");
    return std::string(status.message());
  };
  EXPECT_THAT(why([](RunState& wanted) { wanted.spec_hash = "4567"; }), HasSubstr("another spec"));
  EXPECT_THAT(why([](RunState& wanted) { wanted.limit.reset(); }), HasSubstr("another --limit"));
  EXPECT_THAT(why([](RunState& wanted) { wanted.sources.pop_back(); }), HasSubstr("2 sources"));
  EXPECT_THAT(why([](RunState& wanted) { wanted.sources[1].first = "c.jsonl"; }), HasSubstr("c.jsonl"));
  EXPECT_THAT(why([](RunState& wanted) { wanted.sources[1].second = 3; }), HasSubstr("3"));
  EXPECT_THAT(why([](RunState& wanted) { wanted.job_id = "other"; }), HasSubstr("job 'run'"));
}

TEST(RunOutputTest, OneRunAtATimeWorksOnAFolder) {
  TemporaryFolder folder;
  {
    const auto first = OpenRunOutput(folder.path());
    ASSERT_TRUE(first.ok()) << first.status();
    const auto second = OpenRunOutput(folder.path());
    EXPECT_EQ(ErrorReason(second.status()), "OUTPUT_LOCKED");
    EXPECT_THAT(std::string(second.status().message()), HasSubstr(std::to_string(getpid())));
  }
  EXPECT_TRUE(OpenRunOutput(folder.path()).ok());
}

TEST(RunOutputTest, AFolderThatCannotBeMadeIsUnusable) {
  TemporaryFolder folder;
  const std::string file = folder.Write("file", "");
  EXPECT_EQ(ErrorReason(OpenRunOutput(file + "/out").status()), "OUTPUT_UNUSABLE");
}

}  // namespace
}  // namespace quern::cli
