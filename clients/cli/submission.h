#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/backoff.h"
#include "common/dataset/corpus.h"
#include "quern/v1/job.pb.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace quern::cli {

// How far the reading of a corpus is.
struct InputProgress {
  uint64_t bytes_read = 0;
  uint64_t bytes = 0;
  size_t sources_sent = 0;
  size_t sources = 0;
  // Everything is sent and durable, and the input closed.
  bool closed = false;
};

struct SubmissionOptions {
  // Take only this many entries of the corpus, in its order.
  std::optional<uint64_t> limit;
  // Look even where the job's input is closed whether it holds the whole corpus: INPUT_CLOSED or JOB_ENDED when not.
  bool even_when_closed = false;
  BackoffOptions backoff;
};

// Sends a corpus into the job of `channel`'s server and closes its input, when all of it survives a crash of Redis:
// until then the sources are where lost documents come from. Repeating it after any interruption goes on where the job
// stands. `progress` is called on the calling thread; warnings of the readers go to `warn`. CANCELLED when told to
// stop. Blocking.
absl::Status SubmitCorpus(const std::shared_ptr<grpc::Channel>& channel, const v1::Job& job,
                          const dataset::Corpus& corpus, const SubmissionOptions& options,
                          const std::function<void(const InputProgress&)>& progress,
                          const std::function<void(const std::string&)>& warn, std::stop_token stop);

}  // namespace quern::cli
