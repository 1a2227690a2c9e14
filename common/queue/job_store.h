#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/queue/redis.h"
#include "quern/v1/job.pb.h"

namespace quern::queue {

// Jobs in Redis: their specs, states and counts. Job ids come without "jobs/". Errors besides those of Redis are named
// at each method; reasons: NO_SUCH_JOB, JOB_EXISTS, JOB_ENDED. Thread-compatible; owns one connection.
class JobStore {
 public:
  explicit JobStore(RedisOptions redis);

  // Stores a job with its lanes in state RUNNING. The same id and spec again, whatever its budget: returns the job that
  // exists.
  // ALREADY_EXISTS: the id stands for another spec.
  absl::StatusOr<v1::Job> Create(const std::string& job_id, const v1::JobSpec& spec, std::string_view dataset_path);

  // The job with its counts, read at one instant per lane. NOT_FOUND.
  absl::StatusOr<v1::Job> Get(const std::string& job_id);

  // Up to `limit` jobs with ids greater than `after`, by id, with counts.
  absl::StatusOr<std::vector<v1::Job>> List(std::string_view after, size_t limit);

  // Ids of the jobs that are RUNNING, PAUSED or CANCELLING, unsorted.
  absl::StatusOr<std::vector<std::string>> Active();

  // Moves the job to `state` in every lane. NOT_FOUND; FAILED_PRECONDITION when the present state does not allow it.
  // Repeating it is OK.
  absl::Status SetState(const std::string& job_id, v1::JobState state, std::string_view reason);

  // Caps that hold from now on. NOT_FOUND.
  absl::Status SetBudget(const std::string& job_id, const v1::BudgetSpec& budget);

  // The job has the records that it wanted: closes its input, and cancels what is in flight; then it is COMPLETED.
  // Leaves a job alone whose dead letters somebody has redriven since. NOT_FOUND; FAILED_PRECONDITION when it has
  // ended. Repeating it is OK, also after an interruption.
  absl::Status ReachTarget(const std::string& job_id, std::string_view reason);

  // No more input will come. NOT_FOUND. Repeating it is OK.
  absl::Status CloseInput(const std::string& job_id);

  // If input is closed and nothing is in flight: RUNNING becomes COMPLETED; CANCELLING with nothing in flight becomes
  // CANCELLED. Returns the state after that. Decided atomically per lane. The sink calls it after each commit and
  // whenever it finds nothing to read (an empty job, one resumed with nothing left).
  absl::StatusOr<v1::JobState> TryFinish(const std::string& job_id);

  // Makes now the time at which the job ended: TryFinish sets it when the last item has ended, which is before the
  // dataset is final.
  absl::Status SetFinishedNow(const std::string& job_id);

  // Removes every key of the job. A job that is gone is OK.
  absl::Status Delete(const std::string& job_id);

 private:
  // From the stored spec. NOT_FOUND.
  absl::StatusOr<v1::JobSpec> Spec(const std::string& job_id);
  absl::StatusOr<uint32_t> Lanes(const std::string& job_id);
  absl::StatusOr<v1::JobState> CombinedState(const std::string& job_id, uint32_t lanes);
  absl::Status MoveLanes(const std::string& job_id, uint32_t lanes, v1::JobState state);
  // Sets "closed" or "target" in every lane. NOT_FOUND.
  absl::Status MarkLanes(const std::string& job_id, std::string_view field);
  // Redis' time in milliseconds.
  absl::StatusOr<std::string> NowMs();
  // Takes an ended job from the active set.
  absl::Status Retire(const std::string& job_id, uint32_t lanes);

  Redis redis_;
};

}  // namespace quern::queue
