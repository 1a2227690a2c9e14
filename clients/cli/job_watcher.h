#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cli/backoff.h"
#include "quern/v1/pipeline.pb.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace quern::cli {

struct WatchOptions {
  absl::Duration interval = absl::Seconds(1);
  BackoffOptions backoff;
};

// Follows a job until `done` says so of an update, or the job ended, and returns it as it was then. `update` is called
// with each message, on the calling thread; it may be empty. Lost streams are opened again. CANCELLED when `stop` is
// told. Blocking.
using WatchUpdate = std::function<void(const v1::WatchJobResponse&)>;
using WatchDone = std::function<bool(const v1::Job&)>;
absl::StatusOr<v1::Job> WatchJob(const std::shared_ptr<grpc::Channel>& channel, std::string_view job,
                                 const WatchOptions& options, const WatchUpdate& update, const WatchDone& done,
                                 std::stop_token stop);

// COMPLETED, CANCELLED or being deleted.
bool Ended(const v1::Job& job);

// Ended, or paused by the system, which needs a person: what `run` and `watch` wait for.
bool EndedOrStuck(const v1::Job& job);

}  // namespace quern::cli
