#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/queue/consumer.h"
#include "common/queue/ingest.h"
#include "common/queue/job_store.h"
#include "common/queue/suspect_gate.h"

namespace quern::testing {

// What a test's worker does with a delivery. Called on a consumer's thread.
using Work = std::function<void(v1::StageName stage, queue::Delivery delivery)>;

// Sends every item on; the persona stage makes `fan_out` of each document.
Work Advancing(int fan_out);

// Options of a consumer whose lease is short enough for a test: 600 ms, renewed every 150 ms.
queue::ConsumerOptions QuickOptions(v1::StageName stage, const std::string& name);

// The four stages' consumers, as one process has them.
class Workers {
 public:
  Workers(const std::string& url, const std::string& name, Work work,
          std::function<void(queue::ConsumerOptions&)> adjust = {});

  void Drain(absl::Duration grace);
  // Sum over the stages.
  queue::ConsumerStats stats() const;
  queue::Consumer& stage(v1::StageName stage) { return *consumers_[stage - v1::STAGE_NAME_FILTER]; }

 private:
  queue::SuspectGate gate_;
  std::vector<std::unique_ptr<queue::Consumer>> consumers_;
};

queue::RedisOptions At(const std::string& url);

// Documents "d{first}" to "d{first + count - 1}" at positions equal to their numbers.
std::vector<v1::IngestEntry> Documents(uint64_t first, uint64_t count);

// Fails the test when an equation of the job's counts does not hold.
void ExpectReconciles(const v1::Job& job);

}  // namespace quern::testing
