#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace quern::batch {

// Where a job stands, as far as its batches care.
enum class JobState {
  kRunning,
  // Nothing new is sent.
  kPaused,
  // Cancelled, ended or deleted: nothing is wanted any more.
  kOver,
};

// What is known of a batch.
struct Record {
  enum class Owner {
    // There is no such batch (any more): its calls belong to nobody.
    kNone,
    // This process is to send it, or to find out whether it was sent.
    kThis,
    // Another process is about to send it.
    kOther,
    // It was sent: `id` is the provider's.
    kSent,
  };

  Owner owner = Owner::kNone;
  std::string id;
};

// A batch of a job that was sent.
struct SentRecord {
  std::string token;
  std::string endpoint;
  std::string id;
};

// Where all processes keep which call is in which batch. A batch goes by Quern's own token for it. Errors: UNAVAILABLE,
// RESOURCE_EXHAUSTED (full): nothing is known to have changed, repeat it; every method may be repeated. Blocks for a
// round trip. Thread-compatible.
class Store {
 public:
  virtual ~Store() = default;

  virtual absl::StatusOr<JobState> StateOf(const std::string& job) = 0;

  // The token of each call's batch, "" where it has none.
  virtual absl::StatusOr<std::vector<std::string>> Find(const std::string& job,
                                                        const std::vector<std::string>& calls) = 0;

  // Makes a batch of this process and puts those of the calls into it that are in none. The token of each call's batch
  // after that. NOT_FOUND: the job is gone.
  virtual absl::StatusOr<std::vector<std::string>> Claim(const std::string& job, const std::string& token,
                                                         const std::string& endpoint,
                                                         const std::vector<std::string>& calls) = 0;

  // The store's time, for IsDurable, and whether all that was claimed before that time survives a crash of the machine.
  virtual absl::StatusOr<int64_t> Now() = 0;
  virtual absl::StatusOr<bool> IsDurable(int64_t before) = 0;

  // Who has the batch. Renews this process's hold on it, and takes it from a process that is dead.
  virtual absl::StatusOr<Record> Hold(const std::string& job, const std::string& token) = 0;

  // The batch was sent.
  virtual absl::Status SetSent(const std::string& job, const std::string& token, const std::string& id) = 0;

  // Calls of the batch that were answered (for each: whether it had been told so before), and calls that have to be
  // asked again.
  virtual absl::StatusOr<std::vector<bool>> Settle(const std::string& job, const std::string& token,
                                                   const std::vector<std::string>& answered,
                                                   const std::vector<std::string>& unanswered) = 0;

  // The batch is no more: all its calls are in none.
  virtual absl::Status Drop(const std::string& job, const std::string& token) = 0;

  virtual absl::StatusOr<std::vector<SentRecord>> Sent(const std::string& job) = 0;
};

}  // namespace quern::batch
