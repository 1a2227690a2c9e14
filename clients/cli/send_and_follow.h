#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cli/progress_display.h"
#include "clients/cli/submission.h"
#include "common/dataset/corpus.h"
#include "quern/v1/job.pb.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace quern::cli {

struct SendAndFollowOptions {
  SubmissionOptions submission;
  // Leads warnings: "quern run".
  std::string command;
  // Follow the job until it has ended or is stuck; else only until everything is sent.
  bool to_the_end = true;
  // A job that is paused for a reason ends it at once. False: such a job still takes documents, and ends it when all
  // are sent or it has taken none for ten seconds.
  bool pause_ends = true;
  absl::Duration interval = absl::Seconds(1);
};

// Sends a corpus into a job, as SubmitCorpus does, while it shows the job's progress. Returns the job as it was last
// seen; its input is closed if everything was sent. Errors of sending; CANCELLED when told to stop. Blocking.
absl::StatusOr<v1::Job> SendAndFollow(const std::shared_ptr<grpc::Channel>& channel, const v1::Job& job,
                                      const dataset::Corpus& corpus, const SendAndFollowOptions& options,
                                      ProgressDisplay& display, std::stop_token stop);

}  // namespace quern::cli
