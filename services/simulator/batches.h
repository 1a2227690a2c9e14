#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/simulator/batch_options.h"
#include "services/simulator/reply.h"

namespace quern::simulator {

// OpenAI's files and batches, kept in memory. A batch's calls are worked off, and witnessed, when it is created, for
// that is when they begin to cost; their replies are to be had once its time is over. Thread-safe.
class Batches {
 public:
  // The reply to one call's body.
  using WorkOff = std::function<Reply(std::string body)>;

  Batches(BatchOptions options, WorkOff work_off);

  // Nullopt: the path is no business of files or batches.
  std::optional<Reply> Handle(std::string_view method, std::string_view target, std::string_view body);

 private:
  struct Batch {
    std::string id;
    std::string input_file;
    // JSON.
    std::string metadata;
    absl::Time created;
    absl::Time ends;
    // The status at its end, and since when it is cancelled.
    std::string end;
    std::optional<absl::Time> cancelled;
    std::string output_file;
    std::string error_file;
    std::string error_code;
    size_t calls = 0;
  };
  // What a batch's calls came to.
  struct Files {
    std::string output;
    std::string errors;
  };

  Reply Upload(std::string_view body);
  Reply Content(const std::string& file);
  Reply Create(std::string_view body);
  Reply List(std::string_view query);
  Reply Look(const std::string& id);
  Reply Cancel(const std::string& id);

  // `calls` are lines of JSON.
  Files Answer(const std::vector<std::string>& calls, bool half) const;
  // Whether the next batch or upload meets the fault.
  bool Meets(BatchFault fault) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string AddFile(std::string content) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string JsonOf(const Batch& batch, absl::Time now) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const absl::Duration time_;
  const WorkOff work_off_;
  absl::Mutex mutex_;
  std::map<BatchFault, uint64_t> faults_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::string> files_ ABSL_GUARDED_BY(mutex_);
  // In the order of their creation.
  std::vector<Batch> batches_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quern::simulator
