#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/dataset/manifest.h"
#include "common/queue/consumer.h"
#include "common/queue/suspect_gate.h"
#include "common/service/metrics.h"
#include "common/service/server.h"
#include "quern/v1/pipeline.grpc.pb.h"
#include "services/pipeline/pipeline.h"
#include "tests/support/redis_server.h"

namespace quern::pipeline {

// The four stages in this process, without any rules of their own. A document's text decides: with "reject" the filter
// turns it away, with "die" it gives it up; others become two items, of which the second is turned away by the verifier
// where the text has "half". Thread-compatible.
class FakeStages {
 public:
  explicit FakeStages(const std::string& redis_url);
  ~FakeStages();

 private:
  queue::SuspectGate gate_;
  std::vector<std::unique_ptr<queue::Consumer>> consumers_;
};

// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A pipeline in this process: a real Redis, the service behind an in-process channel, a data folder.
class PipelineHarness {
 public:
  // `redis_arguments` as for RedisServer. With `always` results are durable at once, which spares tests the 3 s.
  explicit PipelineHarness(std::vector<std::string> redis_arguments = {"--appendfsync", "always"});
  ~PipelineHarness();

  // Stops the pipeline, or builds it anew over the same Redis and folder.
  void Stop();
  void Start();

  v1::PipelineService::Stub& stub() { return *stub_; }
  testing::RedisServer& redis() { return redis_; }
  std::string dataset(const std::string& job_id) const { return folder_.path() + "/" + job_id; }
  const PipelineOptions& options() const { return options_; }

 private:
  testing::RedisServer redis_;
  TemporaryFolder folder_;
  PipelineOptions options_;
  std::unique_ptr<service::Metrics> metrics_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<service::Server> server_;
  std::unique_ptr<v1::PipelineService::Stub> stub_;
};

// Documents "d1" to "d{count}" in positions 1 to count: of every ten, one is rejected, one dies, one loses its second
// item.
std::vector<v1::IngestEntry> MakeEntries(uint64_t count);

// The rows that MakeEntries(count) must end as: keys by folder name.
std::map<std::string, std::set<std::string>> ExpectedKeys(uint64_t count);

// The keys of a dataset's rows by folder name. Fails the test when one comes twice.
std::map<std::string, std::set<std::string>> KeysOf(const std::string& dataset);

// A small job: shards that close early.
v1::JobSpec SmallSpec();

// Creates a job and requires that it works.
v1::Job CreateJob(v1::PipelineService::Stub& stub, const std::string& job_id, const v1::JobSpec& spec);

// Sends `entries` as one source, opening again and again until all are accepted, as a client must. `batch` entries go
// into a message.
void IngestAll(v1::PipelineService::Stub& stub, const std::string& job_id, const std::string& source,
               const std::vector<v1::IngestEntry>& entries, size_t batch = 50);

// Sends once and returns the status and the last response. Cancels the call once `cancel_after` is accepted (0: never).
struct IngestOutcome {
  grpc::Status status;
  uint64_t opened_at = 0;
  v1::IngestDocumentsResponse last;
};
IngestOutcome IngestOnce(v1::PipelineService::Stub& stub, const std::string& job_id, const std::string& source,
                         const std::vector<v1::IngestEntry>& entries, size_t batch = 50, uint64_t cancel_after = 0);

// Closes the input, retrying while the service is away.
void CloseInput(v1::PipelineService::Stub& stub, const std::string& job_id);

// Waits until `done` says so of the job; fails the test after a minute. Returns the job.
v1::Job WaitForJob(v1::PipelineService::Stub& stub, const std::string& job_id,
                   const std::function<bool(const v1::Job&)>& done);
v1::Job WaitForState(v1::PipelineService::Stub& stub, const std::string& job_id, v1::JobState state);

// The stable reason in a call's error.
std::string ReasonOf(const grpc::Status& status);

}  // namespace quern::pipeline
