#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "clients/cli/ratio_estimate.h"
#include "clients/cli/usage_by_document.h"
#include "quern/v1/job.pb.h"

namespace quern::cli {

// What became of a sample.
struct SampleOutcome {
  // The documents' ids, in the frame's order.
  std::vector<std::string> documents;
  SampleFrame frame;
  std::map<std::string, UsageByDocument::Usages> usages;
  // By the document's id.
  std::map<std::string, uint64_t> records;
  // Documents and items that became dead letters.
  uint64_t dead = 0;
  absl::Duration lasted;
};

// How long a job takes, and what holds it back.
struct TimeEstimate {
  Interval seconds;
  // For people: "small answers 64 calls at once, each in 1.2s".
  std::string limit;
};

// What a job takes for a whole corpus, when no reply is taken from a cache.
struct Estimation {
  // By the stage's label, in the order of the stages.
  std::vector<std::pair<std::string, Interval>> calls;
  Interval all_calls;
  Interval input_tokens;
  Interval cached_tokens;
  Interval output_tokens;
  Interval records;
  Interval cost;
  // Nullopt: no call was made whose time could be taken, or a model answers in batches.
  std::optional<TimeEstimate> time;
  // Some model that was asked has no price: `cost` is not the whole cost.
  bool prices_missing = false;
};

// Pure. `spec` is resolved. The time is that of the models at the job's limits, as they answered during the sample, and
// one document's way through the stages; what rules take on this machine is not in it.
Estimation EstimateJob(const v1::JobSpec& spec, const SampleOutcome& sample);

}  // namespace quern::cli
