#include "tests/integration/services/pipeline/support/harness.h"

#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "common/base/config/job_spec.h"
#include "common/base/error.h"
#include "common/dataset/shard_reader.h"
#include "common/service/grpc_status.h"

namespace quern::pipeline {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

// Deadline of single calls in tests.
void SetDeadline(grpc::ClientContext* context) { context->set_deadline(absl::ToChronoTime(absl::Now() + kPatience)); }

bool Has(const queue::Delivery& delivery, const char* word) {
  return absl::StrContains(delivery.document()->text(), word);
}

void Reject(queue::Delivery delivery, v1::StageName stage) {
  v1::Rejection rejection;
  rejection.set_stage(stage);
  rejection.set_reason("TEST_REJECTED");
  v1::WorkItem item = delivery.item();
  std::move(delivery).Reject(std::move(rejection), std::move(item));
}

void Filter(queue::Delivery delivery) {
  if (Has(delivery, "reject")) return Reject(std::move(delivery), v1::STAGE_NAME_FILTER);
  if (Has(delivery, "die") && delivery.item().generation() == 0) {
    return std::move(delivery).Die("TEST_DEATH", "the test says so");
  }
  v1::WorkItem item = delivery.item();
  std::move(delivery).Advance({std::move(item)});
}

void AssignPersonas(queue::Delivery delivery) {
  std::vector<v1::WorkItem> items(2, delivery.item());
  for (uint32_t i = 0; i < items.size(); ++i) {
    items[i].set_ordinal(i);
    items[i].set_expanded(true);
    items[i].set_domain("Education");
    items[i].mutable_persona()->set_description("a tester");
  }
  std::move(delivery).Advance(std::move(items));
}

void Generate(queue::Delivery delivery) {
  v1::WorkItem item = delivery.item();
  item.mutable_question_answer()->set_question("What is tested?");
  item.mutable_question_answer()->set_answer("the pipeline");
  std::move(delivery).Advance({std::move(item)});
}

void Verify(queue::Delivery delivery) {
  if (Has(delivery, "half") && delivery.item().ordinal() == 1) {
    return Reject(std::move(delivery), v1::STAGE_NAME_VERIFIER);
  }
  v1::WorkItem item = delivery.item();
  std::move(delivery).Advance({std::move(item)});
}

const char* KindOf(uint64_t number) {
  switch (number % 10) {
    case 3:
      return "reject";
    case 5:
      return "half";
    case 7:
      return "die";
    default:
      return "good";
  }
}

std::unique_ptr<google::protobuf::Message> NewRow(dataset::RowKind kind) {
  if (kind == dataset::RowKind::kRecords) return std::make_unique<v1::RecordRow>();
  if (kind == dataset::RowKind::kRejections) return std::make_unique<v1::RejectionRow>();
  return std::make_unique<v1::DeadLetterRow>();
}

}  // namespace

FakeStages::FakeStages(const std::string& redis_url) {
  const std::pair<v1::StageName, void (*)(queue::Delivery)> stages[] = {{v1::STAGE_NAME_FILTER, Filter},
                                                                        {v1::STAGE_NAME_PERSONA, AssignPersonas},
                                                                        {v1::STAGE_NAME_GENERATOR, Generate},
                                                                        {v1::STAGE_NAME_VERIFIER, Verify}};
  for (const auto& [stage, handle] : stages) {
    queue::RedisOptions redis;
    redis.url = redis_url;
    queue::ConsumerOptions options;
    options.stage = stage;
    options.name = absl::StrFormat("test-%d", stage);
    options.lease = absl::Seconds(3);
    options.renewal = absl::Seconds(1);
    options.reclaim = absl::Seconds(1);
    const auto handler = [handle = handle](std::shared_ptr<const v1::JobSpec>, queue::Delivery delivery) {
      handle(std::move(delivery));
    };
    auto consumer = queue::Consumer::Start(redis, options, &gate_, handler);
    EXPECT_TRUE(consumer.ok()) << consumer.status();
    consumers_.push_back(*std::move(consumer));
  }
}

FakeStages::~FakeStages() {
  for (auto& consumer : consumers_) consumer->Drain(absl::Seconds(1));
}

TemporaryFolder::TemporaryFolder() {
  char name[] = "/tmp/quern-test-XXXXXX";
  path_ = mkdtemp(name);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

PipelineHarness::PipelineHarness(std::vector<std::string> redis_arguments) : redis_(std::move(redis_arguments)) {
  signal(SIGPIPE, SIG_IGN);  // as service::Signals does in every process
  options_.redis.url = redis_.url();
  options_.data_dir = folder_.path();
  Start();
}

PipelineHarness::~PipelineHarness() { Stop(); }

void PipelineHarness::Start() {
  metrics_ = std::make_unique<service::Metrics>("quern-pipeline");
  pipeline_ = std::make_unique<Pipeline>(options_, StageChannels(), metrics_.get());
  auto server = service::Server::Start({}, pipeline_->Services(), metrics_.get());
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  ASSERT_TRUE(pipeline_->Start().ok());
  stub_ = v1::PipelineService::NewStub(server_->InProcessChannel());
}

void PipelineHarness::Stop() {
  if (pipeline_ == nullptr) return;
  pipeline_->Drain(absl::Seconds(10));
  server_->Drain(absl::Seconds(10));
  stub_.reset();
  server_.reset();
  pipeline_.reset();
  metrics_.reset();
}

std::vector<v1::IngestEntry> MakeEntries(uint64_t count) {
  std::vector<v1::IngestEntry> entries(count);
  for (uint64_t i = 1; i <= count; ++i) {
    entries[i - 1].set_position(i);
    entries[i - 1].mutable_document()->set_id(absl::StrFormat("d%d", i));
    entries[i - 1].mutable_document()->set_text(absl::StrFormat("A %s document, number %d.", KindOf(i), i));
  }
  return entries;
}

std::map<std::string, std::set<std::string>> ExpectedKeys(uint64_t count) {
  std::map<std::string, std::set<std::string>> keys = {{"records", {}}, {"rejections", {}}, {"dead-letters", {}}};
  for (uint64_t i = 1; i <= count; ++i) {
    const std::string id = absl::StrFormat("d%d", i);
    const std::string kind = KindOf(i);
    if (kind == "reject") {
      keys["rejections"].insert(id);
    } else if (kind == "die") {
      keys["dead-letters"].insert(id);
    } else {
      keys["records"].insert(id + "#0");
      keys[kind == "half" ? "rejections" : "records"].insert(id + "#1");
    }
  }
  return keys;
}

std::map<std::string, std::set<std::string>> KeysOf(const std::string& dataset) {
  std::map<std::string, std::set<std::string>> keys = {{"records", {}}, {"rejections", {}}, {"dead-letters", {}}};
  const auto manifest = dataset::LoadManifest(dataset);
  EXPECT_TRUE(manifest.ok()) << manifest.status();
  if (!manifest.ok()) return keys;
  for (const dataset::Shard& shard : manifest->shards) {
    auto reader = dataset::ShardReader::Open(dataset, shard);
    EXPECT_TRUE(reader.ok()) << reader.status();
    if (!reader.ok()) continue;
    const auto row = NewRow(shard.kind);
    const auto* id = row->GetDescriptor()->FindFieldByName("id");
    while (true) {
      const absl::StatusOr<bool> read = (*reader)->Next(row.get());
      EXPECT_TRUE(read.ok()) << read.status();
      if (!read.ok() || !*read) break;
      const std::string key = row->GetReflection()->GetString(*row, id);
      EXPECT_TRUE(keys[std::string(dataset::FolderOf(shard.kind))].insert(key).second) << key << " comes twice";
    }
  }
  return keys;
}

v1::JobSpec SmallSpec() {
  v1::JobSpec spec;
  spec.mutable_output()->mutable_max_shard_age()->set_nanos(200'000'000);
  return spec;
}

v1::Job CreateJob(v1::PipelineService::Stub& stub, const std::string& job_id, const v1::JobSpec& spec) {
  grpc::ClientContext context;
  SetDeadline(&context);
  v1::CreateJobRequest request;
  request.set_job_id(job_id);
  *request.mutable_spec() = spec;
  v1::Job job;
  const grpc::Status status = stub.CreateJob(&context, request, &job);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return job;
}

IngestOutcome IngestOnce(v1::PipelineService::Stub& stub, const std::string& job_id, const std::string& source,
                         const std::vector<v1::IngestEntry>& entries, size_t batch, uint64_t cancel_after) {
  grpc::ClientContext context;
  SetDeadline(&context);
  auto stream = stub.IngestDocuments(&context);
  IngestOutcome outcome;
  v1::IngestDocumentsRequest open;
  open.set_job("jobs/" + job_id);
  open.set_source(source);
  if (stream->Write(open) && stream->Read(&outcome.last)) {
    outcome.opened_at = outcome.last.accepted_position();
    auto next = std::find_if(entries.begin(), entries.end(),
                             [&](const v1::IngestEntry& entry) { return entry.position() > outcome.opened_at; });
    bool open_still = true;
    while (open_still && next != entries.end()) {
      v1::IngestDocumentsRequest request;
      for (; next != entries.end() && static_cast<size_t>(request.entries_size()) < batch; ++next) {
        *request.add_entries() = *next;
      }
      const uint64_t last = request.entries().rbegin()->position();
      open_still = stream->Write(request);
      while (open_still && outcome.last.accepted_position() < last) {
        open_still = stream->Read(&outcome.last);
        if (cancel_after > 0 && outcome.last.accepted_position() >= cancel_after) context.TryCancel();
      }
    }
    stream->WritesDone();
    v1::IngestDocumentsResponse response;
    while (stream->Read(&response)) outcome.last = response;
  }
  outcome.status = stream->Finish();
  return outcome;
}

void IngestAll(v1::PipelineService::Stub& stub, const std::string& job_id, const std::string& source,
               const std::vector<v1::IngestEntry>& entries, size_t batch) {
  const absl::Time give_up = absl::Now() + kPatience;
  while (true) {
    const IngestOutcome outcome = IngestOnce(stub, job_id, source, entries, batch);
    if (outcome.status.ok()) return;
    ASSERT_EQ(outcome.status.error_code(), grpc::StatusCode::UNAVAILABLE) << outcome.status.error_message();
    ASSERT_LT(absl::Now(), give_up) << outcome.status.error_message();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

void CloseInput(v1::PipelineService::Stub& stub, const std::string& job_id) {
  const absl::Time give_up = absl::Now() + kPatience;
  while (true) {
    grpc::ClientContext context;
    SetDeadline(&context);
    v1::CloseInputRequest request;
    request.set_name("jobs/" + job_id);
    v1::Job job;
    const grpc::Status status = stub.CloseInput(&context, request, &job);
    if (status.ok()) return;
    ASSERT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
    ASSERT_LT(absl::Now(), give_up) << status.error_message();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

v1::Job WaitForJob(v1::PipelineService::Stub& stub, const std::string& job_id,
                   const std::function<bool(const v1::Job&)>& done) {
  const absl::Time give_up = absl::Now() + kPatience;
  v1::Job job;
  while (absl::Now() < give_up) {
    grpc::ClientContext context;
    SetDeadline(&context);
    v1::GetJobRequest request;
    request.set_name("jobs/" + job_id);
    if (stub.GetJob(&context, request, &job).ok() && done(job)) return job;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ADD_FAILURE() << "waited too long for " << job_id << ": " << job.ShortDebugString();
  return job;
}

v1::Job WaitForState(v1::PipelineService::Stub& stub, const std::string& job_id, v1::JobState state) {
  return WaitForJob(stub, job_id, [state](const v1::Job& job) { return job.state() == state; });
}

std::string ReasonOf(const grpc::Status& status) { return ErrorReason(service::FromGrpcStatus(status)); }

}  // namespace quern::pipeline
