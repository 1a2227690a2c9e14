#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/dataset/corpus.h"
#include "quern/v1/job.pb.h"

namespace quern::cli {

// What `quern run` keeps in its output folder about itself, in run.json, so that the same command resumes and another
// one is refused.
struct RunState {
  std::string job_id;
  // Hash of the resolved spec.
  std::string spec_hash;
  // Redis' URL without its password; empty for a private one.
  std::string redis;
  // Name and size of each source, in order.
  std::vector<std::pair<std::string, uint64_t>> sources;
  std::optional<uint64_t> limit;
  // The job as the command left it, ended or paused; nothing while the command is at work or when it was killed.
  std::optional<v1::Job> left;
};

RunState MakeRunState(const std::string& job_id, const std::string& spec_hash, const std::string& redis,
                      const dataset::Corpus& corpus, std::optional<uint64_t> limit);

// Reads `dir`/run.json; nothing when there is none. DATA_LOSS: it is ill-formed. FAILED_PRECONDITION, reason OTHER_JOB:
// there is none, but the folder holds something else.
absl::StatusOr<std::optional<RunState>> ReadRunState(const std::string& dir);

// Writes it so that it is there in full or not at all. Reasons DISK_FULL and DISK_FAILED.
absl::Status WriteRunState(const std::string& dir, const RunState& state);

// OK when `wanted`, a run with the resolved `spec`, continues what `found` began in `dir`; FAILED_PRECONDITION, reason
// OTHER_JOB, says what differs and what to do.
absl::Status CheckSameRun(const RunState& found, const RunState& wanted, const v1::JobSpec& spec,
                          const std::string& dir);

}  // namespace quern::cli
