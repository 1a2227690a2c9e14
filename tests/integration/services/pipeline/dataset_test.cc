#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/services/pipeline/support/harness.h"

namespace quern::pipeline {
namespace {

namespace fs = std::filesystem;

class DatasetTest : public ::testing::Test {
 protected:
  // Runs MakeEntries(count) through the fake stages to the end.
  v1::Job RunJob(const std::string& job_id, uint64_t count, const v1::JobSpec& spec = SmallSpec()) {
    CreateJob(harness_.stub(), job_id, spec);
    IngestAll(harness_.stub(), job_id, "s", MakeEntries(count));
    CloseInput(harness_.stub(), job_id);
    return WaitForState(harness_.stub(), job_id, v1::JOB_STATE_COMPLETED);
  }

  // Ids of the records that a call sends, up to `limit` messages; leaves the last token in `token`.
  std::vector<std::string> Read(const std::string& job_id, std::string* token, bool follow = false,
                                grpc::Status* status = nullptr) {
    v1::ReadRecordsRequest request;
    request.set_name("jobs/" + job_id);
    request.set_token(*token);
    request.set_follow(follow);
    grpc::ClientContext context;
    auto stream = harness_.stub().ReadRecords(&context, request);
    std::vector<std::string> ids;
    v1::ReadRecordsResponse response;
    while (stream->Read(&response)) {
      for (const v1::RecordRow& record : response.records()) ids.push_back(record.id());
      *token = response.token();
    }
    const grpc::Status ended = stream->Finish();
    if (status != nullptr) *status = ended;
    return ids;
  }

  v1::ListDeadLettersResponse List(const std::string& job_id, int32_t page_size, const std::string& token,
                                   const std::string& reason = "") {
    v1::ListDeadLettersRequest request;
    request.set_name("jobs/" + job_id);
    request.set_page_size(page_size);
    request.set_page_token(token);
    request.set_reason(reason);
    grpc::ClientContext context;
    v1::ListDeadLettersResponse response;
    const grpc::Status status = harness_.stub().ListDeadLetters(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  grpc::Status Redrive(const std::string& job_id, const std::vector<std::string>& ids,
                       v1::RedriveDeadLettersResponse* response) {
    v1::RedriveDeadLettersRequest request;
    request.set_name("jobs/" + job_id);
    *request.mutable_ids() = {ids.begin(), ids.end()};
    grpc::ClientContext context;
    return harness_.stub().RedriveDeadLetters(&context, request, response);
  }

  PipelineHarness harness_;
  FakeStages stages_{harness_.redis().url()};
};

TEST_F(DatasetTest, EveryDocumentEndsOnceAndCountsEqualRows) {
  v1::JobSpec spec = SmallSpec();
  spec.mutable_queue()->set_lanes(3);
  const v1::Job job = RunJob("j", 1000, spec);
  const auto expected = ExpectedKeys(1000);
  EXPECT_EQ(KeysOf(harness_.dataset("j")), expected);
  EXPECT_TRUE(job.counts().reconciles());
  EXPECT_EQ(job.counts().items().records(), expected.at("records").size());
  EXPECT_EQ(job.counts().documents().dead(), 100u);
  // The manifest says the same, for those who have no Redis.
  const auto manifest = dataset::LoadManifest(harness_.dataset("j"));
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->state, v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(manifest->counts.items().records(), expected.at("records").size());
  EXPECT_EQ(manifest->counts.documents().accepted(), 1000u);
  EXPECT_EQ(manifest->counts.documents().in_flight(), 0u);
  EXPECT_EQ(manifest->rows(dataset::RowKind::kRecords), expected.at("records").size());
  // Nothing stays behind in Redis.
  EXPECT_EQ(job.counts().documents_held(), 0u);
  EXPECT_EQ(job.counts().bytes_held(), 0u);
}

TEST_F(DatasetTest, RecordsAreReadFromAnyTokenOn) {
  RunJob("j", 2000);
  std::string token;
  const std::vector<std::string> all = Read("j", &token);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()), ExpectedKeys(2000).at("records"));
  EXPECT_TRUE(Read("j", &token).empty());
  // From the token of the first message on: exactly the rest.
  v1::ReadRecordsRequest request;
  request.set_name("jobs/j");
  grpc::ClientContext context;
  auto stream = harness_.stub().ReadRecords(&context, request);
  v1::ReadRecordsResponse first;
  ASSERT_TRUE(stream->Read(&first));
  context.TryCancel();
  stream->Finish();
  ASSERT_LT(static_cast<size_t>(first.records_size()), all.size());
  token = first.token();
  const std::vector<std::string> rest = Read("j", &token);
  EXPECT_EQ(rest, std::vector<std::string>(all.begin() + first.records_size(), all.end()));
  grpc::Status status;
  token = "x" + first.token();
  Read("j", &token, false, &status);
  EXPECT_EQ(ReasonOf(status), "INVALID_TOKEN");
}

// The reader begins before the first record exists and lives through the compaction at the end.
TEST_F(DatasetTest, AFollowerSeesEachRecordOnceAndEndsWithTheJob) {
  CreateJob(harness_.stub(), "j", SmallSpec());
  std::vector<std::string> seen;
  std::thread follower([&] {
    std::string token;
    seen = Read("j", &token, true);
  });
  for (uint64_t part = 0; part < 5; ++part) {
    std::vector<v1::IngestEntry> entries = MakeEntries(100 * (part + 1));
    entries.erase(entries.begin(), entries.begin() + static_cast<long>(100 * part));
    IngestAll(harness_.stub(), "j", "s", entries);
    WaitForJob(harness_.stub(), "j", [&](const v1::Job& job) { return job.counts().items().records() > 150 * part; });
  }
  CloseInput(harness_.stub(), "j");
  follower.join();
  EXPECT_EQ(seen.size(), ExpectedKeys(500).at("records").size());
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()), ExpectedKeys(500).at("records"));
}

TEST_F(DatasetTest, WatchTellsTheJobUntilItEnds) {
  CreateJob(harness_.stub(), "j", SmallSpec());
  v1::WatchJobRequest request;
  request.set_name("jobs/j");
  request.set_interval_ms(100);
  grpc::ClientContext context;
  auto stream = harness_.stub().WatchJob(&context, request);
  v1::WatchJobResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.job().state(), v1::JOB_STATE_RUNNING);
  IngestAll(harness_.stub(), "j", "s", MakeEntries(200));
  CloseInput(harness_.stub(), "j");
  bool moved = false;
  while (stream->Read(&response)) {
    moved = moved || response.documents_per_second() > 0;
    EXPECT_TRUE(response.job().counts().reconciles()) << response.job().counts().ShortDebugString();
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(moved);
  EXPECT_EQ(response.job().state(), v1::JOB_STATE_COMPLETED);
  // What a watcher is told at the end is final on disk.
  EXPECT_EQ(dataset::LoadManifest(harness_.dataset("j"))->state, v1::JOB_STATE_COMPLETED);
  request.set_interval_ms(99);
  grpc::ClientContext refused;
  auto bad = harness_.stub().WatchJob(&refused, request);
  EXPECT_FALSE(bad->Read(&response));
  EXPECT_EQ(ReasonOf(bad->Finish()), "INVALID_INTERVAL");
}

TEST_F(DatasetTest, DeadLettersAreListedInPagesAndRedrivenOnce) {
  RunJob("j", 100);
  std::set<std::string> listed;
  std::string token;
  do {
    const v1::ListDeadLettersResponse page = List("j", 3, token);
    EXPECT_LE(page.dead_letters_size(), 3);
    for (const v1::DeadLetterRow& letter : page.dead_letters()) {
      EXPECT_TRUE(listed.insert(letter.id()).second);
      EXPECT_EQ(letter.reason(), "TEST_DEATH");
      EXPECT_NE(letter.document().text(), "");
    }
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(listed, ExpectedKeys(100).at("dead-letters"));
  EXPECT_EQ(List("j", 0, "", "OTHER").dead_letters_size(), 0);

  v1::RedriveDeadLettersResponse redriven;
  ASSERT_TRUE(Redrive("j", {"d7", "d17"}, &redriven).ok());
  EXPECT_EQ(redriven.redriven(), 2u);
  ASSERT_TRUE(Redrive("j", {}, &redriven).ok());
  EXPECT_EQ(redriven.redriven(), 8u);
  EXPECT_EQ(redriven.skipped(), 2u);
  EXPECT_EQ(ReasonOf(Redrive("j", {"nobody"}, &redriven)), "NO_SUCH_DEAD_LETTER");
  const v1::Job job = WaitForJob(harness_.stub(), "j", [](const v1::Job& now) {
    return now.state() == v1::JOB_STATE_COMPLETED && now.counts().documents().dead() == 0;
  });
  // In their second life they pass.
  EXPECT_EQ(job.counts().documents().expanded(), 90u);
  EXPECT_TRUE(job.counts().reconciles());
  EXPECT_EQ(List("j", 0, "").dead_letters_size(), 0);
  EXPECT_TRUE(KeysOf(harness_.dataset("j"))["records"].contains("d7#1"));
}

TEST_F(DatasetTest, TenRedrivesAtOnceSendEachLetterOnce) {
  RunJob("j", 100);
  std::vector<std::thread> threads;
  std::vector<v1::RedriveDeadLettersResponse> responses(10);
  for (auto& response : responses) threads.emplace_back([&] { EXPECT_TRUE(Redrive("j", {}, &response).ok()); });
  for (std::thread& thread : threads) thread.join();
  uint64_t redriven = 0;
  for (const auto& response : responses) redriven += response.redriven();
  EXPECT_EQ(redriven, 10u);
}

TEST_F(DatasetTest, ACancelledJobKeepsWhatIsWrittenAndCountsTheRest) {
  v1::JobSpec spec = SmallSpec();
  CreateJob(harness_.stub(), "j", spec);
  IngestAll(harness_.stub(), "j", "s", MakeEntries(100));
  WaitForJob(harness_.stub(), "j", [](const v1::Job& job) { return job.counts().items().records() == 150; });
  grpc::ClientContext pause;
  v1::PauseJobRequest pause_request;
  pause_request.set_name("jobs/j");
  v1::Job job;
  ASSERT_TRUE(harness_.stub().PauseJob(&pause, pause_request, &job).ok());
  IngestAll(harness_.stub(), "j", "s2", [] {
    auto entries = MakeEntries(50);
    for (auto& entry : entries) entry.mutable_document()->set_id("later-" + entry.document().id());
    return entries;
  }());
  grpc::ClientContext cancel;
  v1::CancelJobRequest cancel_request;
  cancel_request.set_name("jobs/j");
  ASSERT_TRUE(harness_.stub().CancelJob(&cancel, cancel_request, &job).ok());
  job = WaitForState(harness_.stub(), "j", v1::JOB_STATE_CANCELLED);
  EXPECT_TRUE(job.counts().reconciles());
  EXPECT_EQ(job.counts().documents().accepted(), 150u);
  EXPECT_GE(job.counts().documents().cancelled(), 40u);  // at most a few had been started before the pause
  EXPECT_EQ(job.counts().documents().in_flight() + job.counts().items().in_flight(), 0u);
  EXPECT_EQ(dataset::LoadManifest(harness_.dataset("j"))->state, v1::JOB_STATE_CANCELLED);
  v1::RedriveDeadLettersResponse redriven;
  EXPECT_EQ(Redrive("j", {}, &redriven).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(DatasetTest, DeleteRemovesTheDatasetOnlyWhenAskedTo) {
  RunJob("keep", 10);
  RunJob("drop", 10);
  v1::DeleteJobRequest request;
  v1::DeleteJobResponse response;
  request.set_name("jobs/keep");
  grpc::ClientContext keep;
  ASSERT_TRUE(harness_.stub().DeleteJob(&keep, request, &response).ok());
  EXPECT_EQ(KeysOf(harness_.dataset("keep")), ExpectedKeys(10));
  std::string token;
  EXPECT_EQ(Read("keep", &token).size(), ExpectedKeys(10).at("records").size());  // still readable
  request.set_name("jobs/drop");
  request.set_delete_dataset(true);
  for (int i = 0; i < 2; ++i) {
    grpc::ClientContext drop;
    ASSERT_TRUE(harness_.stub().DeleteJob(&drop, request, &response).ok());
  }
  EXPECT_FALSE(fs::exists(harness_.dataset("drop") + "/manifest.json"));
  EXPECT_FALSE(fs::exists(harness_.dataset("drop") + "/records"));
  // A job that would write over another one's rows is refused; where they are gone, it is not.
  grpc::ClientContext again;
  v1::CreateJobRequest create;
  create.set_job_id("keep");
  v1::Job job;
  const grpc::Status refused = harness_.stub().CreateJob(&again, create, &job);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(refused), "DATASET_EXISTS");
  CreateJob(harness_.stub(), "drop", SmallSpec());
}

TEST_F(DatasetTest, EndedJobsLeaveRedisAfterTheirRetentionAndNotBefore) {
  RunJob("j", 10);
  service::Metrics metrics("test");
  service::JobMetrics job_metrics(&metrics);
  Housekeeper housekeeper(harness_.options(), &job_metrics);
  const auto jobs = [&] {
    grpc::ClientContext context;
    v1::ListJobsResponse list;
    EXPECT_TRUE(harness_.stub().ListJobs(&context, {}, &list).ok());
    return list.jobs_size();
  };
  ASSERT_TRUE(housekeeper.Look(absl::Now() + absl::Hours(24 * 7 - 1)).ok());
  EXPECT_EQ(jobs(), 1);
  ASSERT_TRUE(housekeeper.Look(absl::Now() + absl::Hours(24 * 7 + 1)).ok());
  EXPECT_EQ(jobs(), 0);
  EXPECT_EQ(KeysOf(harness_.dataset("j")), ExpectedKeys(10));
}

}  // namespace
}  // namespace quern::pipeline
