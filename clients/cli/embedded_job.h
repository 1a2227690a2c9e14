#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/console.h"
#include "clients/cli/embedded_system.h"
#include "clients/cli/progress_display.h"
#include "common/dataset/corpus.h"
#include "quern/v1/job.pb.h"

namespace quern::cli {

struct EmbeddedJobOptions {
  // The job's name.
  std::string job = "run";
  // Leads warnings: "quern run".
  std::string command;
  // Take only this many entries of the corpus.
  std::optional<uint64_t> limit;
  // Send the dead letters of an earlier run on their way again.
  bool redrive = false;
};

// Works a corpus off in this process: starts all services, creates the job, or finds and resumes the one of an earlier
// run, sends the corpus and follows the job until it has ended or is stuck. What is under way when the console is
// interrupted may finish. `embedded` needs not say how many items are under way. Errors of starting and of sending;
// CANCELLED when interrupted. Blocking.
absl::StatusOr<v1::Job> RunEmbeddedJob(EmbeddedOptions embedded, const v1::JobSpec& spec, const dataset::Corpus& corpus,
                                       const EmbeddedJobOptions& options, ProgressDisplay& display,
                                       const Console& console);

}  // namespace quern::cli
