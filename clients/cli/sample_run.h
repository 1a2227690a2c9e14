#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/console.h"
#include "clients/cli/progress_display.h"
#include "clients/cli/usage_by_document.h"
#include "common/llm/reply_cache.h"
#include "quern/v1/job.pb.h"

namespace quern::cli {

// How a sample's documents ended.
struct SampleRun {
  v1::Job job;
  // By the document's id.
  std::map<std::string, uint64_t> records;
};

// Works a sample off as `quern run` would, in `folder`, which is the caller's and is left with what a run leaves.
// `usage`, which the caller keeps, is told of every call, also of those before an error. Errors of RunEmbeddedJob.
// Blocking.
absl::StatusOr<SampleRun> RunSample(const v1::JobSpec& spec, const std::vector<v1::Document>& documents,
                                    const std::string& folder, std::shared_ptr<llm::ReplyCache> replies,
                                    UsageByDocument* usage, ProgressDisplay& display, const Console& console);

}  // namespace quern::cli
